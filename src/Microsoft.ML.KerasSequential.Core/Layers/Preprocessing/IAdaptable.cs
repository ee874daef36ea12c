namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>A layer with a state that it takes from data (Keras <c>adapt</c>), before a model is trained.</summary>
internal interface IAdaptable
{
    /// <summary>Whether the state was neither given nor taken from data yet.</summary>
    bool NeedsData { get; }
}

/// <summary>A layer that adapts to numbers.</summary>
internal interface IAdaptsToNumbers : IAdaptable
{
    /// <summary>Takes the state from batches of inputs.</summary>
    void AdaptTo(IEnumerable<Batch> data);
}

/// <summary>A layer that adapts to texts.</summary>
internal interface IAdaptsToTexts : IAdaptable
{
    /// <summary>Takes the state from the texts of each sample.</summary>
    void AdaptTo(IEnumerable<IReadOnlyList<string>> samples);
}
