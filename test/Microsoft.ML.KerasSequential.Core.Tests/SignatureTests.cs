using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Every class, function and argument of Keras 2.3.1 exists with its default, or is in a list with the
/// reason.</summary>
[TestClass]
public sealed partial class SignatureTests
{
    static readonly (string Section, string Namespace, Func<string, bool> KnowsFunction)[] s_sections =
    [
        ("layers/core", "Layers", _ => false),
        ("layers/convolutional", "Layers", _ => false),
        ("layers/pooling", "Layers", _ => false),
        ("layers/local", "Layers", _ => false),
        ("layers/recurrent", "Layers", _ => false),
        ("layers/cudnn_recurrent", "Layers", _ => false),
        ("layers/convolutional_recurrent", "Layers", _ => false),
        ("layers/embeddings", "Layers", _ => false),
        ("layers/normalization", "Layers", _ => false),
        ("layers/noise", "Layers", _ => false),
        ("layers/merge", "Layers", name => Knows(() => { Merge _ = name; })),
        ("layers/advanced_activations", "Layers", _ => false),
        ("layers/wrappers", "Layers", _ => false),
        ("losses", "Losses", name => Knows(() => { Loss _ = name; })),
        ("metrics", "Metrics", name => Knows(() => { Metric _ = name; })),
        ("optimizers", "Optimizers", name => Knows(() => { Optimizer _ = name; })),
        ("initializers", "Initializers", name => Knows(() => { Initializers.Initializer _ = name; })),
        ("regularizers", "Regularizers", name => Knows(() => { Regularizers.Regularizer _ = name; })),
        ("constraints", "Constraints", name => Knows(() => { Constraints.Constraint _ = name; })),
        ("activations", "Activations", name => Knows(() => { ActivationFunction _ = name; })),
        ("keras/callbacks/callbacks.py", "Callbacks", _ => false),
        ("keras/callbacks/tensorboard_v1.py", "Callbacks", _ => false),
        ("keras/engine/sequential.py", "", _ => false),
    ];

    /// <summary>What has a different form here. If a name ends with a dot, this applies to everything below
    /// it.</summary>
    static readonly Dictionary<string, string> s_otherwise = new()
    {
        ["*.dtype"] = "float32 throughout",
        ["*.kwargs"] = "Python's open arguments; each known one is a parameter",
        ["*.serialize"] = "GetConfig",
        ["*.deserialize"] = "FromConfig",
        ["*.get"] = "the conversion from a name",
        ["layers.Lambda.output_shape"] = "the function says it",
        ["layers.Lambda.arguments"] = "a lambda captures what it uses",
        ["losses.LossFunctionWrapper"] = "Loss.FromFunction",
        ["losses.is_categorical_crossentropy"] = "a helper of Keras' own compile",
        ["metrics.MeanMetricWrapper"] = "MeanMetric",
        ["metrics.Reduce.reduction"] = "Mean and Sum are the two",
        ["metrics.SensitivitySpecificityBase"] = "an implementation detail of Keras",
        ["metrics.clone_metric"] = "FromConfig over GetConfig",
        ["metrics.clone_metrics"] = "FromConfig over GetConfig",
        ["optimizers.clip_norm"] = "a helper of Keras' own optimizers",
        ["optimizers.TFOptimizer"] = "wraps TensorFlow's optimizers, which are not here",
        ["callbacks.CallbackList"] = "Keras' own container; Fit takes any collection",
        ["callbacks.ReduceLROnPlateau.kwargs"] = "the older name epsilon of min_delta",
        ["callbacks.TensorBoard.batch_size"] = "the batch size for histograms of activations, which are not written",
        ["callbacks.TensorBoard.write_grads"] = "histograms of gradients are not written yet",
        ["callbacks.TensorBoard.write_images"] = "weights as pictures are not written yet",
        ["callbacks.TensorBoard.embeddings_freq"] = "comes with the Embedding layer",
        ["callbacks.TensorBoard.embeddings_layer_names"] = "comes with the Embedding layer",
        ["callbacks.TensorBoard.embeddings_metadata"] = "comes with the Embedding layer",
        ["callbacks.TensorBoard.embeddings_data"] = "comes with the Embedding layer",
        ["callbacks.ProgbarLogger.stateful_metrics"] = "all metrics but the loss are means already",
    };

