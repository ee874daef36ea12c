using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Batches of images that a generator changes. What is drawn depends on seed, epoch and image alone, so that any number of threads makes the same batches.</summary>
internal sealed class ImageBatches : BatchSequence
{
    readonly ImageDataGenerator _generator;
    readonly NDArray _images;
    readonly NDArray? _targets, _weights;
    readonly int _batchSize;
    readonly bool _shuffle;
    readonly ulong _seed;
    readonly int[] _order;
    ulong _epoch;

    public ImageBatches(ImageDataGenerator generator, NDArray images, NDArray? targets, NDArray? weights, int batchSize, bool shuffle, ulong seed)
    {
        (_generator, _images, _targets, _weights, _batchSize, _shuffle, _seed) = (generator, images, targets, weights, batchSize, shuffle, seed);
        _order = [.. Enumerable.Range(0, images.Rows)];
        Reorder();
    }

    public override int Count => Graphs.Counts.Batches(_order.Length, _batchSize);

    public override Batch this[int index]
    {
        get
        {
            if (index < 0 || index >= Count) throw new ArgumentOutOfRangeException(nameof(index), $"There are {Count} batches; given {index}.");
            int start = index * _batchSize;
            int[] rows = _order.AsSpan(start, Math.Min(_batchSize, _order.Length - start)).ToArray();
            var x = new NDArray([rows.Length, .. _images.Shape[1..]]);
            int size = _images.RowSize;
            for (int i = 0; i < rows.Length; i++)
            {
                var image = new NDArray(_images.Span.Slice(rows[i] * size, size).ToArray(), _images.Shape[1..].ToArray());
                _generator.Changed(image, new RandomSource(SplitMix.Mix(_seed + _epoch) + (ulong)rows[i])).Span.CopyTo(x.Span[(i * size)..]);
            }
            x = _generator.FromChannelsLast(x);
            return _targets is null ? new Batch(x) : new Batch(x, Pick(_targets, rows), _weights is null ? null : Pick(_weights, rows));
        }
    }

    public override void OnEpochEnd()
    {
        _epoch++;
        Reorder();
    }

    void Reorder()
    {
        if (_shuffle) new RandomSource(SplitMix.Mix(_seed + 0x9E37 + _epoch)).Shuffle(_order);
    }

    static NDArray Pick(NDArray array, int[] rows)
    {
        var result = new NDArray([rows.Length, .. array.Shape[1..]]);
        int size = array.RowSize;
        for (int i = 0; i < rows.Length; i++) array.Span.Slice(rows[i] * size, size).CopyTo(result.Span[(i * size)..]);
        return result;
    }
}
