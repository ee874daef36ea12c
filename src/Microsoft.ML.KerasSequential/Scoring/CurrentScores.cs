namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The scores of a cursor's current row.</summary>
internal abstract class CurrentScores
{
    /// <summary>The scores; valid until the row changes.</summary>
    public abstract ReadOnlySpan<float> Current { get; }
}
