using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// Saving and loading files.
public sealed partial class Sequential
{
    /// <summary>
    /// Writes architecture, weights, and for a compiled model the arguments of <see cref="Compile"/> and the
    /// optimizer's state, to one zip file (Keras <c>save</c>). The file is written under a temporary name and renamed
    /// once complete.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether to replace an existing file.</param>
    /// <param name="includeOptimizer">Whether to include the optimizer's state, so that training can continue from the
    /// file.</param>
    /// <exception cref="InvalidOperationException">The model has no weights yet, or contains a function without a
    /// name.</exception>
    /// <exception cref="NotSupportedException">The extension names a format that cannot be written.</exception>
    /// <exception cref="IOException">The file exists, or cannot be written; the existing file stays
    /// unchanged.</exception>
    public void Save(string path, bool overwrite = true, bool includeOptimizer = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        KerasFormats? keras = KerasFormats.For(path);
        using (WeightGate.Enter())
        {
            RequireBuilt(_output);
            AtomicFile.Write(path, overwrite,
                keras is null ? Writer(includeOptimizer) : stream => keras.Save(this, path, stream, includeOptimizer));
        }
    }

    /// <summary>Checks that <see cref="Save(string, bool, bool)"/> can write the model, without writing it.</summary>
    /// <exception cref="InvalidOperationException">A layer, the loss or a metric contains a function, which cannot be
    /// saved.</exception>
    internal void RequireSaveable() => Writer(includeOptimizer: true);

    /// <summary>Writes what <see cref="Save(string, bool, bool)"/> does to a stream.</summary>
    /// <exception cref="InvalidOperationException">The model has no weights yet, or contains a function without a name;
    /// nothing is written.</exception>
    internal void SaveTo(Stream stream, bool includeOptimizer)
    {
        using (WeightGate.Enter()) Writer(includeOptimizer)(stream);
    }

    Action<Stream> Writer(bool includeOptimizer)
    {
        RequireBuilt(_output);
        JsonObject config = Config.Wrap("Sequential", GetConfig());
        JsonObject? training = includeOptimizer && Optimizer is not null ? TrainingConfig() : null;
        return stream => ModelFile.Write(stream, config, training, WeightValues(), OptimizerState());
    }

    /// <summary>Loads a model from a file that <see cref="Save(string, bool, bool)"/> wrote (Keras
    /// <c>load_model</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="compile">Whether to compile the model as it was when it was saved.</param>
    /// <returns>The model. Custom objects are found by name in a <see cref="CustomObjectScope"/>.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or in another format.</exception>
    /// <exception cref="ArgumentException">The file names unknown objects.</exception>
    public static Sequential Load(string path, bool compile = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return KerasFormats.For(path) is { } keras ? keras.Load(stream, path, compile)
            : LoadFrom(stream, path, compile);
    }

