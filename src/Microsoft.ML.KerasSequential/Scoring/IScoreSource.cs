using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A source of scores: a network, or an engine that runs one.</summary>
internal interface IScoreSource
{
    /// <summary>The layer that turns texts into the numbers of <see cref="Predict"/>, or null if the features are
    /// numbers.</summary>
    TextLayer? Text => null;

    /// <summary>The shape of the output for one sample.</summary>
    int[] OutputShape(int[] sample);

    /// <summary>Computes the scores of rows, from which a task's columns are made.</summary>
    NDArray Predict(NDArray x);
}
