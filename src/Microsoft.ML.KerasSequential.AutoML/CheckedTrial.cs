namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// A trainer whose failures are those of a trial: an experiment reports them and goes on, also where it is the first.
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
            throw new TrialFailedException($"The training failed: {e.Message}", e);
        }
        if (trained.FindKerasSequential() is { } network && network.Model.GetWeights().Any(w => w.ToArray().Any(v => !float.IsFinite(v))))
            throw new TrialFailedException($"The loss became NaN, with the optimizer {network.Model.Optimizer?.GetConfig().ToJsonString()}.");
        return trained;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
}
