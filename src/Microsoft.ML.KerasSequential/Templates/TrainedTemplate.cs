using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>A network from whose weights training starts, as it is when the estimator is created.</summary>
internal sealed class TrainedTemplate : ModelTemplate
{
    readonly Sequential _model;

    public TrainedTemplate(Sequential model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Layers.Count == 0) throw new ArgumentException("There are no layers in the model.", nameof(model));
        _model = Copy(model);
    }

    public override Sequential Create(long seed, Action<Layer> prepare)
    {
        using IDisposable scope = GlobalRandom.Scope((ulong)seed);
        Sequential model = Copy(_model);
        // A built network may have been trained with the states that its layers have.
        if (!model.Built) prepare(model.Layers[0]);
        return model;
    }

    public override bool? TakesTexts => _model.FirstText is not null;

    static Sequential Copy(Sequential model)
    {
        try
        {
            return model.Twin();
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"The model {model.Name} cannot be copied for training: {e.Message} Pass a "
                + "function that creates the network instead.", nameof(model), e);
        }
    }
}
