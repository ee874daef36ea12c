using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
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
/// written with <see cref="K"/> and operators; <see cref="SlotOf"/> gets a value that is kept with a weight;
/// <see cref="Update"/> sets its next value. Learning rate decay or schedules, clipping, constraints and saving work
/// automatically.
/// </remarks>
public abstract class Optimizer
{
    Variable _learningRate = new("learning_rate", []);
    Variable _iterations = new(Counter, []);
    Dictionary<(Variable?, string), Slot> _slots = [];

    List<Update>? _updates;

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
        if (clipnorm is double norm) NotNegative(norm, nameof(clipnorm));
        if (clipvalue is double value) NotNegative(value, nameof(clipvalue));
        LearningRate = learningRate;
        (Decay, Clipnorm, Clipvalue) = (decay, clipnorm, clipvalue);
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
        get => Schedule?.At(Iterations) ?? _rate;
        set
        {
            if (Schedule is not null)
                throw new InvalidOperationException("The learning rate follows a schedule; it cannot be set.");
            NotNegative(value, nameof(value));
            _rate = value;
            _learningRate.Rewrite()[0] = (float)value;
        }
    }

    double _rate;

    /// <summary>The learning rate schedule, or null for a constant rate.</summary>
    public LearningRateSchedule? Schedule { get; private protected init; }

    /// <summary>
    /// The rate of the next update: <see cref="LearningRate"/> divided by 1 + decay·t after t updates.
    /// </summary>
    public double DecayedLearningRate => LearningRate / (1 + Decay * Iterations);

    /// <summary>The value that callbacks log as <c>lr</c>.</summary>
    internal double RateToLog(bool decayed) => decayed ? DecayedLearningRate : LearningRate;

    /// <summary>The same as <see cref="LearningRate"/>, under Keras' older name.</summary>
    public double Lr { get => LearningRate; set => LearningRate = value; }

    /// <summary>The learning rate at update t is divided by 1 + decay·t.</summary>
    public double Decay { get; }

    /// <summary>The maximum norm of all gradients together, or null.</summary>
    public double? Clipnorm { get; }

    /// <summary>The maximum absolute value of a gradient, or null.</summary>
    public double? Clipvalue { get; }

    /// <summary>The number of updates so far (exact up to 2²⁴, where it stops).</summary>
    public long Iterations
    {
        get
        {
            using ModelGate.Turn turn = _iterations.Enter();
            return (long)_iterations.Values[0];
        }
    }

    /// <summary>The gate of the model that the optimizer trains.</summary>
    internal ModelGate Gate { set => _iterations.Gate = value; }

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
    IReadOnlyList<Variable> Kept => _slots.Count == 0 && Iterations == 0 ? [] :
    [
        _iterations, .. _slots.Where(s => s.Key.Item1 is null).Select(s => s.Value.State),
        .. SlotNames.SelectMany(name => _slots.Where(s => s.Key.Item1 is not null && s.Key.Item2 == name)
            .Select(s => s.Value.State)),
    ];

    /// <summary>The names of the slots of each weight, in the order in which the formula requests them.</summary>
    internal IReadOnlyList<string> SlotNames =>
        [.. _slots.Keys.Where(k => k.Item1 is not null).Select(k => k.Item2).Distinct()];

    /// <summary>The names of the values shared by all weights, except the counter.</summary>
    internal IReadOnlyList<string> SharedNames => [.. _slots.Keys.Where(k => k.Item1 is null).Select(k => k.Item2)];

    /// <summary>
    /// Creates the slots of weights without an update, if there are none: those that the formula requests.
    /// </summary>
    internal void MakeSlots(IReadOnlyList<Variable> weights)
    {
        if (weights.Count == 0 || SlotNames.Count > 0) return;
        using TraceScope scope = TraceScope.Begin(training: true, seed: 0);
        Updates(weights.Select(w => K.Sum(w)).Aggregate((a, b) => a + b), weights);
    }

    /// <summary>The name of the counter among the values shared by all weights.</summary>
    internal const string Counter = "iterations";

    /// <summary>
    /// Copies of the counter and the slots, by weight (null for shared values) and name; includes restored ones that
    /// are not yet used.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<(Variable? Weight, string Slot), NDArray>> GetState()
    {
        KeyValuePair<(Variable?, string), NDArray>[] made = [KeyValuePair.Create(((Variable?)null, Counter),
            _iterations.GetValue()), .. _slots.Select(s => KeyValuePair.Create(s.Key, s.Value.State.GetValue()))];
        return [.. made, .. _restored.ExceptBy(made.Select(m => m.Key), r => r.Key)];
    }

    /// <summary>
    /// Restores what <see cref="GetState"/> returned: at once, or, for slots created later, at that time.
    /// </summary>
    internal void SetState(IReadOnlyDictionary<(Variable? Weight, string Slot), NDArray> state)
    {
        _restored = state;
        Restore((null, Counter), _iterations);
        foreach (((Variable?, string) key, Slot slot) in _slots) Restore(key, slot.State);
    }

    void Restore((Variable?, string) key, Variable variable)
    {
        if (_restored.TryGetValue(key, out NDArray? value) && value.Shape.SequenceEqual(variable.Sizes))
            variable.SetValue(value);
    }

    IReadOnlyDictionary<(Variable?, string), NDArray> _restored = new Dictionary<(Variable?, string), NDArray>();

    /// <summary>The index of the update in progress, starting at 0.</summary>
    protected Tensor Step => _iterations;

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig()
    {
        var config = new JsonObject();
        if (Clipnorm is double norm) config["clipnorm"] = norm;
        if (Clipvalue is double value) config["clipvalue"] = value;
        config["learning_rate"] = Schedule is null ? LearningRate : Schedule.Serialize();
        config["decay"] = Decay;
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
        return copy;
    }

    /// <summary>Discards slots and counter, as compiling does.</summary>
    internal void Reset()
    {
        _iterations.Rewrite()[0] = 0;
        _restored = new Dictionary<(Variable?, string), NDArray>();
        foreach (Slot slot in _slots.Values) slot.Reset();
    }

    /// <summary>Sets the learning rate of the next update.</summary>
    internal void BeginStep()
    {
        if (Schedule is null) return;
        float rate = (float)Schedule.At(CountUpdates());
        if (_learningRate.Values[0] != rate) _learningRate.Rewrite()[0] = rate;
    }

    /// <summary>The counter without reading it from a device; it grows by one with each update.</summary>
    long CountUpdates()
    {
        long known = _counted.Rewrites == _iterations.Rewrites ? _counted.Value
            + (_iterations.Version - _counted.Version) : Iterations;
        _counted = (known, _iterations.Version, _iterations.Rewrites);
        return known;
    }

    (long Value, long Version, long Rewrites) _counted = (0, 0, -1);

    /// <summary>All updates of a step.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="weights">The weights to train.</param>
    /// <param name="starts">Values that steps start from, for weights that layers update themselves.</param>
    internal IReadOnlyList<Update> Updates(Tensor loss, IReadOnlyList<Variable> weights,
        IReadOnlyList<Update>? starts = null)
    {
        Tensor[] gradients = Gradients.Required(loss, weights);
        using IDisposable scope = TraceScope.Name(GetType().Name);
        if (Clipnorm is double norm && norm > 0)
        {
            Tensor length = Sqrt(gradients.Select(g => K.Sum(K.Square(g))).Aggregate((Tensor)0, (a, b) => a + b));
            Tensor factor = K.Where(length >= norm, norm / length, 1);
            gradients = [.. gradients.Select(g => g * factor)];
        }
        if (Clipvalue is double limit && limit > 0) gradients = [.. gradients.Select(g => K.Clip(g, -limit, limit))];

        Tensor rate = Decay == 0 ? _learningRate : _learningRate / (1 + Decay * _iterations);
        List<Update> updates = _updates = [new(_iterations, _iterations + 1)];
        try
        {
            rate = Prepare(rate);
            for (int i = 0; i < weights.Count; i++)
            {
                Tensor next = Apply(weights[i], gradients[i], rate);
                if (starts?.FirstOrDefault(s => ReferenceEquals(s.Variable,
                weights[i])) is { Variable: not null } start)
                    next += start.Value - weights[i];
                updates.Add(new(weights[i], weights[i].Constraint?.Call(next) ?? next));
            }
            return updates;
        }
        finally
        {
            _updates = null;
        }
    }

    /// <summary>Computes what all weights share, once per update; by default the unchanged rate.</summary>
    /// <param name="rate">The learning rate of this update, a tensor without dimensions.</param>
    /// <returns>The rate that is passed to <see cref="Apply"/>.</returns>
    protected virtual Tensor Prepare(Tensor rate) => rate;

    /// <summary>The formula for one weight; it is traced once, and runs in each step.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">Its gradient, clipped.</param>
    /// <param name="rate">The rate from <see cref="Prepare"/>.</param>
    /// <returns>The weight's next value, before its constraint.</returns>
    protected abstract Tensor Apply(Variable weight, Tensor gradient, Tensor rate);

    /// <summary>Sets a slot's next value; to be called in <see cref="Apply"/> and <see cref="Prepare"/>.</summary>
    /// <param name="slot">A slot from <see cref="SlotOf"/> or <see cref="Shared"/>.</param>
    /// <param name="value">The value after the update.</param>
    /// <exception cref="InvalidOperationException">It was called elsewhere.</exception>
    protected void Update(Variable slot, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(value);
        (_updates ?? throw new InvalidOperationException("An optimizer's slots can be updated only while its formula " +
            "is traced: call Update in Apply or Prepare.")).Add(new(slot, value));
    }

    /// <summary>
    /// Gets a value of a weight's shape that is kept with the weight, created at the first call; it is saved and
    /// restored with the model.
    /// </summary>
    /// <param name="weight">The weight.</param>
    /// <param name="name">The slot's name.</param>
    /// <param name="first">The value it is filled with before the first update.</param>
    /// <returns>The slot.</returns>
    protected Variable SlotOf(Variable weight, string name, double first = 0)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_slots.TryGetValue((weight, name), out Slot? slot))
        {
            _slots[(weight, name)] = slot =
                new Slot(new Variable($"{weight.Name}/{name}", weight.Sizes.ToArray()), (float)first);
            Restore((weight, name), slot.State);
        }
        return slot.State;
    }

    /// <summary>Gets a number that is shared by all weights, created at the first call.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="first">Its value before the first update.</param>
    /// <returns>A variable without dimensions.</returns>
    protected Variable Shared(string name, double first)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_slots.TryGetValue((null, name), out Slot? slot))
        {
            _slots[(null, name)] = slot = new Slot(new Variable(name, []), (float)first);
            Restore((null, name), slot.State);
        }
        return slot.State;
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

    /// <summary>A state with its initial value.</summary>
    sealed class Slot
    {
        readonly float _first;

        public Slot(Variable state, float first)
        {
            (State, _first) = (state, first);
            Reset();
        }

        public Variable State { get; }

        public void Reset() => State.Rewrite().Fill(_first);
    }
}
