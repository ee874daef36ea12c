namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The axes over which a layer normalizes each sample.</summary>
internal static class NormalizedAxes
{
    /// <summary>The axes in order, counted from the first.</summary>
    /// <exception cref="ArgumentException">An axis is the batch, occurs twice, or does not exist.</exception>
    public static int[] Of(IReadOnlyList<int> axis, int rank, string layer)
    {
        int[] axes = [.. axis.Select(a => a < 0 ? a + rank : a).Order()];
        return axes.Length > 0 && axes[0] >= 1 && axes[^1] < rank && axes.Distinct().Count() == axes.Length ? axes
            : throw new ArgumentException($"Layer {layer} normalizes over axes {string.Join(", ", axis)}: one of " +
                $"them is the batch, or an input of rank {rank} does not have it.");
    }

    /// <summary>The sizes of the axes, which must be known.</summary>
    public static int[] SizesOf(int[] axes, Shape inputShape, string layer) =>
        [.. axes.Select(axis => inputShape[axis]
            ?? throw new ArgumentException($"Axis {axis} of the input of layer {layer} should have a defined size; " +
                $"the input has shape {inputShape}.", nameof(inputShape)))];

    /// <summary>Reshapes a weight with the sizes of the axes so that it broadcasts along them.</summary>
    public static Tensor Along(Tensor weight, int[] axes, Tensor x) =>
        K.Reshape(weight, [.. Enumerable.Range(axes[0], x.Rank - axes[0])
            .Select(i => axes.Contains(i) ? x.Shape[i]!.Value : 1)]);
}
