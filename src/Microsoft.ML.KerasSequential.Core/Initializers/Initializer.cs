using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>The initial values of a weight (Keras <c>keras.initializers.Initializer</c>).</summary>
public abstract class Initializer
{
    static readonly ObjectRegistry<Initializer> s_known = new("initializer", copy: i => i.Copy())
    {
        ["Zeros"] = _ => new Zeros(),
        ["zeros"] = _ => new Zeros(),
        ["zero"] = _ => new Zeros(),
        ["Ones"] = _ => new Ones(),
        ["ones"] = _ => new Ones(),
        ["one"] = _ => new Ones(),
        ["Constant"] = ConstantOf,
        ["constant"] = ConstantOf,
        ["RandomNormal"] = NormalOf,
        ["random_normal"] = NormalOf,
        ["normal"] = NormalOf,
        ["RandomUniform"] = UniformOf,
        ["random_uniform"] = UniformOf,
        ["uniform"] = UniformOf,
        ["TruncatedNormal"] = TruncatedOf,
        ["truncated_normal"] = TruncatedOf,
        ["VarianceScaling"] = ScalingOf,
        ["variance_scaling"] = ScalingOf,
        ["Orthogonal"] = OrthogonalOf,
        ["orthogonal"] = OrthogonalOf,
        ["OrthogonalInitializer"] = OrthogonalOf,
        ["IdentityInitializer"] = IdentityOf,
        ["Identity"] = IdentityOf,
        ["STFT"] = StftOf,
        ["STFTInitializer"] = StftOf,
        ["stft"] = StftOf,
        ["identity"] = IdentityOf,
        ["GlorotUniform"] = c => Scaled(c, 1, "fan_avg", "uniform"),
        ["GlorotNormal"] = c => Scaled(c, 1, "fan_avg", "normal"),
        ["HeUniform"] = c => Scaled(c, 2, "fan_in", "uniform"),
        ["HeNormal"] = c => Scaled(c, 2, "fan_in", "normal"),
        ["LecunUniform"] = c => Scaled(c, 1, "fan_in", "uniform"),
        ["LecunNormal"] = c => Scaled(c, 1, "fan_in", "normal"),
        ["glorot_uniform"] = c => Scaled(c, 1, "fan_avg", "uniform"),
        ["glorot_normal"] = c => Scaled(c, 1, "fan_avg", "normal"),
        ["he_uniform"] = c => Scaled(c, 2, "fan_in", "uniform"),
        ["he_normal"] = c => Scaled(c, 2, "fan_in", "normal"),
        ["lecun_uniform"] = c => Scaled(c, 1, "fan_in", "uniform"),
        ["lecun_normal"] = c => Scaled(c, 1, "fan_in", "normal"),
    };

    int _calls;

    /// <summary>
    /// The seed of the first call, or null for the model's seed. As in Keras, each further call uses the next number,
    /// so that weights that share an initializer differ.
    /// </summary>
    public virtual int? Seed => null;

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public abstract JsonObject GetConfig();

    /// <summary>Creates the initial values of a weight; override it in your own class.</summary>
    /// <param name="shape">The weight's shape.</param>
    /// <param name="seed">The seed to use if the initializer has no seed of its own.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">The initializer cannot create this shape.</exception>
    public virtual NDArray Call(int[] shape, long seed = 0)
    {
        var result = new NDArray(shape);
        Fill(result.Span, shape, Source(seed));
        return result;
    }

    /// <summary>The random numbers of one call.</summary>
    private protected RandomSource Source(long seed) =>
        new(Seed is int own ? (uint)(own + Interlocked.Increment(ref _calls) - 1) : (ulong)seed);

    /// <summary>Gets an initializer by its Keras name, with default settings.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Initializer(string name) =>
        s_known.Make(name, new Config(default, name), nameof(name));

    /// <summary>Creates an initializer from a function from a shape to values.</summary>
    /// <param name="function">The function.</param>
    /// <returns>The initializer.</returns>
    public static Initializer FromFunction(Func<int[], NDArray> function) => new FunctionInitializer(function);