    /// <summary>Keras' Model and Sequential, by method: arguments with their defaults in 2.3.1.</summary>
    static readonly string[] s_methods =
    [
        "compile(optimizer, loss=None, metrics=None, loss_weights=None, sample_weight_mode=None, "
            + "weighted_metrics=None, target_tensors=None)",
        "fit(x=None, y=None, batch_size=None, epochs=1, verbose=1, callbacks=None, validation_split=0.0, "
            + "validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0, "
            + "steps_per_epoch=None, validation_steps=None, validation_freq=1, max_queue_size=10, workers=1, "
            + "use_multiprocessing=False)",
        "evaluate(x=None, y=None, batch_size=None, verbose=1, sample_weight=None, steps=None, callbacks=None, "
            + "max_queue_size=10, workers=1, use_multiprocessing=False)",
        "predict(x, batch_size=None, verbose=0, steps=None, callbacks=None, max_queue_size=10, workers=1, "
            + "use_multiprocessing=False)",
        "train_on_batch(x, y, sample_weight=None, class_weight=None, reset_metrics=True)",
        "test_on_batch(x, y, sample_weight=None, reset_metrics=True)",
        "predict_on_batch(x)",
        "fit_generator(generator, steps_per_epoch=None, epochs=1, verbose=1, callbacks=None, "
            + "validation_data=None, validation_steps=None, validation_freq=1, class_weight=None, "
            + "max_queue_size=10, workers=1, use_multiprocessing=False, shuffle=True, initial_epoch=0)",
        "evaluate_generator(generator, steps=None, callbacks=None, max_queue_size=10, workers=1, "
            + "use_multiprocessing=False, verbose=0)",
        "predict_generator(generator, steps=None, callbacks=None, max_queue_size=10, workers=1, "
            + "use_multiprocessing=False, verbose=0)",
        "get_layer(name=None, index=None)",
        "get_weights()",
        "set_weights(weights)",
        "count_params()",
        "summary(line_length=None, positions=None, print_fn=None)",
        "predict_classes(x, batch_size=32, verbose=0)",
        "predict_proba(x, batch_size=32, verbose=0)",
        "reset_states()",
        "reset_metrics()",
        "add(layer)",
        "pop()",
        "build(input_shape=None)",
        "add_loss(loss)",
        "add_metric(value, name=None)",
        "save(filepath, overwrite=True, include_optimizer=True)",
        "save_weights(filepath, overwrite=True)",
        "load_weights(filepath, by_name=False, skip_mismatch=False, reshape=False)",
        "to_json()",
        "get_config()",
    ];

    /// <summary>Defaults that are written differently in C#.</summary>
    static readonly HashSet<string> s_defaults =
    [
        "fit.shuffle", "fit.validation_freq", "fit_generator.validation_freq", // null means the default object
        "predict_classes.batch_size", "predict_proba.batch_size", // null is 32
        "build.input_shape", // required: with a known input shape, the model is already built
        "train_on_batch.y", "test_on_batch.y", // can be omitted
        "add_metric.name", // "metric"
    ];

    static readonly Dictionary<string, string> s_renamed = new() { ["filepath"] = "path" };

