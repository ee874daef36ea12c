namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The scores of the row where a cursor stands.</summary>
internal abstract class CurrentScores
{
    /// <summary>The scores; good until the row changes.</summary>
    public abstract ReadOnlySpan<float> Current { get; }
}
