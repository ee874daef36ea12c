using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>
/// A constraint that is applied to a weight after each update (Keras <c>keras.constraints.Constraint</c>).
/// </summary>
public abstract class Constraint
{
    static readonly ObjectRegistry<Constraint> s_known = new("constraint",
        (name, custom) => custom is Func<Tensor, Tensor> function ? FromFunction(function, name) : null)
    {
        ["MaxNorm"] = MaxNormOf,
        ["max_norm"] = MaxNormOf,
        ["maxnorm"] = MaxNormOf,
        ["NonNeg"] = _ => new NonNeg(),
        ["non_neg"] = _ => new NonNeg(),
        ["nonneg"] = _ => new NonNeg(),
        ["UnitNorm"] = UnitNormOf,
        ["unit_norm"] = UnitNormOf,
        ["unitnorm"] = UnitNormOf,
        ["MinMaxNorm"] = MinMaxNormOf,
        ["min_max_norm"] = MinMaxNormOf,
        ["minmaxnorm"] = MinMaxNormOf,
    };

    /// <summary>Returns the nearest allowed weight.</summary>
    /// <param name="w">The weight.</param>
    /// <returns>A tensor of the same shape.</returns>
    public abstract Tensor Call(Tensor w);

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public abstract JsonObject GetConfig();

    /// <summary>
    /// Gets a constraint by its Keras name (<c>max_norm</c>, <c>non_neg</c>, <c>unit_norm</c>, <c>min_max_norm</c>),
    /// with default settings.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Constraint(string name) =>
        s_known.Make(name, new Config(default, name), nameof(name));

    /// <summary>Creates a constraint from a function.</summary>
    /// <param name="function">A function from a weight to a tensor of the same shape.</param>
    /// <param name="name">
    /// The name in configurations, by which a <see cref="Utils.CustomObjectScope"/> finds the function.
    /// </param>
    /// <returns>The constraint.</returns>
    public static Constraint FromFunction(Func<Tensor, Tensor> function, string? name = null) =>
        new FunctionConstraint(function, name);

    /// <summary>Creates a constraint from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The constraint.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Constraint FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a constraint");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    internal virtual JsonNode Serialize() => Config.Wrap(GetType().Name, GetConfig());

    /// <summary>The norm of the weight's vectors along an axis.</summary>
    private protected static Tensor Norm(Tensor w, int axis) => K.Sqrt(K.Sum(K.Square(w), axis: axis, keepdims: true));

    static MaxNorm MaxNormOf(Config c) => new(c.Double("max_value", 2), c.Int("axis", 0));

    static UnitNorm UnitNormOf(Config c) => new(c.Int("axis", 0));

    static MinMaxNorm MinMaxNormOf(Config c) =>
        new(c.Double("min_value", 0), c.Double("max_value", 1), c.Double("rate", 1), c.Int("axis", 0));

    sealed class FunctionConstraint(Func<Tensor, Tensor> function, string? name) : Constraint
    {
        readonly Func<Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function));

        public override Tensor Call(Tensor w) => _function(w);

        public override JsonObject GetConfig() => [];

        internal override JsonNode Serialize() => name ?? throw new InvalidOperationException(
            "A constraint made from a function cannot be written to a configuration unless it has a name that a " +
            "CustomObjectScope knows.");
    }
}
