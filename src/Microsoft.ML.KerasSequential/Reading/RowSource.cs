using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The rows of a view as a network takes them: features, target and weight. Rows that lack one of them are left out and counted.</summary>
/// <param name="view">The view.</param>
/// <param name="features">The feature columns.</param>
/// <param name="target">The label column.</param>
/// <param name="weightColumn">The column of the rows' weights, or null.</param>
/// <param name="classWeights">A factor for each class, or null.</param>
internal sealed class RowSource(IDataView view, FeatureColumns features, TargetColumn target, string? weightColumn, float[]? classWeights)
{
    /// <summary>The numbers of a row's features.</summary>
    public int FeatureSize => features.Size;

    /// <summary>The column that is learnt.</summary>
    public TargetColumn Target => target;

    /// <summary>Whether rows have weights.</summary>
    public bool HasWeights => weightColumn is not null || classWeights is not null;

    /// <summary>What a row takes in memory.</summary>
    public long RowBytes => sizeof(float) * (features.Size + (long)target.Size + (HasWeights ? 1 : 0));

    /// <summary>How many rows the view says that it has, also such as may be left out; or null.</summary>
    public long? RowCount => view.GetRowCount();

    /// <summary>One pass over the rows.</summary>
    public RowReader Open()
    {
        DataViewSchema schema = view.Schema;
        IEnumerable<DataViewSchema.Column> needed = features.In(schema).Append(schema[target.Label.Name]);
        if (weightColumn is not null) needed = needed.Append(schema[weightColumn]);
        return new(view.GetRowCursor(needed.DistinctBy(c => c.Index)), this);
    }

    /// <summary>Room for a batch of rows.</summary>
    public Batch NewBatch(int rows, int[] sample) => new(new NDArray([rows, .. sample]), new NDArray([rows, .. target.SampleShape]), HasWeights ? new NDArray(new float[rows], rows) : null);

    /// <summary>Checks the column of weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or holds no single numbers.</exception>
    public static void CheckWeights(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = Columns.Find(schema, name, "weight");
        if (column.Type is not NumberDataViewType) throw Columns.Mismatch("weight", name, "a number", column.Type.ToString());
    }

    /// <summary>One pass over the rows of a source, row by row.</summary>
    public sealed class RowReader(DataViewRowCursor cursor, RowSource source) : IDisposable
    {
        readonly FeatureColumns.Reader _features = source.Features.Open(cursor);
        readonly TargetColumn.Reader _target = source.Target.Open(cursor);
        readonly ColumnReader? _weight = source.WeightColumn is { } name ? ColumnReader.Of(cursor, cursor.Schema[name]) : null;
        readonly float[] _single = new float[1];

        /// <summary>How many rows were left out because a feature was missing or infinite, because there was no label, and because there was no weight.</summary>
        public (long Features, long Labels, long Weights) LeftOut => (_noFeatures, _noLabel, _noWeight);

        long _noFeatures, _noLabel, _noWeight;

        /// <summary>Reads the next row that has all it takes.</summary>
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
