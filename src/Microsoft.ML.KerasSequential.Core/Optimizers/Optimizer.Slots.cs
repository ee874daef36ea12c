using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Optimizers;

// What an optimizer keeps between updates.
public abstract partial class Optimizer
{
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
        if (weights.Count == 0 || SlotNames.Count > 0 || Inner.Any(i => i.SlotNames.Count > 0)) return;
        using TraceScope scope = TraceScope.Begin(training: true, seed: 0);
        Updates(weights.Select(w => K.Sum(w)).Aggregate((a, b) => a + b), weights);
    }

    /// <summary>The name of the counter among the values shared by all weights.</summary>
    internal const string Counter = "iterations";

    /// <summary>The names of the slots for averages of weights, and for sums of gradients.</summary>
    internal const string AverageSlot = "average", AccumulatorSlot = "gradient_accumulator";

    /// <summary>
    /// Copies of the counter and the slots, by weight (null for shared values) and name; includes restored ones that
    /// are not yet used.
    /// </summary>
    internal IReadOnlyList<KeyValuePair<(Variable? Weight, string Slot), NDArray>> GetState() =>
    [
        .. OwnState(), .. Inner.SelectMany((inner, i) => inner.GetState()
            .Select(s => KeyValuePair.Create((s.Key.Weight, $"{i}.{s.Key.Slot}"), s.Value))),
    ];

    IEnumerable<KeyValuePair<(Variable? Weight, string Slot), NDArray>> OwnState()
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
        for (int i = 0; i < Inner.Count; i++)
        {
            string prefix = $"{i}.";
            Inner[i].SetState(state.Where(s => s.Key.Slot.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(s => (s.Key.Weight, s.Key.Slot[prefix.Length..]), s => s.Value));
        }
        _restored = Inner.Count == 0 ? state : state.Where(s => !s.Key.Slot.Contains('.', StringComparison.Ordinal))
            .ToDictionary(s => s.Key, s => s.Value);
        Restore((null, Counter), _iterations);
        foreach (((Variable?, string) key, Slot slot) in _slots) Restore(key, slot.State);
    }

    void Restore((Variable?, string) key, Variable variable)
    {
        if (_restored.TryGetValue(key, out NDArray? value) && value.Shape.SequenceEqual(variable.Sizes))
            variable.SetValue(value);
    }

    IReadOnlyDictionary<(Variable?, string), NDArray> _restored = new Dictionary<(Variable?, string), NDArray>();

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
        return SlotOf(weight, name, weight.Sizes.ToArray(), first);
    }

    /// <summary>Gets a value of any shape that is kept with a weight.</summary>
    private protected Variable SlotOf(Variable weight, string name, int[] shape, double first = 0)
    {
        if (!_slots.TryGetValue((weight, name), out Slot? slot))
        {
            _slots[(weight, name)] = slot =
                new Slot(new Variable($"{weight.Name}/{name}", shape), (float)first);
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

    /// <summary>Drops the slots of weights that no longer exist.</summary>
    internal void Forget(Func<Variable, bool> isGone)
    {
        foreach ((Variable?, string) key in _slots.Keys.Where(k => k.Item1 is { } weight && isGone(weight)).ToArray())
            _slots.Remove(key);
        foreach (Optimizer inner in Inner) inner.Forget(isGone);
    }

    /// <summary>The average of a weight; null if there is none yet.</summary>
    internal Variable? AverageOf(Variable weight) => _slots.GetValueOrDefault((weight, AverageSlot))?.State
        ?? Inner.Select(i => i.AverageOf(weight)).FirstOrDefault(a => a is not null);

    /// <summary>Whether averages of weights are kept.</summary>
    internal bool KeepsAverages => UseEma || Inner.Any(i => i.KeepsAverages);

    /// <summary>
    /// Replaces weights with their averages, if those are kept (Keras 3 <c>finalize_variable_values</c>).
    /// </summary>
    internal void UseAverages(IReadOnlyList<Variable> weights)
    {
        foreach (Variable weight in weights)
            if (AverageOf(weight) is { } average && Iterations > 0) weight.SetValue(average.GetValue());
    }

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
