using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Updates weights from their gradients (Keras <c>keras.optimizers.Optimizer</c>). An optimizer is a set of slots per
/// weight and one formula; the formula is part of the graph, so it runs fused, on the device, within the step.
/// </summary>
/// <remarks>
/// To write your own optimizer, derive from this class or from another optimizer: <see cref="Apply"/> is the formula,
/// written with <see cref="K"/> and operators; <see cref="SlotOf(Variable, string, double)"/> gets a value that is kept
/// with a weight;
/// <see cref="Update"/> sets its next value. Learning rate decay or schedules, weight decay, clipping, averages,
/// constraints, and saving work automatically. The settings that all optimizers have are properties:
/// <c>new Adam(0.001) { WeightDecay = 0.004, UseEma = true }</c>.
/// </remarks>
public abstract partial class Optimizer
{
    double? _clipvalue;
    Variable _learningRate = new("learning_rate", []);
    Variable _iterations = new(Counter, []);
    Dictionary<(Variable?, string), Slot> _slots = [];

    /// <summary>Creates an optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is negative or not a number.</exception>
    protected Optimizer(double learningRate, double decay = 0, double? clipnorm = null, double? clipvalue = null)
    {
        NotNegative(learningRate, nameof(learningRate));
        NotNegative(decay, nameof(decay));
        _rate = learningRate;
        _learningRate.Rewrite()[0] = (float)learningRate;
        Decay = decay;
        LimitGradients(clipnorm, clipvalue);
    }