    /// <summary>Creates an initializer from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The initializer.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Initializer FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "an initializer");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    /// <summary>An initializer with the same settings that has created no values yet.</summary>
    Initializer Copy()
    {
        var copy = (Initializer)MemberwiseClone();
        copy._calls = 0;
        return copy;
    }

    internal virtual JsonObject Serialize() => Config.Wrap(GetType().Name, GetConfig());

    /// <summary>How built-in initializers create values; user-defined ones do so in <see cref="Call"/>.</summary>
    internal virtual void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        Func<int[], long, NDArray> call = Call;
        if (call.Method.DeclaringType == typeof(Initializer))
            throw new InvalidOperationException($"The initializer {GetType().Name} does not override Call, which " +
                "must create the values.");
        int[] sizes = shape.ToArray();
        NDArray made = Call(sizes, ((long)random.Next() << 32) | random.Next());
        if (!made.Shape.SequenceEqual(sizes))
            throw new InvalidOperationException($"The initializer {GetType().Name} created values of shape " +
                $"{Shape.Format(made.Shape)}; expected {Shape.Format(sizes)}.");
        made.Span.CopyTo(values);
    }

    /// <summary>A number, lists of numbers, or an array in Keras 3's format.</summary>
    static Constant ConstantOf(Config c)
    {
        if (c.Element("value") is not { } value) return new();
        if (value.ValueKind == JsonValueKind.Object)
        {
            (string name, JsonElement settings) = Config.Open(value, "an array");
            if (name is not ("__numpy__" or "__tensor__"))
                throw new ArgumentException($"Constant: \"value\" is a {name}, which is not an array.");
            value = new Config(settings, name).Element("value") ?? throw new Config(settings, name).Missing("value");
        }
        return value.ValueKind == JsonValueKind.Array ? new(NestedLists.Read(value, "Constant: \"value\""))
            : new(c.Double("value", 0));
    }

    static RandomNormal NormalOf(Config c) => new(c.Double("mean", 0), c.Double("stddev", 0.05), c.Seed());

    static RandomUniform UniformOf(Config c) =>
        new(c.Double("minval", -0.05), c.Double("maxval", 0.05), c.Seed());

    static TruncatedNormal TruncatedOf(Config c) =>
        new(c.Double("mean", 0), c.Double("stddev", 0.05), c.Seed());

    static Orthogonal OrthogonalOf(Config c) => new(c.Double("gain", 1), c.Seed());

    static Identity IdentityOf(Config c) => new(c.Double("gain", 1));

    static STFT StftOf(Config c)
    {
        bool isList = c.Element("window") is { ValueKind: JsonValueKind.Array };
        return new(c.String("side") ?? "real", isList ? null : c.StringOr("window", "hann"),
            c.StringOr("scaling", "density"), c.Bool("periodic", false),
            isList ? NestedLists.Read(c.Element("window")!.Value, "STFT: \"window\"") : null);
    }

    static VarianceScaling ScalingOf(Config c) =>
        Scaled(c, c.Double("scale", 1), c.String("mode") ?? "fan_in", c.String("distribution") ?? "normal");

    static VarianceScaling Scaled(Config c, double scale, string mode, string distribution) =>
        new(scale, mode, distribution, c.Seed(), Axes(c, "input_axes"), Axes(c, "output_axes"));

    static Sizes? Axes(Config c, string key) => c.Has(key) ? c.RequiredInts(key) : null;

    sealed class FunctionInitializer(Func<int[], NDArray> function) : Initializer
    {
        readonly Func<int[], NDArray> _function = function ?? throw new ArgumentNullException(nameof(function));

        public override JsonObject GetConfig() => throw new InvalidOperationException("An initializer made from a " +
            "function cannot be written to a configuration.");

        internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
        {
            NDArray made = _function(shape.ToArray());
            if (!made.Shape.SequenceEqual(shape))
                throw new ArgumentException($"The initializer was expected to create shape {Shape.Format(shape)}, " +
                    $"but created {Shape.Format(made.Shape)}.");
            made.Span.CopyTo(values);
        }
    }
}
