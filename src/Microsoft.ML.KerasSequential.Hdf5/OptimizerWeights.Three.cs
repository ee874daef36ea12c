using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Hdf5;

// The order of version 3 files: counter, learning rate, averages, sums of gradients, then the slots in groups.
internal static partial class OptimizerWeights
{
    /// <summary>The slots of each optimizer: those of a group alternate weight by weight, one group after the
    /// other.</summary>
    static readonly Dictionary<string, (string Own, string Three)[][]> s_groups = new()
    {
        ["SGD"] = [[("moment", "momentum")]],
        ["RMSprop"] = [[("mean_square", "velocity")], [("moment", "momentum")], [("mean", "average_gradient")]],
        ["Adagrad"] = [[("accumulator", "accumulator")]],
        ["Adadelta"] = [[("accumulator", "accumulated_grad"), ("delta_accumulator", "accumulated_delta_var")]],
        ["Adam"] = [[("m", "momentum"), ("v", "velocity")], [("vhat", "velocity_hat")]],
        ["AdamW"] = [[("m", "momentum"), ("v", "velocity")], [("vhat", "velocity_hat")]],
        ["Adamax"] = [[("m", "momentum"), ("u", "norm")]],
        ["Nadam"] = [[("m", "momentum"), ("v", "velocity")]],
        ["Lion"] = [[("m", "momentum")]],
        ["Ftrl"] = [[("accumulator", "accumulator"), ("linear", "linear")]],
        ["Adafactor"] = [[("r", "r"), ("c", "c"), ("v", "velocity")]],
        ["Lamb"] = [[("m", "momentum"), ("v", "velocity")]],
        ["Muon"] = [[("m", "momentum"), ("v", "velocity")]],
        ["ScheduleFreeAdamW"] = [[("z", "momentum"), ("v", "velocity")]],
    };

    /// <summary>A value in a file.</summary>
    /// <param name="Key">The value's key in the state; null if only Keras has it.</param>
    /// <param name="Name">The name in the file.</param>
    /// <param name="Otherwise">The value to write if it isn't in the state; null to write nothing.</param>
    readonly record struct Place((Variable? Weight, string Slot)? Key, string Name, NDArray? Otherwise = null);

    /// <summary>Names and values for a version 3 file.</summary>
    public static IReadOnlyList<(string Name, NDArray Value)> Three(Optimizer optimizer,
        IReadOnlyList<Variable> weights)
    {
        Dictionary<(Variable?, string), NDArray> state = optimizer.GetState().ToDictionary(s => s.Key, s => s.Value);
        return
        [
            .. from place in Places(optimizer, weights, "", key => state.ContainsKey(key))
               let value = place.Key is { } key ? state.GetValueOrDefault(key) ?? place.Otherwise : place.Otherwise
               where value is not null
               select (place.Name, value),
        ];
    }

