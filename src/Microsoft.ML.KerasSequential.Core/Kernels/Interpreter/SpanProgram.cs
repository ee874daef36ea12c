using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A fused expression that is interpreted where no types can be created at run time: its steps run one after another
/// over a tile that stays in the L1 cache, each in one vectorized loop. Values, and their order in sums, equal the
/// compiled loop's, bit for bit.
/// </summary>
/// <remarks>
/// Values have slots: the inputs, the outputs, the constants in the expression, then intermediate results.
/// </remarks>
internal sealed unsafe class SpanProgram
{
    /// <summary>Values in a tile: a multiple of every register width.</summary>
    public const int Tile = 512;

    readonly SpanStep[] _steps;
    readonly float[][] _numbers;
    readonly int _inputs, _streams, _outputs, _buffers;

    /// <param name="inputs">The number of operands read from memory.</param>
    /// <param name="streams">
    /// The number of inputs that run along a row; they come first. The others have one value per row.
    /// </param>
    /// <param name="outputs">The number of results written to memory.</param>
    /// <param name="numbers">The constants in the expression.</param>
    /// <param name="buffers">The number of tiles the steps need for intermediate results.</param>
    /// <param name="steps">The steps, in order.</param>
    public SpanProgram(
        int inputs, int streams, int outputs, IReadOnlyList<float> numbers, int buffers, SpanStep[] steps)
    {
        (_inputs, _streams, _outputs, _buffers, _steps) = (inputs, streams, outputs, buffers, steps);
        _numbers = [.. numbers.Select(Splat)];
    }

    /// <summary>The number of slots.</summary>
    public int Places => _inputs + _outputs + _numbers.Length + _buffers;

    /// <summary>
    /// The number of values of memory that a run needs: a tile for each computed or repeated operand.
    /// </summary>
    public int Floats => (_buffers + _inputs - _streams) * Tile;

    public int Steps => _steps.Length;

    /// <summary>The number of rows of a length in one tile.</summary>
    public static int RowsOf(int columns) => Math.Max(1, Tile / columns);

    /// <summary>Sets the location of constants and buffers for rows of a length.</summary>
    public void Lay(TileRows* places, float* memory, int columns)
    {
        TileRows* place = places + _inputs + _outputs;
        foreach (float[] number in _numbers)
            *place++ = new((float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(number)), 0);
        for (int i = 0; i < _buffers; i++) *place++ = new(memory + i * Tile, columns);
    }

    /// <summary>Sets the location of an input; one with one value per row is repeated along it.</summary>
    public void Read(TileRows* places, float* memory, int input, TileRows rows, int count, int columns)
    {
        if (input < _streams)
        {
            places[input] = rows;
            return;
        }
        float* buffer = memory + (_buffers + input - _streams) * Tile;
        int different = rows.Step == 0 ? 1 : count;
        for (int row = 0; row < different; row++)
            new Span<float>(buffer + row * columns, columns).Fill(rows.Pointer[row * rows.Step]);
        places[input] = new(buffer, rows.Step == 0 ? 0 : columns);
    }

    /// <summary>Sets the location of an output.</summary>
    public void Write(TileRows* places, int output, TileRows rows) => places[_inputs + output] = rows;

    /// <summary>Computes some rows, at most a tile.</summary>
    public void Run(TileRows* places, int rows, int columns)
    {
        foreach (SpanStep step in _steps) step.Pass.Run(places, step, rows, columns);
    }

    /// <summary>A constant, repeated as often as a row may need it, at a fixed location.</summary>
    static float[] Splat(float number)
    {
        float[] tile = GC.AllocateUninitializedArray<float>(Tile, pinned: true);
        tile.AsSpan().Fill(number);
        return tile;
    }
}
