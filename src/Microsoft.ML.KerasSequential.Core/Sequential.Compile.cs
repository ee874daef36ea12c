using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential;

// What training minimizes and how, and what it reports.
public sealed partial class Sequential
{
    MetricSet? _givenMetrics, _givenWeightedMetrics;
    LossSet? _givenLoss;
    LossWeights? _givenLossWeights;
    TargetTensors? _targetTensors;
    List<Metric> _metrics = [], _weightedMetrics = [];
    IReadOnlyList<string> _metricsNames = ["loss"];
    IReadOnlyList<Variable>? _collectedWeights;
    double _lossWeight = 1;
    SampleWeightMode _sampleWeightMode = SampleWeightMode.None;
    int _stepsPerExecution = 1;

    /// <summary>Whether the model was compiled to scale the loss if its policy needs it.</summary>
    internal bool AutoScalesLoss { get; private set; } = true;

    /// <summary>The optimizer, once the model is compiled.</summary>
    public Optimizer? Optimizer { get; private set; }

    /// <summary>Why the model was loaded without being compiled: an unknown name in its file; null if there was
    /// none.</summary>
    internal string? WhyUncompiled { get; private set; }

    /// <summary>The loss, once the model is compiled.</summary>
    public Loss? Loss { get; private set; }

    /// <summary>The metrics, once the model is compiled and built.</summary>
    public IReadOnlyList<Metric> Metrics => [.. _metrics, .. _weightedMetrics, .. AddedMetrics];

    IEnumerable<Reduce> AddedMetrics => _layerMetrics.Concat(_addedMetrics.Select(m => m.Metric));

    /// <summary>The names of the values that <c>evaluate</c> returns: the loss, then the metrics.</summary>
    public IReadOnlyList<string> MetricsNames => _metricsNames;