    /// <summary>Creates an optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is negative or not a number.</exception>
    protected Optimizer(LearningRateSchedule learningRate, double decay = 0, double? clipnorm = null,
        double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), decay, clipnorm, clipvalue) => Schedule = learningRate;

    /// <summary>
    /// The learning rate; it may be changed between batches. With a schedule, the rate of the next update.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    /// <exception cref="InvalidOperationException">A schedule sets the learning rate.</exception>
    public double LearningRate
    {
        get => RateOwner is { } owner && owner != this ? owner.LearningRate : Schedule?.At(Batches) ?? _rate;
        set
        {
            if (RateOwner is { } owner && owner != this)
            {
                owner.LearningRate = value;
                return;
            }
            if (Schedule is not null)
                throw new InvalidOperationException("The learning rate follows a schedule; it cannot be set.");
            NotNegative(value, nameof(value));
            _rate = value;
            _learningRate.Rewrite()[0] = (float)value;
        }
    }

    double _rate;

    /// <summary>The optimizer whose learning rate counts.</summary>
    /// <exception cref="InvalidOperationException">There are several, with a rate of their own.</exception>
    private protected virtual Optimizer RateOwner => this;

    /// <summary>The optimizers that this one consists of.</summary>
    internal virtual IReadOnlyList<Optimizer> Inner => [];

    /// <summary>Whether the optimizer has one learning rate, rather than several.</summary>
    internal virtual bool HasOneRate => true;

    /// <summary>The learning rate schedule, or null for a constant rate.</summary>
    public LearningRateSchedule? Schedule
    {
        get => HasOneRate && RateOwner is { } owner && owner != this ? owner.Schedule : _schedule;
        private protected init => _schedule = value;
    }

    readonly LearningRateSchedule? _schedule;

    /// <summary>
    /// The rate of the next update: <see cref="LearningRate"/> divided by 1 + decay·t after t updates.
    /// </summary>
    public double DecayedLearningRate => LearningRate / (1 + (HasOneRate ? RateOwner.Decay : 0) * Iterations);

    /// <summary>The value that callbacks log as <c>lr</c>.</summary>
    internal double RateToLog(bool decayed) => decayed ? DecayedLearningRate : LearningRate;

    /// <summary>The same as <see cref="LearningRate"/>, under Keras' older name.</summary>
    public double Lr { get => LearningRate; set => LearningRate = value; }

    /// <summary>The learning rate at update t is divided by 1 + decay·t.</summary>
    public double Decay { get; }

    /// <summary>
    /// The maximum norm of all gradients together, or null, as in Keras 2; Keras 3 calls it
    /// <see cref="GlobalClipnorm"/>.
    /// </summary>
    public double? Clipnorm { get; private set; }

    /// <summary>The maximum absolute value of a gradient, or null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public double? Clipvalue
    {
        get => _clipvalue;
        init
        {
            if (value is double limit) NotNegative(limit, nameof(Clipvalue));
            _clipvalue = value;
        }
    }

    internal void LimitGradients(double? clipnorm, double? clipvalue)
    {
        if (clipnorm is double norm) NotNegative(norm, nameof(clipnorm));
        if (clipvalue is double value) NotNegative(value, nameof(clipvalue));
        (Clipnorm, _clipvalue) = (clipnorm, clipvalue);
    }

    /// <summary>The number of updates so far (exact up to 2²⁴, where it stops).</summary>
    public virtual long Iterations => Batches / (GradientAccumulationSteps ?? 1);

    /// <summary>The number of batches so far; an update takes several of them if gradients are accumulated.</summary>
    internal long Batches
    {
        get
        {
            using ModelGate.Turn turn = _iterations.Enter();
            return (long)_iterations.Values[0];
        }
    }

    /// <summary>The gate of the model that the optimizer trains.</summary>
    internal ModelGate Gate
    {
        set
        {
            _iterations.Gate = value;
            foreach (Optimizer inner in Inner) inner.Gate = value;
        }
    }

    /// <summary>
    /// Returns copies of the counter and the slots (Keras <c>get_weights</c>): <see cref="Iterations"/>, values shared
    /// by all weights, then each slot in the order of the weights.
    /// </summary>
    /// <returns>One array for each; none before the first update.</returns>
    public IReadOnlyList<NDArray> GetWeights()
    {
        using ModelGate.Turn turn = _iterations.Enter();
        return [.. Kept.Select(k => k.GetValue())];
    }

    /// <summary>
    /// Replaces the counter and the slots with those from <see cref="GetWeights"/> (Keras <c>set_weights</c>).
    /// </summary>
    /// <param name="weights">One array for each.</param>
    /// <exception cref="ArgumentException">The number of arrays or a shape differs; nothing was changed.</exception>
    public void SetWeights(IReadOnlyList<NDArray> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using ModelGate.Turn turn = _iterations.Enter();
        IReadOnlyList<Variable> kept = Kept;
        if (weights.Count != kept.Count)
            throw new ArgumentException($"Length of the specified weight list ({weights.Count}) does not match the " +
                $"number of weights of the optimizer ({kept.Count}); it creates them at the first update.",
                nameof(weights));
        for (int i = 0; i < kept.Count; i++)
        {
            if (weights[i] is null || !weights[i].Shape.SequenceEqual(kept[i].Sizes))
                throw new ArgumentException($"Optimizer weight shape {Shape.Format(kept[i].Sizes)} of {kept[i].Name} " +
                    "is not compatible with the provided one, " +
                    $"{(weights[i] is null ? "null" : Shape.Format(weights[i].Shape))}.", nameof(weights));
        }
        for (int i = 0; i < kept.Count; i++) kept[i].SetValue(weights[i]);
    }

    /// <summary>The counter and the slots in Keras' order; none before the first update.</summary>
    IReadOnlyList<Variable> Kept => _slots.Count == 0 && Batches == 0 && Inner.All(i => i.Kept.Count == 0) ? [] :
    [
        _iterations, .. _slots.Where(s => s.Key.Item1 is null).Select(s => s.Value.State),
        .. SlotNames.SelectMany(name => _slots.Where(s => s.Key.Item1 is not null && s.Key.Item2 == name)
            .Select(s => s.Value.State)),
        .. Inner.SelectMany(inner => inner.Kept),
    ];

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig()
    {
        var config = new JsonObject();
        if (Clipnorm is double norm) config["clipnorm"] = norm;
        if (Clipvalue is double value) config["clipvalue"] = value;
        config["learning_rate"] = Schedule is null ? LearningRate : Schedule.Serialize();
        config["decay"] = Decay;
        _settings.AddTo(config);
        return config;
    }

    /// <summary>Gets an optimizer by its Keras name, with default settings.</summary>
    /// <param name="name">The name, case-insensitive.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Optimizer(string name) =>
        OptimizerRegistry.Known.Make(name, new Config(default, name), nameof(name));

    /// <summary>Creates an optimizer from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The optimizer.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Optimizer FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "an optimizer");
        return OptimizerRegistry.Known.Make(name, new Config(settings, name), nameof(config));
    }

    /// <summary>An optimizer with the same settings that has made no updates.</summary>
    internal Optimizer Copy()
    {
        var copy = (Optimizer)MemberwiseClone();
        (copy._learningRate, copy._iterations, copy._slots) = (new("learning_rate", []), new(Counter, []), []);
        copy._learningRate.Rewrite()[0] = (float)_rate;
        copy._counted = (0, 0, -1);
        copy._restored = new Dictionary<(Variable?, string), NDArray>();
        copy.CopyInner();
        return copy;
    }

    /// <summary>Replaces the optimizers that this one consists of with copies.</summary>
    private protected virtual void CopyInner() { }

    /// <summary>Discards slots and counter, as compiling does.</summary>
    internal void Reset()
    {
        _iterations.Rewrite()[0] = 0;
        _restored = new Dictionary<(Variable?, string), NDArray>();
        foreach (Slot slot in _slots.Values) slot.Reset();
        foreach (Optimizer inner in Inner) inner.Reset();
    }

    /// <summary>1 − βᵗ through expm1, since 1 − β loses most digits of a float32.</summary>
    private protected static Tensor OneMinusPower(double beta, Tensor t) =>
        beta == 0 ? 1 : -K.Expm1(t * Math.Log(beta));

    /// <summary>
    /// Flushes subnormal numbers in a slot's next value to 0: a mean that only decays would end up there, and CPUs are
    /// several times slower with them.
    /// </summary>
    /// <param name="slot">The slot's next value.</param>
    /// <returns>The same, with 0 in place of subnormal numbers.</returns>
    protected static Tensor Normal(Tensor slot) => K.Where(K.Abs(slot) < FloatBits.SmallestNormal, 0, slot);

    private protected static void NotNegative(double value, string name)
    {
        if (!(value >= 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, $"{name} must be 0 or more; given {value}.");
    }

    /// <summary>Checks a factor of a running mean, which must be in [0, 1).</summary>
    private protected static void Beta(double value, string name)
    {
        if (!(value >= 0 && value < 1))
            throw new ArgumentOutOfRangeException(name, $"{name} must be in [0, 1); given {value}.");
    }

    private protected static void Share(double value, string name)
    {
        if (!(value >= 0 && value <= 1))
            throw new ArgumentOutOfRangeException(name, $"{name} must be in [0, 1]; given {value}.");
    }

    /// <summary>The square root of something that cannot be negative.</summary>
    private protected static Tensor Sqrt(Tensor x) => new(new Elementwise(ElementwiseKind.Sqrt), x);
}
