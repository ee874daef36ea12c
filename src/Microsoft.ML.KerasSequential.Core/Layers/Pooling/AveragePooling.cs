using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The mean of the places of each window that lie inside (the base of Keras' <c>AveragePooling1D</c>, <c>AveragePooling2D</c>, <c>AveragePooling3D</c>).</summary>
public abstract class AveragePooling : Pooling
{
    private protected AveragePooling(int rank, Sizes? poolSize, Sizes? strides, string padding, string? dataFormat, LayerOptions options)
        : base(rank, poolSize, strides, padding, dataFormat, options)
    {
    }

    private protected override float Fill => 0;

    internal override Tensor Pool(Tensor patches, int axis, Window[] windows, int[] sizes)
    {
        if (windows.All(w => w.Before == 0 && w.After == 0)) return K.Mean(patches, axis);
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
        return K.Sum(patches, axis) / K.Constant(inside);
    }
}
