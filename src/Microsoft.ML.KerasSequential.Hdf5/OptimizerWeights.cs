using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>The step counter and slots of an optimizer in the orders of Keras' files.</summary>
internal static class OptimizerWeights
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
    public static IEnumerable<string> Known => s_slots.Keys;

    /// <summary>Names and values for a version 2 file: the counter, then slot by slot; empty if there was no
    /// update.</summary>
    public static IReadOnlyList<(string Name, NDArray Value)> Two(Optimizer optimizer, IReadOnlyList<Variable> weights)
    {
        Dictionary<(Variable?, string), NDArray> state = optimizer.GetState().ToDictionary(s => s.Key, s => s.Value);
        if (optimizer.Iterations == 0 && state.Count <= 1) return [];
        string name = optimizer.GetType().Name;
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

    /// <summary>Values for a version 3 file: counter and learning rate, then weight by weight.</summary>
    public static IReadOnlyList<(string Name, NDArray Value)> Three(Optimizer optimizer,
        IReadOnlyList<Variable> weights)
    {
        Dictionary<(Variable?, string), NDArray> state = optimizer.GetState().ToDictionary(s => s.Key, s => s.Value);
        var all = new List<(string, NDArray)> { ("iteration", state[s_iterations]),
            ("learning_rate", new NDArray([(float)optimizer.LearningRate])) };
        foreach (string shared in SharedOf(optimizer, weights).Where(s => s != Schedule))
            if (state.TryGetValue((null, shared), out NDArray? value)) all.Add((shared, value));
        foreach (Variable weight in weights)
        {
            foreach ((string own, _, string three) in Slots(optimizer, weights))
                if (state.TryGetValue((weight, own), out NDArray? value)) all.Add((three, value));
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

    /// <summary>Restores the state of an optimizer from a version 3 file.</summary>
    /// <exception cref="ArgumentException">The number or a shape does not match.</exception>
    public static void ReadThree(Optimizer optimizer, IReadOnlyList<Variable> weights, IReadOnlyList<NDArray> values,
        string source)
    {
        if (values.Count < 2) return;
        (string Own, string, string)[] slots = Slots(optimizer, weights);
        var state = new Dictionary<(Variable?, string), NDArray> { [s_iterations] = values[0].Reshape() };
        List<NDArray> rest = [.. values.Skip(2)];
        foreach (string shared in SharedOf(optimizer, weights).Where(s => s != Schedule))
        {
            if (rest is not [{ Rank: 0 } value, ..]) break;
            state[(null, shared)] = value;
            rest.RemoveAt(0);
        }
        // The product of the momenta follows from the number of updates; if a file contains it, it is the extra value.
        if (optimizer is Nadam) state[s_schedule] = new NDArray([Product(optimizer, (int)values[0].ToArray()[0])]);
        if (optimizer is Nadam && weights.Count > 0 && rest.Count % weights.Count == 1
            && rest.Find(v => v.Rank == 0) is { } odd)
            rest.Remove(odd);
        int each = weights.Count == 0 ? 0 : rest.Count / weights.Count;
        if (each > slots.Length || each * weights.Count != rest.Count)
            throw TooMany(optimizer, weights, values.Count, source);
        for (int i = 0; i < rest.Count; i++) Add(state, weights[i / each], slots[i % each].Own, rest[i], source);
        optimizer.SetState(state);
    }

    static float Product(Optimizer nadam, int updates)
    {
        double beta = nadam.GetConfig()["beta_1"]!.GetValue<double>(),
            decay = nadam.GetConfig()["schedule_decay"]!.GetValue<double>(), product = 1;
        for (int t = 1; t <= updates && product > float.Epsilon; t++)
            product *= beta * (1 - 0.5 * Math.Pow(0.96, t * decay));
        return (float)product;
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
