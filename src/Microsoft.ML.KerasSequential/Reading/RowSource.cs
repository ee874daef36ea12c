using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The rows of a data view as a network needs them: features, target and weight. Rows that lack one of these
/// are skipped and counted.</summary>
/// <param name="view">The data view.</param>
/// <param name="features">The feature columns.</param>
/// <param name="target">The label column.</param>
/// <param name="weightColumn">The column of sample weights, or null.</param>
/// <param name="classWeights">A weight for each class, or null.</param>
internal sealed class RowSource(IDataView view, FeatureColumns features, TargetColumn target, string? weightColumn,
    float[]? classWeights)
{
    /// <summary>The number of feature values in a row.</summary>
    public int FeatureSize => features.Size;

    /// <summary>The label column.</summary>
    public TargetColumn Target => target;

    /// <summary>Whether rows have weights.</summary>
    public bool HasWeights => weightColumn is not null || classWeights is not null;

    /// <summary>The memory that a row needs.</summary>
    public long RowBytes => sizeof(float) * (features.Size + (long)target.Size + (HasWeights ? 1 : 0));

    /// <summary>The number of rows that the data view reports, including rows that may be skipped; or null.</summary>
    public long? RowCount => view.GetRowCount();

    /// <summary>One pass over the rows.</summary>
    public RowReader Open()
    {
        DataViewSchema schema = view.Schema;
        IEnumerable<DataViewSchema.Column> needed = features.In(schema).Append(schema[target.Label.Name]);
        if (weightColumn is not null) needed = needed.Append(schema[weightColumn]);
        return new(view.GetRowCursor(needed.DistinctBy(c => c.Index)), this);
    }

    /// <summary>Allocates a batch of rows.</summary>
    public Batch NewBatch(int rows, int[] sample) =>
        new(new NDArray([rows, .. sample]), new NDArray([rows, .. target.SampleShape]),
            HasWeights ? new NDArray(new float[rows], rows) : null);

    /// <summary>Checks the weight column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or does not contain single numbers.</exception>
    public static void CheckWeights(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = Columns.Find(schema, name, "weight");
        if (column.Type is not NumberDataViewType)
            throw Columns.Mismatch("weight", name, "a number", column.Type.ToString());
    }

    /// <summary>One pass over the rows of a source, row by row.</summary>
    public sealed class RowReader(DataViewRowCursor cursor, RowSource source) : IDisposable
    {
        readonly FeatureColumns.Reader _features = source.Features.Open(cursor);
        readonly TargetColumn.Reader _target = source.Target.Open(cursor);
        readonly ColumnReader? _weight = source.WeightColumn is { } name ? ColumnReader.Of(cursor, cursor.Schema[name])
            : null;
        readonly float[] _single = new float[1];

        /// <summary>The numbers of rows skipped because a feature was missing or infinite, because there was no label,
        /// and because there was no weight.</summary>
        public (long Features, long Labels, long Weights) LeftOut => (_noFeatures, _noLabel, _noWeight);

        long _noFeatures, _noLabel, _noWeight;

        /// <summary>Reads the next complete row.</summary>
        /// <returns>False at the end.</returns>
        public bool Next(Span<float> x, Span<float> y, out float weight)
        {
            weight = 1;
            while (cursor.MoveNext())
            {
                _features.Read(x);
                if (!Finite.All(x))
                {
                    _noFeatures++;
                    continue;
                }
                if (!_target.Read(y, out int classNumber))
                {
                    _noLabel++;
                    continue;
                }
                _weight?.Read(_single);
                weight = _weight is null ? 1 : _single[0];
                if (!float.IsFinite(weight))
                {
                    _noWeight++;
                    continue;
                }
                if (source.ClassWeights is { } factors) weight *= factors[classNumber];
                return true;
            }
            return false;
        }

        public void Dispose() => cursor.Dispose();
    }

    FeatureColumns Features => features;

    string? WeightColumn => weightColumn;

    float[]? ClassWeights => classWeights;
}