    /// <summary>
    /// Configures training (Keras <c>compile</c>). Weights stay unchanged; the optimizer starts fresh.
    /// </summary>
    /// <param name="optimizer">The optimizer, by name or as an object.</param>
    /// <param name="loss">The loss, by name, as an object, or as a function; without one, the model is trained on the
    /// losses that its layers add.</param>
    /// <param name="metrics">
    /// The metrics to report; samples count equally. Metrics with the same name are numbered: <c>mae</c>, <c>mae_1</c>;
    /// the same Keras name given twice is one metric.
    /// </param>
    /// <param name="lossWeights">A weight for the loss.</param>
    /// <param name="sampleWeightMode">Whether sample weights apply to samples or time steps.</param>
    /// <param name="weightedMetrics">The metrics to report, weighted by sample and class weights.</param>
    /// <param name="targetTensors">Data that the model holds, for calls to <c>fit</c> without targets, or without any
    /// data.</param>
    /// <param name="runEagerly">
    /// Must be false, because models always run as compiled graphs. To see values of a step, use
    /// <see cref="K.PrintTensor"/>, or compute them with <see cref="K.Function(IReadOnlyList{Tensor},
    /// IReadOnlyList{Tensor})"/>.
    /// </param>
    /// <param name="stepsPerExecution">
    /// The number of steps after which callbacks for batches are called, 1 by default. A value greater than 1 lets a
    /// GPU work ahead when such callbacks are used.
    /// </param>
    /// <param name="jitCompile">Accepted for compatibility with Keras: kernels are always compiled.</param>
    /// <param name="autoScaleLoss">
    /// Whether to wrap the optimizer in a <see cref="LossScaleOptimizer"/> if the model's
    /// <see cref="Layers.Layer.DtypePolicy"/> is <c>mixed_float16</c>, whose small gradients would otherwise become 0.
    /// </param>
    /// <exception cref="ArgumentException">A name is unknown, the number of losses is not 1, or
    /// <paramref name="runEagerly"/> is true; the model is unchanged.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stepsPerExecution"/> is less than 1.</exception>
    /// <exception cref="InvalidOperationException">The model has no layers, or is being trained.</exception>
    public void Compile(Optimizer optimizer, LossSet? loss = null, MetricSet? metrics = null,
        LossWeights? lossWeights = null,
        SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null,
        TargetTensors? targetTensors = null, bool runEagerly = false, int stepsPerExecution = 1,
        bool? jitCompile = null, bool autoScaleLoss = true)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerExecution, 1);
        _ = jitCompile;
        if (runEagerly)
            throw new ArgumentException(
                "Models always run as compiled graphs, so `runEagerly: true` is not available. " +
                "To see the values of a tensor, use K.PrintTensor; to compute them, use K.Function.",
                nameof(runEagerly));
        using (Change())
        {
            double factor = lossWeights?.Single(nameof(lossWeights)) ?? 1;
            Loss? single = loss is null ? null : loss.IsByName && !Built ? loss.First()
                : loss.Single(OutputName, nameof(loss));
            if (Built) CheckOutputNames(metrics, weightedMetrics, lossWeights, sampleWeightMode, targetTensors);
            foreach (Metric metric in metrics ?? []) CheckMetric(metric, nameof(metrics));
            foreach (Metric metric in weightedMetrics ?? []) CheckMetric(metric, nameof(weightedMetrics));
            metrics = metrics?.WithoutRepeats();
            weightedMetrics = weightedMetrics?.WithoutRepeats().ApartFrom(metrics, nameof(weightedMetrics));

            AutoScalesLoss = autoScaleLoss;
            if (autoScaleLoss && DtypePolicy.Precision == FloatPrecision.Float16 && optimizer is not LossScaleOptimizer)
                optimizer = new LossScaleOptimizer(optimizer);
            (Optimizer, Loss, _lossWeight) = (optimizer, single, factor);
            (_givenLoss, _givenMetrics, _givenWeightedMetrics, _givenLossWeights) = (loss, metrics, weightedMetrics,
                lossWeights);
            _targetTensors = targetTensors;
            _sampleWeightMode = sampleWeightMode ?? SampleWeightMode.None;
            _stepsPerExecution = stepsPerExecution;
            optimizer.Reset();
            optimizer.Gate = WeightGate;
            optimizer.ModelName = Name;
            _collectedWeights = null;
            DropExecutables();
            if (Built) ResolveMetrics();
        }
    }

    /// <summary>Resets the metrics: in a callback, those of its training or evaluation; otherwise the current
    /// ones.</summary>
    public void ResetMetrics()
    {
        using (WeightGate.Enter())
        {
            RequireAlive();
            if (Innermost is { } own && own != _resident) own.ForgetMetrics();
            else ClearMetrics();
        }
    }

    /// <summary>Resets the states of stateful layers.</summary>
    public override void ResetStates()
    {
        using (WeightGate.Enter())
        {
            RequireAlive();
            base.ResetStates();
        }
    }

    /// <summary>The output has the name of the last layer.</summary>
    string OutputName => _layers.Count == 0 ? Name : _layers[^1].Name;

    /// <summary>Resolves the loss and the metrics once the output, on which they depend, is known.</summary>
    void ResolveMetrics()
    {
        _givenLoss?.Single(OutputName, "loss");
        CheckOutputNames(_givenMetrics, _givenWeightedMetrics, _givenLossWeights, _sampleWeightMode, _targetTensors);
        var names = new MetricNames();
        _metrics = Resolve(_givenMetrics, names);
        _weightedMetrics = Resolve(_givenWeightedMetrics, names);
        foreach (Reduce added in AddedMetrics) names.Add(added);
        _metricsNames = names.All;
        _collectedWeights ??= TrainableWeights;
    }

    static void CheckMetric(Metric metric, string parameter)
    {
        if (metric.HasManyValues)
            throw new ArgumentException($"The metric {metric.Name} has several thresholds and therefore several "
                + "values, but a model reports one value per metric: pass one metric for each threshold.", parameter);
        if (metric is Reduce)
            throw new ArgumentException($"The metric {metric.Name} accumulates single values, not targets and "
                + "predictions: pass it to AddMetric.", parameter);
    }

    List<Metric> Resolve(MetricSet? given, MetricNames names)
    {
        List<Metric> metrics = [.. (given ?? []).Select(m => m.Resolve(Loss, _output!.Shape))];
        metrics.ForEach(names.Add);
        return metrics;
    }

    void CheckOutputNames(MetricSet? metrics, MetricSet? weightedMetrics, LossWeights? lossWeights,
        SampleWeightMode? sampleWeightMode, TargetTensors? targetTensors)
    {
        metrics?.CheckOutputs(OutputName, nameof(metrics));
        weightedMetrics?.CheckOutputs(OutputName, nameof(weightedMetrics));
        lossWeights?.CheckOutputs(OutputName, nameof(lossWeights));
        sampleWeightMode?.CheckOutputs(OutputName, nameof(sampleWeightMode));
        targetTensors?.CheckOutputs(OutputName, nameof(targetTensors));
    }

    void RequireCompiled()
    {
        RequireAlive();
        if (Optimizer is null)
            throw new InvalidOperationException(
                "You must compile a model before training/testing. Use `model.Compile(optimizer, loss)`.");
        if (_layers.Count == 0) throw new InvalidOperationException("There are no layers in the model.");
    }
}
