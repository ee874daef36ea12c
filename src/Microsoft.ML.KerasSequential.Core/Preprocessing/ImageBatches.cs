namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Provides batches of images that a generator transforms.</summary>
internal sealed class ImageBatches(ImageDataGenerator generator, NDArray images, NDArray? targets, NDArray? weights,
    EpochOrder order, SavedImages? saved) : BatchSequence
{
    public override int Count => order.Batches;

    public override Batch this[int index]
    {
        get
        {
            int[] rows = order.Samples(index);
            var x = new NDArray([rows.Length, .. images.Shape[1..]]);
            int size = images.RowSize;
            for (int i = 0; i < rows.Length; i++)
            {
                var image = new NDArray(images.Span.Slice(rows[i] * size, size).ToArray(), images.Shape[1..].ToArray());
                NDArray changed = generator.Changed(image, order.RandomOf(rows[i]));
                changed.Span.CopyTo(x.Span[(i * size)..]);
                saved?.Save(changed, rows[i]);
            }
            x = generator.FromChannelsLast(x);
            return targets is null ? new Batch(x)
                : new Batch(x, Pick(targets, rows), weights is null ? null : Pick(weights, rows));
        }
    }

    public override void OnEpochEnd() => order.NextEpoch();

    static NDArray Pick(NDArray array, int[] rows)
    {
        var result = new NDArray([rows.Length, .. array.Shape[1..]]);
        int size = array.RowSize;
        for (int i = 0; i < rows.Length; i++) array.Span.Slice(rows[i] * size, size).CopyTo(result.Span[(i * size)..]);
        return result;
    }
}