    [TestMethod]
    public void Every_Keras_class_and_function_exists()
    {
        var missing = new List<string>();
        string section = "";
        int seen = 0;
        foreach (string line
            in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "keras-2.3.1-signatures.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) section = line[3..].Split(' ')[0];
            if (Array.Find(s_sections, s => s.Section == section) is not { Section: not null } place
                || !line.StartsWith("- ", StringComparison.Ordinal)) continue;
            seen++;
            string group = place.Namespace.Length == 0 ? "" : place.Namespace.ToLowerInvariant();
            Match match = Signature().Match(line);
            string name = match.Groups["name"].Value;
            if (Excused(group, name)) continue;
            if (line.StartsWith("- def ", StringComparison.Ordinal))
            {
                if (!place.KnowsFunction(name)) missing.Add($"{group}.{name}");
                continue;
            }
            string room = place.Namespace.Length == 0 || name == "History" ? "" : "." + place.Namespace;
            Type? type = typeof(Sequential).Assembly.GetType($"Microsoft.ML.KerasSequential{room}.{name}");
            if (type is null) missing.Add($"{group}.{name}");
            else if (!type.IsAbstract)
            {
                missing.AddRange(
                    Missing($"{group}.{name}", match.Groups["arguments"].Value,
                        [.. type.GetConstructors().Select(c => c.GetParameters())]));
                if (type.IsSubclassOf(typeof(Layer)))
                    missing.AddRange(WrongDefaults(type, match.Groups["arguments"].Value));
            }
        }
        Assert.IsGreaterThan(150, seen);
        Assert.IsEmpty(missing, string.Join(Environment.NewLine, missing));
    }

    [TestMethod]
    public void Every_method_of_Sequential_takes_every_argument()
    {
        var missing = new List<string>();
        foreach (string signature in s_methods)
        {
            Match match = Signature().Match("- " + signature);
            string name = match.Groups["name"].Value;
            ParameterInfo[][] overloads = [
                .. typeof(Sequential).GetMethods().Where(m => m.Name == Camel(name, upper: true))
                .Select(m => m.GetParameters())];
            if (overloads.Length == 0) missing.Add(name);
            else missing.AddRange(Missing(name, match.Groups["arguments"].Value, overloads));
        }
        foreach (string attribute
            in new[] { "Layers", "MetricsNames", "History", "Inputs", "Outputs", "InputShape", "OutputShape", "Weights",
                "TrainableWeights", "NonTrainableWeights", "Optimizer", "Loss", "Metrics", "StopTraining", "Trainable",
                "Stateful", "Built", "Name" })
            if (typeof(Sequential).GetProperty(attribute) is null) missing.Add(attribute);
        Assert.IsEmpty(missing, string.Join(Environment.NewLine, missing));
    }

    /// <summary>The arguments that no overload has, in Keras' order, with Keras' default.</summary>
    static IEnumerable<string> Missing(string owner, string arguments, ParameterInfo[][] overloads)
    {
        (string Name, string? Default)[] wanted = [.. Arguments(arguments).Where(p => !Excused(owner, p.Name))];
        string[][] complaints = [
            .. overloads.Select(parameters => wanted.SelectMany(w => Complaints(owner, w.Name, w.Default, parameters))
                .ToArray())];
        return complaints.MinBy(c => c.Length) ?? [$"{owner} has no constructor"];
    }

    static IEnumerable<(string Name, string? Default)> Arguments(string arguments) => Comma().Split(arguments)
        .Select(a => a.Split('=')).Select(p => (p[0].TrimStart('*', ','), p.Length > 1 ? p[1] : null))
            .Where(p => p.Item1.Length > 0);

    /// <summary>If null means Keras' default, the configuration of a layer without other arguments shows which one it
    /// is.</summary>
    static IEnumerable<string> WrongDefaults(Type type, string arguments)
    {
        ConstructorInfo constructor = type.GetConstructors()[0];
        object?[] given = [.. constructor.GetParameters().Select(p => p.HasDefaultValue ? p.DefaultValue : Example(p))];
        if (type == typeof(Lambda)) yield break;
        JsonObject config = ((Layer)constructor.Invoke(given)).GetConfig();
        foreach ((string name, string? expected) in Arguments(arguments))
        {
            if (expected is null or "None" || Excused($"layers.{type.Name}", name)) continue;
            ParameterInfo? parameter =
                Array.Find(constructor.GetParameters(), p => p.Name == Camel(name, upper: false));
            if (parameter is not { HasDefaultValue: true, DefaultValue: null }) continue;
            string actual = config[name]?.ToJsonString() ?? "null";
            string wanted = parameter.ParameterType == typeof(Initializers.Initializer)
                ? ((Initializers.Initializer)expected.Trim('\'')).Serialize().ToJsonString()
                : expected.StartsWith('\'') ? $"\"{expected.Trim('\'')}\""
                    : expected.Replace('(', '[').Replace(')', ']').Replace(" ", "", StringComparison.Ordinal);
            // Keras writes one number for each dimension, and margins as pairs.
            if (actual != wanted && actual != $"[{wanted}]"
                && !(name is "padding" && actual.Replace("[", "", StringComparison.Ordinal)
                    .Replace("]", "", StringComparison.Ordinal).Split(',').All(v => v == "1")))
                yield return $"layers.{type.Name}: {name} is {actual}, not {wanted}";
        }
    }

