using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// A learning rate that changes from update to update (Keras 3 <c>keras.optimizers.schedules.LearningRateSchedule</c>).
/// </summary>
public abstract class LearningRateSchedule
{
    static readonly ObjectRegistry<LearningRateSchedule> s_known = new("learning rate schedule",
        (_, custom) => custom is Func<long, double> function ? FromFunction(function) : null)
    {
        ["ExponentialDecay"] = c => new ExponentialDecay(First(c), Required(c, "decay_steps"),
            Required(c, "decay_rate"), c.Bool("staircase", false)),
        ["InverseTimeDecay"] = c => new InverseTimeDecay(First(c), Required(c, "decay_steps"),
            Required(c, "decay_rate"), c.Bool("staircase", false)),
        ["PolynomialDecay"] = c => new PolynomialDecay(First(c), Required(c, "decay_steps"),
            c.Double("end_learning_rate", 0.0001), c.Double("power", 1), c.Bool("cycle", false)),
        ["PiecewiseConstantDecay"] = c => new PiecewiseConstantDecay(
            [.. (c.Numbers("boundaries") ?? throw c.Missing("boundaries")).Select(b => (long)b)],
            c.Numbers("values") ?? throw c.Missing("values")),
        ["CosineDecay"] = c => new CosineDecay(First(c), Required(c, "decay_steps"), c.Double("alpha", 0),
            c.OptionalDouble("warmup_target"), c.Double("warmup_steps", 0)),
        ["CosineDecayRestarts"] = c => new CosineDecayRestarts(First(c), Required(c, "first_decay_steps"),
            c.Double("t_mul", 2), c.Double("m_mul", 1), c.Double("alpha", 0)),
    };

    /// <summary>The names of all schedules.</summary>
    internal static IEnumerable<string> Names => s_known.Names;

    /// <summary>Gets the learning rate of an update.</summary>
    /// <param name="step">The number of previous updates.</param>
    /// <returns>The rate.</returns>
    public abstract double At(long step);

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public abstract JsonObject GetConfig();

    /// <summary>Creates a schedule from a function.</summary>
    /// <param name="function">A function from the number of previous updates to the learning rate.</param>
    /// <returns>The schedule.</returns>
    public static LearningRateSchedule FromFunction(Func<long, double> function) => new FunctionSchedule(function);

    /// <summary>Creates a schedule from Keras' configuration.</summary>
    /// <param name="config"><c>{"class_name", "config"}</c>.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentException">The class is unknown or a setting is invalid.</exception>
    public static LearningRateSchedule FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a learning rate schedule");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    internal JsonNode Serialize() => Config.Wrap(GetType().Name, GetConfig());

    internal static double First(LearningRateSchedule schedule) =>
        (schedule ?? throw new ArgumentNullException(nameof(schedule))).At(0);

    private protected static void Positive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, $"{name} must be above 0; given {value}.");
    }

    private protected static void NotNegative(double value, string name)
    {
        if (!(value >= 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, $"{name} must be 0 or more; given {value}.");
    }

    static double First(Config c) => Required(c, "initial_learning_rate");

    static double Required(Config c, string key) => c.OptionalDouble(key) ?? throw c.Missing(key);

    sealed class FunctionSchedule(Func<long, double> function) : LearningRateSchedule
    {
        readonly Func<long, double> _function = function ?? throw new ArgumentNullException(nameof(function));

        public override double At(long step) => _function(step);

        public override JsonObject GetConfig() => throw new InvalidOperationException("A schedule made from a " +
            "function cannot be written to a configuration.");
    }
}
