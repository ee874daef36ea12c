namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The arguments of recurrent layers other than their cell's settings.</summary>
internal sealed record RecurrentOptions(bool ReturnSequences, bool ReturnState, bool GoBackwards, bool Stateful,
    bool Unroll, bool ZeroOutputForMask = false);
