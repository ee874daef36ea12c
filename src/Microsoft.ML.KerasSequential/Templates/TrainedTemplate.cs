using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>A network whose weights are the start; what it is when the estimator is made counts.</summary>
internal sealed class TrainedTemplate : ModelTemplate
{
    readonly Sequential _model;

    public TrainedTemplate(Sequential model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Layers.Count == 0) throw new ArgumentException("There are no layers in the model.", nameof(model));
        _model = Copy(model);
    }

    public override Sequential Create(long seed)
    {
        using IDisposable scope = GlobalRandom.Scope((ulong)seed);
        return Copy(_model);
    }

    static Sequential Copy(Sequential model)
    {
        try
        {
            return model.Twin();
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException($"The model {model.Name} cannot be copied for a training: {e.Message} Give a function that makes the network instead.", nameof(model), e);
        }
    }
}
