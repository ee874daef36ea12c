using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>Maps rows one by one.</summary>
internal sealed class ScoreMapper(Scorer scorer) : IRowToRowMapper
{
    /// <inheritdoc/>
    public DataViewSchema InputSchema => scorer.InputSchema;

    /// <inheritdoc/>
    public DataViewSchema OutputSchema => scorer.OutputSchema;

    /// <inheritdoc/>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        scorer.Dependencies(dependingColumns);

    /// <inheritdoc/>
    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != scorer.InputSchema)
            throw new ArgumentException("The row's schema is not the one that the mapper was created for.",
                nameof(input));
        return new ScoredRow(input, scorer, activeColumns);
    }
}
