using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Optimizers;

// The updates of a step.
public abstract partial class Optimizer
{
    List<Update>? _updates;
    Tensor? _decay;
    bool _hasDecayed;

    /// <summary>Sets the learning rate of the next update.</summary>
    internal void BeginStep()
    {
        foreach (Optimizer inner in Inner) inner.BeginStep();
        if (Schedule is null) return;
        float rate = (float)Schedule.At(CountBatches());
        if (_learningRate.Values[0] != rate) _learningRate.Rewrite()[0] = rate;
    }

    /// <summary>The counter without reading it from a device; it grows by one with each batch.</summary>
    long CountBatches()
    {
        long known = _counted.Rewrites == _iterations.Rewrites ? _counted.Value
            + (_iterations.Version - _counted.Version) : Batches;
        _counted = (known, _iterations.Version, _iterations.Rewrites);
        return known;
    }

    (long Value, long Version, long Rewrites) _counted = (0, 0, -1);

    /// <summary>The index of the update in progress, starting at 0.</summary>
    protected Tensor Step => GradientAccumulationSteps is int steps ? Quotient(_iterations, steps) : _iterations;

    /// <summary>The factor of the loss, or null.</summary>
    private protected virtual Tensor? LossScale => LossScaleFactor is double factor ? (Tensor)factor : null;

    /// <summary>All updates of a step.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="weights">The weights to train.</param>
    /// <param name="starts">Values that steps start from, for weights that layers update themselves.</param>
    internal IReadOnlyList<Update> Updates(Tensor loss, IReadOnlyList<Variable> weights,
        IReadOnlyList<Update>? starts = null)
    {
        Tensor[] gradients = Gradients.Required(LossScale is { } scale ? loss * scale : loss, weights);
        using IDisposable scope = TraceScope.Name(GetType().Name);
        return Updates(gradients, weights, starts ?? []);
    }

    /// <summary>The name of the model that is trained, which Keras puts in front of the names of weights.</summary>
    internal string? ModelName { get; set; }

    private protected IReadOnlyList<Update> CountBatch() => [new(_iterations, _iterations + 1)];

    /// <summary>The updates for given gradients, which are those of the scaled loss.</summary>
    internal virtual IReadOnlyList<Update> Updates(Tensor[] gradients, IReadOnlyList<Variable> weights,
        IReadOnlyList<Update> starts)
    {
        // The order is that of the values in saved training runs: the slots of a weight, then the weight.
        List<Update> all = _updates = [.. CountBatch()];
        try
        {
            if (LossScaleFactor is double factor) gradients = [.. gradients.Select(g => g / factor)];
            Tensor? isDue = Accumulate(gradients, weights, all);
            Clip(gradients);
            int done = all.Count;
            Tensor rate = Decay == 0 ? _learningRate : _learningRate / (1 + Decay * _iterations),
                prepared = Prepare(rate);
            for (int i = 0; i < weights.Count; i++)
            {
                Tensor next = Applied(weights[i], gradients[i], rate, prepared);
                foreach (Update start in starts.Where(s => ReferenceEquals(s.Variable, weights[i])))
                    next += start.Value - weights[i];
                if (isDue is not null)
                {
                    for (; done < all.Count; done++)
                        all[done] = new(all[done].Variable, K.Where(isDue, all[done].Value, all[done].Variable));
                    next = K.Where(isDue, next, weights[i]);
                }
                if (UseEma) next = Average(weights[i], next, all);
                all.Add(new(weights[i], weights[i].Constraint?.Call(next) ?? next));
                done = all.Count;
            }
            return all;
        }
        finally
        {
            _updates = null;
        }
    }

    /// <summary>Adds gradients up over batches.</summary>
    /// <returns>Whether this batch is the last of an update; null if each one is.</returns>
    Tensor? Accumulate(Tensor[] gradients, IReadOnlyList<Variable> weights, List<Update> all)
    {
        if (GradientAccumulationSteps is not int steps) return null;
        Tensor isDue = IsMultiple(_iterations + 1, steps);
        for (int i = 0; i < gradients.Length; i++)
        {
            Variable slot = SlotOf(weights[i], AccumulatorSlot);
            Tensor sum = gradients[i] + slot;
            all.Add(new(slot, K.Where(isDue, 0, Normal(sum))));
            gradients[i] = sum / steps;
        }
        return isDue;
    }

