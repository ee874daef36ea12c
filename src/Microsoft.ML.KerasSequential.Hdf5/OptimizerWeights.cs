using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>The step counter and slots of an optimizer in the orders of Keras' files.</summary>
internal static partial class OptimizerWeights
{
    const string Schedule = "m_schedule";

    static readonly (Variable?, string) s_iterations = (null, Optimizer.Counter), s_schedule = (null, Schedule);

    /// <summary>The slots of each optimizer, in Keras' order: the name in this library, in version 2 files, and in
    /// version 3 files.</summary>
    static readonly Dictionary<string, (string Own, string Two, string Three)[]> s_slots = new()
    {
        ["SGD"] = [("moment", "moment", "momentum")],
        ["RMSprop"] = [("mean_square", "accumulator", "velocity")],
        ["Adagrad"] = [("accumulator", "accumulator", "accumulator")],
        ["Adadelta"] = [("accumulator", "accumulator", "accumulated_grad"),
            ("delta_accumulator", "delta_accumulator", "accumulated_delta_var")],
        ["Adam"] = [("m", "m", "momentum"), ("v", "v", "velocity"), ("vhat", "vhat", "velocity_hat")],
        ["AdamW"] = [("m", "m", "momentum"), ("v", "v", "velocity"), ("vhat", "vhat", "velocity_hat")],
        ["Adamax"] = [("m", "m", "momentum"), ("u", "u", "norm")],
        ["Nadam"] = [("m", "m", "momentum"), ("v", "v", "velocity")],
        ["Lion"] = [("m", "m", "momentum")],
        ["Ftrl"] = [("accumulator", "accumulator", "accumulator"), ("linear", "linear", "linear")],
    };

    /// <summary>The names of all optimizers that files can contain.</summary>
    public static IEnumerable<string> Known => [.. s_slots.Keys, .. s_groups.Keys.Except(s_slots.Keys),
        nameof(LossScaleOptimizer), nameof(MultiOptimizer)];

    /// <summary>Whether version 2 files have a place for everything that an optimizer keeps.</summary>
    static bool IsOfTwo(Optimizer optimizer, IEnumerable<(Variable? Weight, string Slot)> kept) =>
        IsCustom(optimizer) || (s_slots.TryGetValue(optimizer.GetType().Name, out (string Own, string, string)[]? slots)
            && kept.All(k => k.Weight is null || slots.Any(s => s.Own == k.Slot)));

    static bool IsCustom(Optimizer optimizer) => optimizer.GetType().Assembly != typeof(Optimizer).Assembly;

    /// <summary>Names and values for a version 2 file: the counter, then slot by slot; empty if there was no
    /// update. What Keras 2 doesn't have is written in the order of version 3, whose first name tells it.</summary>
    public static IReadOnlyList<(string Name, NDArray Value)> Two(Optimizer optimizer, IReadOnlyList<Variable> weights)
    {
        Dictionary<(Variable?, string), NDArray> state = optimizer.GetState().ToDictionary(s => s.Key, s => s.Value);
        if (optimizer.Batches == 0 && state.Count <= 1) return [];
        string name = optimizer.GetType().Name;
        if (!IsOfTwo(optimizer, state.Keys))
            return [.. Three(optimizer, weights)
                .Select((s, i) => ($"{name}/{s.Name}{(i == 0 ? "" : $"_{i}")}", s.Value))];
        var all = new List<(string, NDArray)> { ($"{name}/{Optimizer.Counter}", state[s_iterations]) };
        foreach (string shared in SharedOf(optimizer, weights))
            if (state.TryGetValue((null, shared), out NDArray? value)) all.Add(($"{name}/{shared}", value));
        foreach ((string own, string two, _) in Slots(optimizer, weights))
        {
            for (int i = 0; i < weights.Count; i++)
            {
                // An unused slot is a zero of Keras' shape: a number for Adam's largest mean square, otherwise a
                // tensor.
                NDArray value = state.GetValueOrDefault((weights[i], own))
                    ?? (own == "vhat" ? new NDArray(1) : new NDArray(weights[i].Sizes.ToArray()));
                all.Add(($"training/{name}/{two}_{i}:0", value));
            }
        }
        return all;
    }

    /// <summary>Restores the state of an optimizer from a version 2 file, or one from tf.keras, which has the same
    /// order.</summary>
    /// <exception cref="ArgumentException">The number or a shape does not match.</exception>
    public static void ReadTwo(Optimizer optimizer, IReadOnlyList<Variable> weights, IReadOnlyList<NDArray> values,
        string source)
    {
        (string Own, string, string)[] slots = Slots(optimizer, weights);
        var state = new Dictionary<(Variable?, string), NDArray>();
        int next = 0;
        // Keras 2.2 and older: some optimizers have no counter.
        if (values is [{ Rank: 0 }, ..]) state[s_iterations] = values[next++];
        foreach (string shared in SharedOf(optimizer, weights))
            if (next < values.Count && values[next].Rank == 0) state[(null, shared)] = values[next++];
        foreach ((string own, _, _) in slots)
        {
            if (values.Count - next < weights.Count) break;
            for (int i = 0; i < weights.Count; i++, next++) Add(state, weights[i], own, values[next], source);
        }
        if (next < values.Count) throw TooMany(optimizer, weights, values.Count, source);
        optimizer.SetState(state);
    }

    static void Add(Dictionary<(Variable?, string), NDArray> state, Variable weight, string slot, NDArray value,
        string source)
    {
        if (slot == "vhat" && value.Size == 1 && weight.Size != 1) return;
        if (!value.Shape.SequenceEqual(weight.Sizes))
            throw new ArgumentException($"{source}: the optimizer's {slot} of {weight.Name} has shape "
                + $"{Shape.Format(value.Shape)}, but the weight {Shape.Format(weight.Sizes)}.", nameof(value));
        state[(weight, slot)] = value;
    }

    /// <summary>The optimizer state shared by all weights, except for the counter.</summary>
    static IReadOnlyList<string> SharedOf(Optimizer optimizer, IReadOnlyList<Variable> weights)
    {
        if (optimizer.GetType() == typeof(Nadam)) return [Schedule];
        if (optimizer.GetType().Assembly == typeof(Optimizer).Assembly) return [];
        optimizer.MakeSlots(weights);
        return optimizer.SharedNames;
    }

    /// <summary>The slots of an optimizer; those of a custom class are what its formula uses, under their own names if
    /// Keras has none.</summary>
    static (string Own, string Two, string Three)[] Slots(Optimizer optimizer, IReadOnlyList<Variable> weights)
    {
        Type type = optimizer.GetType();
        if (s_slots.TryGetValue(type.Name, out (string, string, string)[]? known)
            && type.Assembly == typeof(Optimizer).Assembly)
            return known;
        optimizer.MakeSlots(weights);
        while (type.Assembly != typeof(Optimizer).Assembly) type = type.BaseType!;
        (string Own, string, string)[] kin = s_slots.GetValueOrDefault(type.Name) ?? [];
        return [
            .. optimizer.SlotNames.Select(name =>
                Array.Find(kin, k => k.Own == name) is { Own: not null } named ? named : (name, name, name))];
    }

    static ArgumentException TooMany(Optimizer optimizer, IReadOnlyList<Variable> weights, int count, string source) =>
        new($"{source} contains {count} optimizer arrays, which do not match {optimizer.GetType().Name} over "
            + $"{weights.Count} weights; load with compile: false to skip them.", nameof(source));
}
