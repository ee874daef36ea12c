namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A source of scores: a network, or an engine that runs one.</summary>
internal interface IScoreSource
{
    /// <summary>The shape of the output for one sample.</summary>
    int[] OutputShape(int[] sample);

    /// <summary>Computes the scores of rows, from which a task's columns are made.</summary>
    NDArray Predict(NDArray x);
}
