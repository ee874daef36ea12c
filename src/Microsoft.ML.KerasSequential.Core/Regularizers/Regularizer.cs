using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Regularizers;

/// <summary>
/// A penalty on weights or outputs that is added to the loss (Keras <c>keras.regularizers.Regularizer</c>).
/// </summary>
public abstract class Regularizer
{
    static readonly ObjectRegistry<Regularizer> s_known = new("regularizer",
        (name, custom) => custom is Func<Tensor, Tensor> function ? FromFunction(function, name) : null)
    {
        ["L1L2"] = c => new L1L2(c.Double("l1", 0), c.Double("l2", 0)),
        ["L1"] = c => new L1(c.Double("l1", 0.01)),
        ["L2"] = c => new L2(c.Double("l2", 0.01)),
        ["OrthogonalRegularizer"] = OrthogonalOf,
        ["orthogonal_regularizer"] = OrthogonalOf,
        ["l1"] = c => new L1L2(l1: c.Double("l", 0.01)),
        ["l2"] = c => new L1L2(l2: c.Double("l", 0.01)),
        ["l1_l2"] = c => new L1L2(c.Double("l1", 0.01), c.Double("l2", 0.01)),
    };

    /// <summary>Computes the penalty, a tensor without dimensions.</summary>
    /// <param name="x">The weight or output to penalize.</param>
    /// <returns>The penalty.</returns>
    public abstract Tensor Call(Tensor x);

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public abstract JsonObject GetConfig();

    /// <summary>Gets a regularizer by its Keras name: <c>l1</c>, <c>l2</c> or <c>l1_l2</c>, each with 0.01.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Regularizer(string name) =>
        s_known.Make(name, new Config(default, name), nameof(name));

    /// <summary>Creates a regularizer from a function.</summary>
    /// <param name="function">A function from a tensor to a tensor without dimensions.</param>
    /// <param name="name">
    /// The name in configurations, by which a <see cref="Utils.CustomObjectScope"/> finds the function.
    /// </param>
    /// <returns>The regularizer.</returns>
    public static Regularizer FromFunction(Func<Tensor, Tensor> function, string? name = null) =>
        new FunctionRegularizer(function, name);

    /// <summary>Creates a regularizer from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The regularizer.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Regularizer FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a regularizer");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    static OrthogonalRegularizer OrthogonalOf(Config c) =>
        new(c.Double("factor", 0.01), c.String("mode") ?? "rows");

    internal virtual JsonNode Serialize() => Config.Wrap(GetType().Name, GetConfig());

    sealed class FunctionRegularizer(Func<Tensor, Tensor> function, string? name) : Regularizer
    {
        readonly Func<Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function));

        public override Tensor Call(Tensor x) => _function(x);

        public override JsonObject GetConfig() => [];

        internal override JsonNode Serialize() => name ?? throw new InvalidOperationException(
            "A regularizer made from a function cannot be written to a configuration unless it has a name that a " +
            "CustomObjectScope knows.");
    }
}
