using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A fused expression over rows and columns, interpreted tile by tile.</summary>
internal sealed unsafe class SpanLoop(
    SpanProgram program, int streams, int[] sizes, Operand[] inputs, Operand[] outputs)
    : ElementwiseLoop(sizes, inputs, outputs)
{
    [SkipLocalsInit]
    public override void Run(int row, int rowEnd, int column, int columnEnd)
    {
        TileRows* places = stackalloc TileRows[program.Places];
        float* memory = stackalloc float[program.Floats];
        for (int r = row, together; r < rowEnd; r += together)
        {
            together = RowsTogether(r, rowEnd);
            for (int c = column, width; c < columnEnd; c += width)
            {
                width = Math.Min(SpanProgram.Tile, columnEnd - c);
                program.Lay(places, memory, width);
                int rows = SpanProgram.RowsOf(width);
                for (int done = 0; done < together; done += rows)
                    Tile(places, memory, r, done, Math.Min(rows, together - done), c, width);
            }
        }
    }

    /// <summary>Processes some of the equally spaced rows from <paramref name="row"/> on.</summary>
    void Tile(TileRows* places, float* memory, int row, int done, int rows, int column, int columns)
    {
        for (int i = 0; i < Inputs.Length; i++)
        {
            nint step = RowStep(Inputs[i]);
            float* first = At(Inputs[i], row, i < streams ? column : 0) + done * step;
            program.Read(places, memory, i, new(first, step), rows, columns);
        }
        for (int i = 0; i < Outputs.Length; i++)
        {
            nint step = RowStep(Outputs[i]);
            program.Write(places, i, new(At(Outputs[i], row, column) + done * step, step));
        }
        program.Run(places, rows, columns);
    }
}
