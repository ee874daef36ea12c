using System.Numerics.Tensors;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// A trainer whose failures are trial failures: an experiment reports them and continues, even for the first trial.
/// </summary>
internal sealed class CheckedTrial(IEstimator<ITransformer> trainer) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        ITransformer trained;
        try
        {
            trained = trainer.Fit(input);
        }
        catch (Exception e) when (e is DeviceException or OutOfMemoryException)
        {
            throw new TrialFailedException($"Training failed: {e.Message}", e);
        }
        if (trained.FindKerasSequential()?.Model is { } network
            && network.GetWeights().Any(weights => !TensorPrimitives.IsFiniteAll<float>(weights.Span)))
        {
            string optimizer = network.Optimizer?.GetConfig().ToJsonString() ?? "";
            throw new TrialFailedException($"The loss became NaN, with the optimizer {optimizer}.");
        }
        return trained;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
}
