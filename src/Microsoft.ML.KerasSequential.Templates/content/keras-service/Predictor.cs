using Microsoft.ML;

namespace TemplateNamespace;

/// <summary>Answers requests by the model, and measures it.</summary>
public sealed class Predictor(
    MLContext ml, ModelHost host, EnginePool<Flower, ScoredFlower> engines, PredictionMetrics metrics)
{
    readonly Lazy<string[]> _species = new(() =>
        FlowerModel.SpeciesOf(host.Model.GetOutputSchema(ml.Data.LoadFromEnumerable<Flower>([]).Schema)));

    /// <summary>One flower, through an engine of the pool.</summary>
    public PredictionResponse Predict(PredictionRequest request) =>
        metrics.Measure(1, () => Answer(engines.Predict(request.ToFlower())));

    /// <summary>Several flowers, which go through the network together.</summary>
    public PredictionResponse[] Predict(IReadOnlyCollection<PredictionRequest?> requests) =>
        metrics.Measure(requests.Count, () =>
        {
            IDataView scored = host.Model.Transform(ml.Data.LoadFromEnumerable(requests.Select(r => r!.ToFlower())));
            return ml.Data.CreateEnumerable<ScoredFlower>(scored, reuseRowObject: false).Select(Answer).ToArray();
        });

    PredictionResponse Answer(ScoredFlower scored) => new(
        scored.Species,
        _species.Value.Zip(scored.Probabilities).ToDictionary(pair => pair.First, pair => pair.Second));
}
