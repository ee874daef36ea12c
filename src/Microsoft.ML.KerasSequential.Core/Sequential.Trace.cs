using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// Compiles layers to executables, one for each mode and data shape.
public sealed partial class Sequential
{
    enum Mode
    {
        Train,
        Test,
        Predict,

        /// <summary>The input of the sigmoid at the end of the model.</summary>
        Logits,
    }

    readonly record struct TraceKey(Mode Mode, Shape X, Shape? Y, int WeightRank);

    readonly Dictionary<TraceKey, StepFunction> _functions = [];
    int _functionsVersion, _plansVersion;
    readonly Dictionary<TraceKey, Traced> _traces = [];
    ulong _trainSteps;

    /// <summary>The memory of a training step for data of a given shape, without weights and slots.</summary>
    internal long StepBytes(Shape x, Shape y, int batch)
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        StepFunction function = Function(new(Mode.Train, x, y, 0));
        function.Prepare(batch);
        return function.Executable.MemoryBytes;
    }

    /// <summary>Gets the graphs and plans created so far as readable text: each step with its layer, inputs and
    /// memory.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    public string ExplainPlan()
    {
        using (WeightGate.Enter())
        {
            Shape shape = RequireBuilt(_input).Shape.WithoutBatch();
            if (_functions.Count == 0 && shape.All(d => d is not null))
                Function(new(Mode.Predict, shape, null, 0)).Prepare(1);
            return string.Join(Environment.NewLine, _functions.Select(f =>
                $"── {f.Key.Mode.ToString().ToLowerInvariant()}, samples of shape {f.Key.X}, on "
                + $"{_device}{Environment.NewLine}{f.Value.Explain()}"));
        }
    }

    /// <summary>The checks of the indices in the data that the model looks up.</summary>
    IndexChecks Lookups(Mode mode, ModelData data) => Trace(KeyOf(mode, data)).Lookups;

    static TraceKey KeyOf(Mode mode, ModelData data) =>
        new(mode, SampleShape(data.X), data.Y is null ? null : SampleShape(data.Y), data.Weight?.Rank ?? 0);

    StepFunction Function(Mode mode, ModelData data) => Function(KeyOf(mode, data));

    StepFunction Function(TraceKey key)
    {
        DropOutdated();
        if (_functions.TryGetValue(key, out StepFunction? known)) return known;
        Graph graph = Trace(key).Finish();
        // Slots, metric states, and variables other than weights: readers wait for the step that writes them.
        foreach (Update update in graph.Updates) update.Variable.Gate ??= WeightGate;
        (graph, Distribution? ranks) = Divide(graph, key.Mode);
        return _functions[key] = new StepFunction(_device.Compile(graph, _precision, ranks), graph.Outputs.Count,
            FixedBatch, [.. graph.Updates.Select(u => u.Variable)], ranks);
    }

    Traced Trace(TraceKey key)
    {
        DropOutdated();
        if (_traces.TryGetValue(key, out Traced? known)) return known;
        FollowAdapters();
        (Mode mode, Shape x, Shape? y, int weightRank) = key;
        using TraceScope scope = TraceScope.Begin(mode == Mode.Train, _seed, frozen: !Trainable);
        // States belong to the samples of a batch, so a stateful model has a fixed batch size.
        Dim batch = FixedBatch is int size ? size : Dim.Batch;
        Tensor input = K.Placeholder(new Dims([batch, .. Dims.Of(x.WithBatch()).Skip(1)]), _input!.Name);
        List<Tensor> trace = Forward(input, null, out Tensor? mask);
        Graph graph = mode is Mode.Predict or Mode.Logits
            ? new([input], [mode == Mode.Logits ? trace[^1].Inputs[0] : trace[^1]], scope.States)
            : Step(scope, mode == Mode.Train, trace, mask, y, weightRank);
        return _traces[key] = new Traced(this, scope, graph, new IndexChecks(graph, FixedBatch));
    }

    /// <summary>A graph without the optimizer's part, so that data can be checked against it before the optimizer is
    /// involved.</summary>
    sealed class Traced(Sequential model, TraceScope scope, Graph graph, IndexChecks lookups)
    {
        public IndexChecks Lookups => lookups;

        /// <summary>The executable graph: in training, with the weight updates.</summary>
        public Graph Finish()
        {
            using TraceScope again = scope.Reenter();
            IReadOnlyList<Update> updates = graph.Updates;
            if (scope.Training)
            {
                // A trained weight that a layer updates itself: the optimizer's step starts from the layer's value.
                IReadOnlyList<Variable> trained = model.CollectedWeights!;
                ILookup<bool, Update> own = updates.ToLookup(u => trained.Contains(u.Variable));
                updates = [.. own[false], .. model.Optimizer!.Updates(graph.Outputs[0], trained, [.. own[true]])];
            }
            return new(graph.Inputs, graph.Outputs, updates) { IndicesAreChecked = true };
        }
    }

    Graph Step(TraceScope scope, bool training, List<Tensor> trace, Tensor? mask, Shape? y, int weightRank)
    {
        (Tensor input, Tensor output) = (trace[0], trace[^1]);
        Dim batch = input.Dims[0];
        Tensor? target = y is null ? null
            : K.Placeholder(new Dims([batch, .. Dims.Of(y.WithBatch()).Skip(1)]), $"{OutputName}_target");
        Tensor? weight = weightRank switch
        {
            0 => null,
            1 => K.Placeholder(new Dims(batch), $"{OutputName}_sample_weights"),
            _ => K.Placeholder(
                new Dims(batch,
                    y![0] ?? throw new ArgumentException("Temporal sample weights require a fixed number of steps.")),
                    $"{OutputName}_sample_weights"),
        };

        // A masked step has zero weight in the loss and in all metrics.
        Tensor? weightAndMask = Masked(weight, mask);
        Tensor total = 0;
        var updates = new List<Update>(scope.States);
        var outputs = new List<Tensor>();
        using (TraceScope.Name("loss"))
        {
            if (Loss is not null && target is not null)
            {
                total = K.Mean(Loss.Apply(target, output, weightAndMask));
                if (_lossWeight != 1) total *= _lossWeight;
            }
            foreach (Tensor added in scope.Losses.Concat(Retraced(_addedLosses, trace))) total += K.Sum(added);
            foreach (Variable w in LayerWeights)
                if (w.Regularizer is not null) total += K.Sum(w.Regularizer.Call(w));
        }
        outputs.Add(total);
        foreach (Metric metric in _metrics) Collect(metric, mask);
        foreach (Metric metric in _weightedMetrics) Collect(metric, weightAndMask);
        IEnumerable<Tensor> addedValues = Retraced([.. _addedMetrics.Select(m => m.Value)], trace);
        foreach ((Reduce metric,
            Tensor value) in scope.Metrics.Concat(_addedMetrics.Select(m => m.Metric).Zip(addedValues)))
        {
            (IReadOnlyList<Update> state, Tensor result) = metric.TraceValues(value);
            updates.AddRange(state);
            outputs.Add(result);
        }
        if (training && Trainable) updates.AddRange(scope.Updates);

        List<Tensor> inputs = target is null ? [input] : [input, target];
        if (weight is not null) inputs.Add(weight);
        return new(inputs, outputs, updates);

        void Collect(Metric metric, Tensor? metricWeight)
        {
            using IDisposable name = TraceScope.Name(metric.Name);
            try
            {
                (IReadOnlyList<Update> state, Tensor result) = metric.Trace(target!, output, metricWeight);
                updates.AddRange(state);
                outputs.Add(result);
            }
            catch (ArgumentException e) when (!e.Message.Contains(metric.Name, StringComparison.Ordinal))
            {
                throw new ArgumentException($"The metric {metric.Name} cannot be computed: {e.Message}", e.ParamName,
                    e);
            }
        }
    }

    static Tensor? Masked(Tensor? weight, Tensor? mask)
    {
        if (weight is null || mask is null) return weight ?? mask;
        while (weight.Rank < mask.Rank) weight = K.ExpandDims(weight);
        return weight * mask;
    }

    /// <summary>Drops what was traced before a layer changed its vocabulary or the like.</summary>
    void DropOutdated()
    {
        int version = WeightGate.PlansVersion;
        if (version == _plansVersion) return;
        _plansVersion = version;
        DropExecutables();
        Retrace();
    }

    void DropExecutables()
    {
        _functionsVersion++;
        foreach (StepFunction function in _functions.Values) function.Dispose();
        _functions.Clear();
        foreach (Traced trace in _traces.Values) trace.Lookups.Dispose();
        _traces.Clear();
    }

    /// <summary>Traces the prediction graph again after weights were replaced or adapters were added.</summary>
    void Retrace()
    {
        if (_input is null) return;
        using TraceScope scope = TraceScope.Begin(training: false, _seed);
        List<Tensor> trace = Forward(_input, null, out _outputMask);
        Tensor[] losses = [.. Retraced(_addedLosses, trace)],
            values = [.. Retraced([.. _addedMetrics.Select(m => m.Value)], trace)];
        for (int i = 0; i < losses.Length; i++) _addedLosses[i] = losses[i];
        for (int i = 0; i < values.Length; i++) _addedMetrics[i] = (_addedMetrics[i].Metric, values[i]);
        _layerMetrics = [.. scope.Metrics.Select(m => m.Metric)];
        (_trace, _output, _tracedAdapters) = (trace, trace[^1], Adapters.Count());
        IReadOnlyList<Variable> weights = LayerWeights;
        _collectedWeights = _collectedWeights is null ? null : [.. _collectedWeights.Where(weights.Contains)];
        Optimizer?.Forget(weight => !weights.Contains(weight));
    }
}
