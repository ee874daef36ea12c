namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>What computes scores: a network, or an engine that runs one.</summary>
internal interface IScoreSource
{
    /// <summary>The shape of the output for one sample.</summary>
    int[] OutputShape(int[] sample);

    /// <summary>The scores of rows: what the getters of a task's columns see.</summary>
    NDArray Predict(NDArray x);
}