    static object Example(ParameterInfo parameter) => parameter.ParameterType switch
    {
        Type t when t == typeof(int) => 2,
        Type t when t == typeof(double) => 0.5,
        Type t when t == typeof(Sizes) => (Sizes)2,
        Type t when t == typeof(int[]) => new[] { 1 },
        Type t when t == typeof(ActivationFunction) => (ActivationFunction)"relu",
        Type t when t == typeof(RNN) => new LSTM(2),
        Type t when t == typeof(Layer) => new Dense(2),
        Type t when t == typeof(Cell) => new LSTMCell(2),
        Type t when t == typeof(IReadOnlyList<Cell>) => new Cell[] { new LSTMCell(2) },
        _ => (Func<Tensor, Tensor>)(x => x),
    };

    static IEnumerable<string> Complaints(string owner, string name, string? expected, ParameterInfo[] parameters)
    {
        string camel = Camel(s_renamed.GetValueOrDefault(name, name), upper: false);
        ParameterInfo? parameter = Array.Find(parameters, p => p.Name == camel || p.Name == Camel(name, upper: false));
        if (parameter is null) yield return $"{owner}: no {name}";
        else if (!s_defaults.Contains($"{owner}.{name}") && !Same(expected, parameter))
            yield return $"{owner}: {name} is "
                + $"{(parameter.HasDefaultValue ? parameter.DefaultValue ?? "null" : "required")}, "
                + $"not {expected ?? "required"}";
    }

    static bool Same(string? expected, ParameterInfo parameter)
    {
        if (expected is null || !parameter.HasDefaultValue) return expected is null && !parameter.HasDefaultValue;
        return parameter.DefaultValue switch
        {
            // The configuration shows which object null means: WrongDefaults reads it.
            null => expected == "None"
                || (parameter.Member.DeclaringType!.IsSubclassOf(typeof(Layer)) && parameter.ParameterType.IsClass)
                || (parameter.ParameterType == typeof(UpdateFreq) && expected == "'epoch'"),
            bool b => expected == (b ? "True" : "False"),
            string s => expected == $"'{s}'",
            Reduction r =>
                r == Reduction.SumOverBatchSize && expected.EndsWith("SUM_OVER_BATCH_SIZE", StringComparison.Ordinal),
            IConvertible number => double.TryParse(expected, CultureInfo.InvariantCulture, out double value)
                && value == number.ToDouble(CultureInfo.InvariantCulture),
            _ => false,
        };
    }

    static bool Excused(string owner, string name) =>
        s_otherwise.ContainsKey($"{owner}.{name}") || s_otherwise.ContainsKey($"*.{name}");

    internal static bool Knows(Action use)
    {
        try
        {
            use();
            return true;
        }
        catch (ArgumentException e) when (e.Message.StartsWith("Unknown", StringComparison.Ordinal))
        {
            return false;
        }
    }

    internal static string Camel(string snake, bool upper)
    {
        string[] words = snake.Split('_');
        return string.Concat(words.Select((w, i) => i == 0 && !upper ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }

    /// <summary>A comma outside all parentheses.</summary>
    [GeneratedRegex(@", (?=(?:[^()]|\((?:[^()]|\([^()]*\))*\))*$)")]
    private static partial Regex Comma();

    [GeneratedRegex(@"^- (def )?(?<name>\w+)\((?<arguments>.*)\)\s*(:|$)")]
    private static partial Regex Signature();
}
