using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Tasks;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>What a transformer knows besides its network.</summary>
/// <param name="Task">What the network is for.</param>
/// <param name="FeatureColumnNames">The columns that it sees.</param>
/// <param name="SampleShape">The shape of a sample.</param>
/// <param name="Label">The label that it has learnt, or null.</param>
/// <param name="ExampleWeightColumnName">The column of weights, or null.</param>
/// <param name="OutputColumnName">The column of a raw output.</param>
/// <param name="TakesLogits">Whether the network's output are logits, by its loss.</param>
internal sealed record ScorerState(
    PredictionTask Task, IReadOnlyList<string> FeatureColumnNames, int[] SampleShape, LabelSchema? Label, string? ExampleWeightColumnName, string OutputColumnName, bool TakesLogits);