    /// <summary>Loads a model that <see cref="SaveTo"/> wrote; errors name the source.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">The name to use in errors.</param>
    /// <param name="compile">Whether to compile the model as it was.</param>
    /// <param name="mayStayUncompiled">Whether a loss or metric with an unknown name leaves the model uncompiled,
    /// instead of being an error.</param>
    internal static Sequential LoadFrom(Stream stream, string source, bool compile, bool mayStayUncompiled = false)
    {
        using ModelFile.Contents file = ModelFile.Read(stream, source);
        SafetensorsReader? weights = file.OpenWeights();
        Sequential model;
        using (WeightBudget.Limit(weights?.Count ?? 0, source)) model = FromConfig(file.Config.RootElement);
        try
        {
            if (!model.Built && weights?.Entries.Count > 0)
                throw new InvalidDataException($"{source} holds weights, but its configuration lacks an input shape.");
            model.ReadWeights(weights, source);
            if (compile && file.Training is not null)
            {
                try
                {
                    model.CompileAs(new Config(file.Training.RootElement, $"{source}, training.json"));
                }
                catch (ArgumentException e) when (mayStayUncompiled)
                {
                    model.WhyUncompiled = e.Message;
                    return model;
                }
                model.SetOptimizerState(file.Slots());
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the weights only (Keras <c>save_weights</c>): like NumPy's <c>savez</c> if the file's extension is
    /// <c>.npz</c>, otherwise in the safetensors format. The file is written under a temporary name and renamed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether to replace an existing file.</param>
    /// <exception cref="InvalidOperationException">The model has no weights yet.</exception>
    /// <exception cref="NotSupportedException">The extension names a format that cannot be written.</exception>
    /// <exception cref="IOException">The file exists, or cannot be written; the existing file stays
    /// unchanged.</exception>
    public void SaveWeights(string path, bool overwrite = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        KerasFormats? keras = KerasFormats.For(path);
        using (WeightGate.Enter())
        {
            RequireBuilt(_output);
            AtomicFile.Write(path, overwrite, stream =>
            {
                if (keras is not null) keras.SaveWeights(this, path, stream);
                else if (IsNpz(path)) Npz.Write(stream, WeightValues());
                else Safetensors.Write(stream, WeightValues());
            });
        }
    }

    /// <summary>Reads weights that <see cref="SaveWeights"/> wrote, or other files in its formats (Keras
    /// <c>load_weights</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="byName">Whether to match weights by name; otherwise all are read, in order.</param>
    /// <param name="skipMismatch">
    /// Whether to skip what does not fit: in order, each layer whose weights have other shapes or another number; with
    /// <paramref name="byName"/>, each weight. A warning on the standard error stream and in the log names the layer
    /// and both shapes.
    /// </param>
    /// <param name="reshape">Whether to accept weights of another shape with the same number of values, in
    /// order.</param>
    /// <exception cref="InvalidOperationException">The model has no weights yet.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or in another format.</exception>
    /// <exception cref="ArgumentException">The weights do not fit; nothing is changed.</exception>
    public void LoadWeights(string path, bool byName = false, bool skipMismatch = false, bool reshape = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var match = new WeightMatch(byName, skipMismatch, reshape);
        using (WeightGate.Enter())
        {
            RequireBuilt(_output);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (KerasFormats.For(path) is { } keras)
            {
                foreach ((Variable own, NDArray value) in keras.ReadWeights(this, stream, path, match))
                    own.SetValue(Shaped(value, own));
                WarnOfSkipped(match);
                return;
            }
            Dictionary<string, NDArray> weights = IsNpz(path) ? Npz.Read(stream, path) : Safetensors.Read(stream, path);
            if (!byName)
            {
                if (skipMismatch) SetFitting(weights, path, match);
                else SetInOrder(weights, path, match);
                WarnOfSkipped(match);
                return;
            }
            List<(Variable Own, NDArray Value)> found = [];
            foreach ((string name, Variable own) in WeightNames())
            {
                if (!weights.TryGetValue(name, out NDArray? value)) continue;
                if (match.Fits(value.Shape, own.Sizes)) found.Add((own, Shaped(value, own)));
                else if (skipMismatch) match.Skip(name[..name.IndexOf('/')], [own], [value.Shape.ToArray()], path);
                else throw new ArgumentException(
                    $"Weight {name} has shape {Shape.Format(own.Sizes)}, but {path} has {Shape.Format(value.Shape)}.",
                    nameof(path));
            }
            foreach ((Variable own, NDArray value) in found) own.SetValue(value);
            WarnOfSkipped(match);
        }
    }

    /// <summary>The optimizer's step counter and slots under the weights' names in files.</summary>
    IReadOnlyList<KeyValuePair<string, NDArray>> OptimizerState()
    {
        if (Optimizer is null) return [];
        Dictionary<Variable, string> names = WeightNames().ToDictionary(w => w.Weight, w => w.Name);
        return [.. Optimizer.GetState().Where(s => s.Key.Weight is null || names.ContainsKey(s.Key.Weight))
            .Select(
                s => KeyValuePair.Create(s.Key.Weight is { } weight ? $"{names[weight]}/{s.Key.Slot}" : s.Key.Slot,
                    s.Value))];
    }

    void SetOptimizerState(Dictionary<string, NDArray> values)
    {
        var state = new Dictionary<(Variable?, string), NDArray>();
        // Version 0.1 files, from before names distinguished parts of a layer, use the weight's own name.
        Dictionary<string, Variable> weights = WeightNames().Select(w => (w.Weight.Name, w.Weight))
            .Concat(WeightNames()).GroupBy(w => w.Item1).ToDictionary(g => g.Key, g => g.Last().Item2);
        foreach ((string name, NDArray value) in values)
        {
            int slot = name.LastIndexOf('/');
            if (slot < 0) state[(null, name)] = value;
            else if (
                weights.TryGetValue(name[..slot], out Variable? weight)) state[(weight, name[(slot + 1)..])] = value;
        }
        Optimizer!.SetState(state);
    }

    static bool IsNpz(string path) => Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Creates a model with the same architecture and new weights (Keras <c>clone_model</c>).</summary>
    /// <returns>The model, not compiled.</returns>
    /// <exception cref="InvalidOperationException">A layer contains a function without a name.</exception>
    public Sequential Clone() => FromConfig(Config.Parse(GetConfig()));

    /// <summary>Creates a model with the same architecture, weights and compile arguments that shares only functions
    /// with this one.</summary>
    /// <exception cref="InvalidOperationException">A layer contains a function without a name.</exception>
    internal Sequential Twin()
    {
        Sequential twin = Clone();
        foreach ((Layers.Layer own, Layers.Layer copy) in Layers.Zip(twin.Layers))
            if (!own.Built) own.CopyStateTo(copy);
        if (_input is not null)
        {
            twin.Build(_input.Shape);
            twin.SetWeights(GetWeights());
        }
        if (Optimizer is not null)
            twin.Compile(Optimizer.Copy(), _givenLoss, _givenMetrics?.Copy(), _givenLossWeights, _sampleWeightMode,
                _givenWeightedMetrics?.Copy(), stepsPerExecution: _stepsPerExecution,
                autoScaleLoss: AutoScalesLoss);
        return twin;
    }

    /// <summary>The arguments with which the model was compiled.</summary>
    internal (Optimizer Optimizer, LossSet? Loss, MetricSet? Metrics, LossWeights? LossWeights,
        SampleWeightMode SampleWeightMode, MetricSet? WeightedMetrics) CompileArguments() =>
        (Optimizer!, _givenLoss, _givenMetrics, _givenLossWeights, _sampleWeightMode, _givenWeightedMetrics);

    /// <summary>
    /// Gets the arguments with which the model was compiled (Keras 3 <c>get_compile_config</c>), for
    /// <see cref="CompileFromConfig"/>.
    /// </summary>
    /// <returns>A JSON object, or null if the model is not compiled.</returns>
    /// <exception cref="InvalidOperationException">The loss or a metric is a function without a name.</exception>
    public JsonObject? GetCompileConfig()
    {
        if (Optimizer is null) return null;
        JsonObject config = TrainingConfig();
        config.Remove("optimizer_config", out JsonNode? optimizer);
        config["optimizer"] = optimizer;
        config["run_eagerly"] = false;
        config["jit_compile"] = true;
        return config;
    }

    /// <summary>
    /// Compiles the model with arguments from <see cref="GetCompileConfig"/> (Keras 3 <c>compile_from_config</c>). The
    /// optimizer starts fresh.
    /// </summary>
    /// <param name="config">The arguments, under Keras' keys.</param>
    /// <exception cref="ArgumentException">A name is unknown or an argument is invalid; the model is
    /// unchanged.</exception>
    public void CompileFromConfig(JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var copy = (JsonObject)config.DeepClone();
        if (copy.Remove("optimizer", out JsonNode? optimizer)) copy["optimizer_config"] = optimizer;
        CompileAs(new Config(Config.Parse(copy), "The arguments of Compile"));
    }

    /// <summary>The arguments of <c>compile</c> under the keys of Keras 2.</summary>
    internal JsonObject TrainingConfig()
    {
        JsonObject config = PlainTrainingConfig();
        if (!AutoScalesLoss) config[AutoScaleLoss] = false;
        return config;
    }

    /// <summary>Keras doesn't save the argument; its <c>compile_from_config</c> accepts it.</summary>
    internal const string AutoScaleLoss = "auto_scale_loss";

    JsonObject PlainTrainingConfig() => new()
    {
        ["optimizer_config"] = Config.Wrap(Optimizer!.GetType().Name, Optimizer.GetConfig()),
        ["loss"] = Loss?.Serialize(),
        ["metrics"] = new JsonArray([.. (_givenMetrics ?? []).Select(m => m.Serialize())]),
        ["weighted_metrics"] = new JsonArray([.. (_givenWeightedMetrics ?? []).Select(m => m.Serialize())]),
        ["sample_weight_mode"] = _sampleWeightMode.IsTemporal ? "temporal" : null,
        ["loss_weights"] = _lossWeight,
        ["steps_per_execution"] = _stepsPerExecution,
    };

    internal void CompileAs(Config training)
    {
        try
        {
            System.Text.Json.JsonElement optimizer = training.Element("optimizer_config")
                ?? throw training.Missing("optimizer_config");
            Loss? loss = training.Element("loss") is { } given ? Loss.FromConfig(given) : null;
            // Keras 3 chooses the kind of accuracy by the output alone.
            bool isCategorical = OptimizerSettings.AreOfThree(optimizer) && loss is Losses.BinaryCrossentropy && Built
                && OutputShape[-1] != 1;
            Compile(
                Optimizers.Optimizer.FromConfig(optimizer),
                loss is null ? null : (LossSet)loss,
                MetricsOf(training, "metrics", isCategorical),
                training.Double("loss_weights", 1),
                training.String("sample_weight_mode"),
                MetricsOf(training, "weighted_metrics", isCategorical),
                stepsPerExecution: training.Int("steps_per_execution", 1),
                autoScaleLoss: training.Bool(AutoScaleLoss, true));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{e.Message} The model was compiled with it when it was saved: load it inside "
                + "a CustomObjectScope that contains the name, "
                + "or with compile: false, and compile the model yourself.", e.ParamName, e);
        }
    }

    static MetricSet MetricsOf(Config training, string key, bool isCategorical) =>
        training.Element(key) is { ValueKind: System.Text.Json.JsonValueKind.Array } list
        ? list.EnumerateArray().Select(Metric.FromConfig)
            .Select(m => isCategorical && m.Name is "accuracy" or "acc" && m is DeferredMetric
                ? new CategoricalAccuracy(m.Name) : m).ToArray()
        : Array.Empty<Metric>();

    IReadOnlyList<KeyValuePair<string, NDArray>> WeightValues() =>
        [.. WeightNames().Select(w => KeyValuePair.Create(w.Name, w.Weight.GetValue()))];

    IEnumerable<(string Name, Variable Weight)> WeightNames() =>
        _layers.Distinct().SelectMany(layer => layer.NamedWeights().Select(w => ($"{layer.Name}/{w.Path}", w.Weight)))
        .DistinctBy(w => w.Weight);

    /// <summary>Reads each array directly into its weight.</summary>
    void ReadWeights(SafetensorsReader? reader, string source)
    {
        Dictionary<string, Variable> own = WeightNames().ToDictionary(w => w.Name, w => w.Weight);
        IReadOnlyList<(string Name, int[] Shape)> entries = reader?.Entries ?? [];
        if (own.Keys.Except(entries.Select(e => e.Name)).FirstOrDefault() is { } missing)
            throw new InvalidDataException($"{source} lacks the weight {missing}.");
        foreach ((string name, int[] shape) in entries)
        {
            if (!own.TryGetValue(name, out Variable? weight))
            {
                reader!.ReadNext(new NDArray(shape).Span);
                continue;
            }
            if (!weight.Sizes.SequenceEqual(shape))
                throw new InvalidDataException($"{source}: the weight {name} has shape {Shape.Format(shape)}, but its "
                    + $"layer has {Shape.Format(weight.Sizes)}.");
            weight.Write(values => reader!.ReadNext(values));
        }
    }

    /// <summary>
    /// Sets all weights from a file. If the names are the model's, they decide, whatever the order in the file; arrays
    /// numbered by NumPy are in the order of <see cref="GetWeights"/>; others are in the order of
    /// <see cref="SaveWeights"/>, which does not depend on what is frozen.
    /// </summary>
    void SetInOrder(Dictionary<string, NDArray> values, string path, WeightMatch match)
    {
        (string Name, Variable Weight)[] own = [.. WeightNames()];
        if (own.Length == values.Count && own.All(w => values.ContainsKey(w.Name)))
        {
            SetWeights([.. own.Select(w => w.Weight)], [.. own.Select(w => Fitting(values[w.Name], w.Weight, match))],
                $"model \"{Name}\"");
            return;
        }
        if (values.Keys.Select((name, i) => name == $"arr_{i}").All(isNumbered => isNumbered))
            own = [.. LayerWeights.Select(w => own.Single(o => o.Weight == w))];
        if (own.Length != values.Count)
            throw new ArgumentException(
                $"{path} contains {values.Count} weights, but the model {Name} has {own.Length}.", nameof(path));
        foreach (((string name, Variable weight), (string stored, NDArray value)) in own.Zip(values))
        {
            if (!match.Fits(value.Shape, weight.Sizes))
                throw new ArgumentException($"Weight {name} has shape {Shape.Format(weight.Sizes)}, but {path} has "
                    + $"{stored} of shape {Shape.Format(value.Shape)} in its place.", nameof(path));
        }
        SetWeights([.. own.Select(w => w.Weight)], [.. own.Zip(values.Values, (w, value) => Shaped(value, w.Weight))],
            $"model \"{Name}\"");
    }

    static NDArray Fitting(NDArray value, Variable weight, WeightMatch match) =>
        match.Fits(value.Shape, weight.Sizes) ? Shaped(value, weight) : value;

    /// <summary>Fitting values in the shape of their weight.</summary>
    static NDArray Shaped(NDArray value, Variable weight) =>
        value.Shape.SequenceEqual(weight.Sizes) ? value : value.Reshape(weight.Sizes.ToArray());

    void SetNamed(Dictionary<string, NDArray> values, string source)
    {
        (string Name, Variable Weight)[] own = [.. WeightNames()];
        if (own.FirstOrDefault(w => !values.ContainsKey(w.Name)) is { Name: { } missing })
            throw new InvalidDataException($"{source} lacks the weight {missing}.");
        foreach ((string name, Variable weight) in own)
        {
            if (!values[name].Shape.SequenceEqual(weight.Sizes))
                throw new InvalidDataException($"{source}: the weight {name} has shape "
                    + $"{Shape.Format(values[name].Shape)}, but its layer has {Shape.Format(weight.Sizes)}.");
        }
        foreach ((string name, Variable weight) in own) weight.SetValue(values[name]);
    }
}
