using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The mean of each window, without its padding (the base class of Keras' <c>AveragePooling1D</c>,
/// <c>AveragePooling2D</c>, <c>AveragePooling3D</c>).
/// </summary>
public abstract class AveragePooling : Pooling
{
    private protected AveragePooling(int rank, Sizes? poolSize, Sizes? strides, string padding, string? dataFormat,
        LayerOptions options)
        : base(rank, poolSize, strides, padding, dataFormat, options)
    {
    }

    internal override Tensor Pool(Tensor x, Windows windows) => Means(x, windows);

    /// <summary>The means of the windows of (batch, …spatial, channels).</summary>
    internal static Tensor Means(Tensor x, Windows windows)
    {
        Window[] all = [.. windows.Values];
        int[] sizes = Windows.Lengths(x);
        var patches = new Tensor(new Patches(windows, 0), x);
        // The windows' elements side by side: (batch, …positions, window elements, channels).
        Tensor side = new(new Ops.Reshape(new Graphs.Dims(
            [.. patches.Dims.Take(all.Length + 1), all.Aggregate(1, (size, w) => size * w.Size), x.Dims.Last])),
            patches);
        int axis = all.Length + 1;
        Tensor y = all.All(w => w.Before == 0 && w.After == 0) ? K.Mean(side, axis)
            : K.Sum(side, axis) / K.Constant(Inside(all, sizes));
        return y.Called(new AveragePool(windows), x);
    }

    /// <summary>The number of elements of each window inside the edges.</summary>
    static NDArray Inside(Window[] windows, int[] sizes)
    {
        var inside = new NDArray([.. windows.Select((w, i) => w.Positions(sizes[i])), 1]);
        for (int i = 0; i < inside.Size; i++)
        {
            int count = 1, rest = i;
            for (int d = windows.Length - 1; d >= 0; d--)
            {
                int start = rest % inside.Shape[d] * windows[d].Stride - windows[d].Before;
                count *= Math.Min(start + windows[d].Size, sizes[d]) - Math.Max(start, 0);
                rest /= inside.Shape[d];
            }
            inside.Span[i] = count;
        }
        return inside;
    }
}