    void Clip(Tensor[] gradients)
    {
        if (VariableClipnorm is double each && each > 0)
        {
            for (int i = 0; i < gradients.Length; i++)
                gradients[i] = gradients[i] * each / K.Maximum(Sqrt(K.Sum(K.Square(gradients[i]))), each);
        }
        if (Clipnorm is double norm && norm > 0)
        {
            Tensor length = Sqrt(gradients.Select(g => K.Sum(K.Square(g))).Aggregate((Tensor)0, (a, b) => a + b));
            Tensor factor = K.Where(length >= norm, norm / length, 1);
            for (int i = 0; i < gradients.Length; i++) gradients[i] *= factor;
        }
        if (Clipvalue is double limit && limit > 0)
            for (int i = 0; i < gradients.Length; i++) gradients[i] = K.Clip(gradients[i], -limit, limit);
    }

    /// <summary>The next value of a weight, before its constraint.</summary>
    Tensor Applied(Variable weight, Tensor gradient, Tensor rate, Tensor prepared)
    {
        double? share = Decays(weight) ? DecayOf(weight) : null;
        _decay = share is null or 0 ? null : weight * share.Value * rate;
        _hasDecayed = false;
        Tensor next = Apply(weight, gradient, prepared);
        return _decay is null || _hasDecayed ? next : next - _decay;
    }

    /// <summary>The weight decay of a weight that is not excluded from it.</summary>
    private protected virtual double? DecayOf(Variable weight) => WeightDecay;

    /// <summary>The average's next value is recorded; the weight's is returned.</summary>
    Tensor Average(Variable weight, Tensor next, List<Update> all)
    {
        Variable slot = SlotOf(weight, AverageSlot);
        Tensor kept = K.Where(K.Equal(Step, 0), 0, EmaMomentum);
        Tensor average = kept * slot + (1 - kept) * next;
        all.Add(new(slot, average));
        return EmaOverwriteFrequency is int frequency ? K.Where(IsMultiple(Step + 1, frequency), average, next) : next;
    }

    /// <summary>The quotient of whole numbers, rounded down; half a unit of space on each side absorbs
    /// rounding.</summary>
    static Tensor Quotient(Tensor number, int divisor) => K.Floor((number + 0.5) / divisor);

    static Tensor IsMultiple(Tensor number, int divisor) =>
        Quotient(number, divisor) > Quotient(number - 1, divisor);

    /// <summary>Computes what all weights share, once per update; by default the unchanged rate.</summary>
    /// <param name="rate">The learning rate of this update, a tensor without dimensions.</param>
    /// <returns>The rate that is passed to <see cref="Apply"/>.</returns>
    protected virtual Tensor Prepare(Tensor rate) => rate;

    /// <summary>
    /// The formula for one weight; it is traced once, and runs in each step. Its weight decay is subtracted from the
    /// result, unless the formula starts from <see cref="Decayed"/>.
    /// </summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">Its gradient, clipped.</param>
    /// <param name="rate">The rate from <see cref="Prepare"/>.</param>
    /// <returns>The weight's next value, before its constraint.</returns>
    protected abstract Tensor Apply(Variable weight, Tensor gradient, Tensor rate);

    /// <summary>
    /// Gets the value of a weight after its weight decay, for a formula in which the weight isn't just a summand; to be
    /// called in <see cref="Apply"/>.
    /// </summary>
    /// <param name="weight">The weight passed to <see cref="Apply"/>.</param>
    /// <returns>The decayed value; the weight itself if it has no decay.</returns>
    protected Tensor Decayed(Variable weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        _hasDecayed = true;
        return _decay is null ? weight : weight - _decay;
    }

    /// <summary>Sets a slot's next value; to be called in <see cref="Apply"/> and <see cref="Prepare"/>.</summary>
    /// <param name="slot">A slot from <see cref="SlotOf(Variable, string, double)"/> or <see cref="Shared"/>.</param>
    /// <param name="value">The value after the update.</param>
    /// <exception cref="InvalidOperationException">It was called elsewhere.</exception>
    protected void Update(Variable slot, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(value);
        (_updates ?? throw new InvalidOperationException("An optimizer's slots can be updated only while its formula " +
            "is traced: call Update in Apply or Prepare.")).Add(new(slot, value));
    }
}
