using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Adapts a network's first layer to the rows that it is trained on (Keras <c>adapt</c>), unless it has a
/// state already.</summary>
/// <param name="view">The rows.</param>
/// <param name="names">The feature columns.</param>
/// <param name="inputShape">The shape of a sample from the options, or null.</param>
/// <param name="heldBack">The fraction of the rows, from the end, that are for validation only.</param>
/// <param name="token">Cancels reading.</param>
internal sealed class Adapting(IDataView view, IReadOnlyList<string> names, int[]? inputShape, double heldBack,
    CancellationToken token)
{
    const int BatchRows = 1024;

    /// <summary>Adapts a layer, or the first layer in it.</summary>
    /// <exception cref="ArgumentException">The columns do not match the layer, or it cannot adapt to them.</exception>
    public void Adapt(Layer first)
    {
        while (first is Sequential { Layers: [var inner, ..] }) first = inner;
        if (first is not IAdaptable { NeedsData: true }) return;
        IReadOnlyList<int?>? declared = inputShape is not null ? [.. inputShape.Select(d => (int?)d)]
            : first.BatchInputShape is { } own ? [.. own.Skip(1)] : null;
        FeatureColumns features =
            FeatureColumns.Find(view.Schema, names, declared, out int[] sample, first as TextLayer);
        if (first is IAdaptsToTexts texts) texts.AdaptTo(Trained(() => features.Texts(view, token)));
        else if (first is IAdaptsToNumbers numbers)
            numbers.AdaptTo(Trained(() => Rows(features)).Chunk(BatchRows)
                .Select(rows => new Batch(new NDArray([.. rows.SelectMany(r => r)], [rows.Length, .. sample]))));
    }

    /// <summary>The rows that are not held back; they are counted first if some are.</summary>
    IEnumerable<T> Trained<T>(Func<IEnumerable<T>> read)
    {
        if (heldBack == 0) return read();
        long count = read().LongCount();
        return read().Take((int)Math.Min(int.MaxValue, count - RowTable.HeldBack(count, heldBack)));
    }

    /// <summary>The rows without missing features.</summary>
    IEnumerable<float[]> Rows(FeatureColumns features)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(features.In(view.Schema).DistinctBy(c => c.Index));
        FeatureColumns.Reader reader = features.Open(cursor);
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % BatchRows == 0) token.ThrowIfCancellationRequested();
            var values = new float[features.Size];
            reader.Read(values);
            if (Finite.All(values)) yield return values;
        }
    }
}
