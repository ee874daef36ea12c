using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Tasks;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The state of a transformer apart from its network.</summary>
/// <param name="Task">The task of the network.</param>
/// <param name="FeatureColumnNames">The feature columns.</param>
/// <param name="SampleShape">The shape of a sample.</param>
/// <param name="Label">The label that it was trained on, or null.</param>
/// <param name="ExampleWeightColumnName">The weight column, or null.</param>
/// <param name="OutputColumnName">The column of a raw output.</param>
/// <param name="TakesLogits">Whether the network's outputs are logits, according to its loss.</param>
internal sealed record ScorerState(
    PredictionTask Task, IReadOnlyList<string> FeatureColumnNames, int[] SampleShape, LabelSchema? Label,
    string? ExampleWeightColumnName, string OutputColumnName, bool TakesLogits);
