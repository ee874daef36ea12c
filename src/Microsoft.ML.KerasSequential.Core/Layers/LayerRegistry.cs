using System.Text.Json;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Layers by their Keras class names, each with the way to make one from its configuration.</summary>
internal static class LayerRegistry
{
    static readonly NameRegistry<Func<Config, LayerOptions, Layer>> s_known = new("layer")
    {
        ["InputLayer"] = (c, o) => new InputLayer(batchInputShape: o.BatchInputShape, name: o.Name),
        ["Dense"] = (c, o) => new Dense(c.RequiredInt("units"), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"), Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"), Constraint(c, "bias_constraint"), o),
        ["Activation"] = (c, o) => new Activation(Activation(c, "activation") ?? throw c.Missing("activation"), o),
        ["Dropout"] = (c, o) => new Dropout(c.OptionalDouble("rate") ?? throw c.Missing("rate"), c.Sizes("noise_shape") is { } noise ? new Shape(noise) : null, c.OptionalInt("seed"), o),
        ["Flatten"] = (c, o) => new Flatten(c.String("data_format"), o),
        ["Reshape"] = (c, o) => new Reshape(c.RequiredInts("target_shape"), o),
        ["Permute"] = (c, o) => new Permute(c.RequiredInts("dims"), o),
        ["RepeatVector"] = (c, o) => new RepeatVector(c.RequiredInt("n"), o),
        ["ActivityRegularization"] = (c, o) => new ActivityRegularization(c.Double("l1", 0), c.Double("l2", 0), o),
    };

    public static IEnumerable<string> Names => s_known.Names;

    public static Layer FromConfig(JsonElement element)
    {
        (string name, JsonElement settings) = Config.Open(element, "a layer");
        if (name == "Lambda") throw new ArgumentException("A Lambda layer holds code, which a configuration cannot carry: build the model in code and load its weights.", nameof(element));
        var config = new Config(settings, $"layer {name}");
        var options = new LayerOptions(
            config.String("name"),
            config.Bool("trainable", true),
            BatchInputShape: config.Sizes("batch_input_shape") is { } shape ? new Shape(shape) : null);
        return CustomObjectScope.Find(name) is { } custom ? Custom(name, custom, settings, options) : s_known.Get(name, nameof(element))(config, options);
    }

    static Layer Custom(string name, object custom, JsonElement settings, LayerOptions options)
    {
        Layer layer = custom switch
        {
            Func<Layer> make => make(),
            Func<JsonElement, Layer> make => make(settings),
            _ => throw new ArgumentException($"The custom object \"{name}\" is a {custom.GetType()}; a layer's is a function that makes a new one."),
        };
        if (!layer.IsNumbered && options.Name is not null) layer.Name = options.Name;
        layer.BatchInputShape ??= options.BatchInputShape;
        layer.Trainable = options.Trainable ?? true;
        return layer;
    }

    static ActivationFunction? Activation(Config c, string key) => c.Element(key) is { } e ? ActivationFunction.FromConfig(e) : null;

    static Initializer? Initializer(Config c, string key) => c.Element(key) is { } e ? Initializers.Initializer.FromConfig(e) : null;

    static Regularizer? Regularizer(Config c, string key) => c.Element(key) is { } e ? Regularizers.Regularizer.FromConfig(e) : null;

    static Constraint? Constraint(Config c, string key) => c.Element(key) is { } e ? Constraints.Constraint.FromConfig(e) : null;
}
