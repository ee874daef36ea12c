using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Reading;

namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>A user-defined function that creates a network.</summary>
internal sealed class FactoryTemplate(Func<Sequential> factory) : ModelTemplate
{
    readonly Func<Sequential> _factory = factory ?? throw new ArgumentNullException(nameof(factory));

    public override Sequential Create(long seed, Action<Layer> prepare)
    {
        using IDisposable scope = GlobalRandom.Scope((ulong)seed);
        Sequential model = _factory()
            ?? throw Complaint.About("factory", "The function that creates the network returned null.");
        if (model.Layers.Count > 0) prepare(model.Layers[0]);
        return model;
    }

    public override bool? TakesTexts => null;
}
