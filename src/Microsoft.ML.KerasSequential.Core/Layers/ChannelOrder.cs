namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Layers with spatial dimensions compute with channels last; channels-first inputs are transposed before and after.
/// </summary>
internal static class ChannelOrder
{
    public static Tensor ToLast(Tensor x, bool channelsFirst) =>
        channelsFirst ? K.PermuteDimensions(x, [0, .. Enumerable.Range(2, x.Rank - 2), 1]) : x;

    public static Tensor FromLast(Tensor y, bool channelsFirst) =>
        channelsFirst ? K.PermuteDimensions(y, [0, y.Rank - 1, .. Enumerable.Range(1, y.Rank - 2)]) : y;
}
