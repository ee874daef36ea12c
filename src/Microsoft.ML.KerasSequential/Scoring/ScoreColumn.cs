using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>An output column of the network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="ValueKind">The value of the annotation <c>ScoreValueKind</c>; null for a column without score
/// annotations.</param>
/// <param name="Annotate">Adds further annotations.</param>
/// <param name="Getter">Creates a getter for the scores of the current row.</param>
internal sealed record ScoreColumn(string Name, DataViewType Type, string? ValueKind,
    Action<DataViewSchema.Annotations.Builder> Annotate, Func<CurrentScores, Delegate> Getter)
{
    public const string Score = "Score", Probability = "Probability", PredictedLabel = "PredictedLabel";

    const string SetIdName = "ScoreColumnSetId";

    static readonly KeyDataViewType s_setId = new(typeof(uint), int.MaxValue);

    /// <summary>Appends the columns to those of an input, annotated as ML.NET's own trainers do.</summary>
    public static DataViewSchema Append(DataViewSchema input, IReadOnlyList<ScoreColumn> columns, string kind)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input);
        uint set = NextSet(input);
        foreach (ScoreColumn column in columns)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            column.Annotate(annotations);
            if (column.ValueKind is not null)
            {
                annotations.Add(SetIdName, s_setId, (ValueGetter<uint>)((ref uint value) => value = set));
                annotations.AddPrimitiveValue("ScoreColumnKind", TextDataViewType.Instance, kind.AsMemory());
                annotations.AddPrimitiveValue("ScoreValueKind", TextDataViewType.Instance, column.ValueKind.AsMemory());
            }
            schema.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return schema.ToSchema();
    }

    /// <summary>A vector of all scores.</summary>
    public static Delegate Vector(CurrentScores row) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        ReadOnlySpan<float> scores = row.Current;
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, scores.Length);
        scores.CopyTo(editor.Values);
        value = editor.Commit();
    });

    /// <summary>The single score.</summary>
    public static Delegate Scalar(CurrentScores row) =>
        (ValueGetter<float>)((ref float value) => value = row.Current[0]);

    /// <summary>Sets of score columns are numbered, so that evaluators find columns that belong together.</summary>
    static uint NextSet(DataViewSchema input)
    {
        uint last = 0;
        foreach (DataViewSchema.Column column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(SetIdName) is not { Type: KeyDataViewType } found
                || found.Type.RawType != typeof(uint))
                continue;
            uint value = 0;
            column.Annotations.GetValue(SetIdName, ref value);
            last = Math.Max(last, value);
        }
        return last + 1;
    }
}
