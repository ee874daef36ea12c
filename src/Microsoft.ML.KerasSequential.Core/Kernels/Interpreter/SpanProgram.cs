using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A fused expression that is interpreted, where no types can be made at run time: its steps go one after the other
/// over a tile that stays in the first cache, each in one loop over registers. Values, and their order in sums, are
/// those of the compiled loop, bit for bit.
/// </summary>
/// <remarks>
/// Values have places: the inputs, the outputs, the numbers in the expression, then what is computed on the way.
/// </remarks>
internal sealed unsafe class SpanProgram
{
    /// <summary>Values of a tile: a multiple of every register's width.</summary>
    public const int Tile = 512;

    readonly SpanStep[] _steps;
    readonly float[][] _numbers;
    readonly int _inputs, _streams, _outputs, _buffers;

    /// <param name="inputs">How many values are read from memory.</param>
    /// <param name="streams">How many of them run along a row, the first ones; the others have one value a row.</param>
    /// <param name="outputs">How many values are written to memory.</param>
    /// <param name="numbers">The numbers in the expression.</param>
    /// <param name="buffers">How many tiles the steps need for what they compute on the way.</param>
    /// <param name="steps">The steps in their order.</param>
    public SpanProgram(
        int inputs, int streams, int outputs, IReadOnlyList<float> numbers, int buffers, SpanStep[] steps)
    {
        (_inputs, _streams, _outputs, _buffers, _steps) = (inputs, streams, outputs, buffers, steps);
        _numbers = [.. numbers.Select(Splat)];
    }

    /// <summary>How many places there are.</summary>
    public int Places => _inputs + _outputs + _numbers.Length + _buffers;

    /// <summary>How many values of memory a run needs: a tile for each thing computed or repeated.</summary>
    public int Floats => (_buffers + _inputs - _streams) * Tile;

    public int Steps => _steps.Length;

    /// <summary>How many rows of a length are one tile.</summary>
    public static int RowsOf(int columns) => Math.Max(1, Tile / columns);

    /// <summary>Says where numbers and buffers are for rows of a length.</summary>
    public void Lay(TileRows* places, float* memory, int columns)
    {
        TileRows* place = places + _inputs + _outputs;
        foreach (float[] number in _numbers)
            *place++ = new((float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(number)), 0);
        for (int i = 0; i < _buffers; i++) *place++ = new(memory + i * Tile, columns);
    }

    /// <summary>Says where an input is; one that has one value a row is repeated along it.</summary>
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

    /// <summary>Says where an output goes.</summary>
    public void Write(TileRows* places, int output, TileRows rows) => places[_inputs + output] = rows;

    /// <summary>Computes some rows, of a tile at most.</summary>
    public void Run(TileRows* places, int rows, int columns)
    {
        foreach (SpanStep step in _steps) step.Pass.Run(places, step, rows, columns);
    }

    /// <summary>A number as often as a row may need it, where it is never moved.</summary>
    static float[] Splat(float number)
    {
        float[] tile = GC.AllocateUninitializedArray<float>(Tile, pinned: true);
        tile.AsSpan().Fill(number);
        return tile;
    }
}
