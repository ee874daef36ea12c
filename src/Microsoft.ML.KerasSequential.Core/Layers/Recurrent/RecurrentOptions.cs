namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>What recurrent layers take besides their cell's settings.</summary>
internal sealed record RecurrentOptions(bool ReturnSequences, bool ReturnState, bool GoBackwards, bool Stateful, bool Unroll);