    /// <summary>Restores the state of an optimizer from a version 3 file.</summary>
    /// <exception cref="ArgumentException">The number or a shape does not match.</exception>
    public static void ReadThree(Optimizer optimizer, IReadOnlyList<Variable> weights, IReadOnlyList<NDArray> values,
        string source)
    {
        if (values.Count == 0) return;
        optimizer.MakeSlots(weights);
        Dictionary<(Variable?, string), NDArray> made = optimizer.GetState().ToDictionary(s => s.Key, s => s.Value);
        var state = new Dictionary<(Variable?, string), NDArray>();
        List<NDArray> given = [.. values];
        if (optimizer is Nadam)
        {
            // The product of the momenta follows from the number of updates, wherever a file has it.
            int updates = (int)values[0].ToArray()[0] / (optimizer.GradientAccumulationSteps ?? 1);
            state[s_schedule] = new NDArray([Product(optimizer, updates)], []);
            if (given.FindLastIndex(v => v.Rank == 0) is var odd and > 1) given.RemoveAt(odd);
        }
        Place[] places = [.. Places(optimizer, weights, "", made.ContainsKey).Where(p => p.Key != s_schedule)];
        if (given.Count <= 2 && places.Length > 2) places = places[..given.Count];
        // Files of earlier versions of this library have a learning rate even if a schedule sets it.
        if (given.Count == places.Length + 1 && optimizer.Schedule is not null) given.RemoveAt(1);
        if (given.Count != places.Length) throw TooMany(optimizer, weights, values.Count, source);
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i].Key is not { } key) continue;
            NDArray value = key.Weight is null ? given[i].Reshape() : given[i];
            if (!value.Shape.SequenceEqual(made[key].Shape))
                throw new ArgumentException($"{source}: the optimizer's {key.Slot} of {key.Weight?.Name} has shape "
                    + $"{Shape.Format(value.Shape)}, but {Shape.Format(made[key].Shape)} was expected.",
                    nameof(values));
            state[key] = value;
        }
        optimizer.SetState(state);
    }

    /// <summary>The values of an optimizer in order.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="weights">The weights that it updates.</param>
    /// <param name="prefix">What its keys begin with in the state of the optimizer that it belongs to.</param>
    /// <param name="isKept">Whether a key is in the state.</param>
    static IEnumerable<Place> Places(Optimizer optimizer, IReadOnlyList<Variable> weights, string prefix,
        Predicate<(Variable?, string)> isKept)
    {
        IReadOnlyList<Optimizer> inner = optimizer.Inner;
        yield return new((null, prefix + Optimizer.Counter), "iteration");
        if (inner.Count > 0 || optimizer.Schedule is null)
            yield return new(null, "learning_rate",
                new NDArray([inner.Count > 0 ? 0 : (float)optimizer.LearningRate], []));
        if (optimizer is LossScaleOptimizer)
        {
            yield return new((null, prefix + "step_counter"), "step_counter");
            yield return new((null, prefix + "dynamic_scale"), "dynamic_scale");
        }
        for (int i = 0; i < inner.Count; i++)
        {
            IReadOnlyList<Variable> own = optimizer is MultiOptimizer several ? several.WeightsOf(inner[i], weights)
                : weights;
            foreach (Place place in Places(inner[i], own, $"{prefix}{i}.", isKept)) yield return place;
        }
        if (inner.Count > 0) yield break;
        if (IsCustom(optimizer))
            foreach (string shared in SharedOf(optimizer, weights)) yield return new((null, prefix + shared), shared);
        foreach (string slot in new[] { Optimizer.AverageSlot, Optimizer.AccumulatorSlot })
            foreach (Place place in Group([(slot, slot)])) yield return place;
        (string Own, string Three)[][] groups = !IsCustom(optimizer) ? s_groups[optimizer.GetType().Name]
            : [[.. Slots(optimizer, weights).Select(s => (s.Own, s.Three))
                .Where(s => s.Own is not (Optimizer.AverageSlot or Optimizer.AccumulatorSlot))]];
        foreach ((string, string)[] group in groups)
            foreach (Place place in Group(group)) yield return place;
        if (optimizer is Nadam && !IsCustom(optimizer)) yield return new((null, prefix + Schedule), "u_product");

        IEnumerable<Place> Group((string Own, string Three)[] slots)
        {
            foreach (Variable weight in weights)
            {
                foreach ((string own, string three) in slots)
                {
                    if (isKept((weight, prefix + own))) yield return new((weight, prefix + own), three);
                    // Keras keeps a number where a weight has no rows and columns.
                    else if (own is "r" or "c" && isKept((weight, prefix + "v")))
                        yield return new(null, three, new NDArray([0f], []));
                }
            }
        }
    }

    static float Product(Optimizer nadam, int updates)
    {
        double beta = nadam.GetConfig()["beta_1"]!.GetValue<double>(),
            decay = nadam.GetConfig()["schedule_decay"]!.GetValue<double>(), product = 1;
        for (int t = 1; t <= updates && product > float.Epsilon; t++)
            product *= beta * (1 - 0.5 * Math.Pow(0.96, t * decay));
        return (float)product;
    }
}
