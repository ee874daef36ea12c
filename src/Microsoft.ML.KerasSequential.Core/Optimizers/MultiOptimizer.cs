using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Updates different weights with different optimizers (Keras 3 <c>keras.optimizers.MultiOptimizer</c>). Each has its
/// own learning rate, which is set there.
/// </summary>
public sealed class MultiOptimizer : Optimizer
{
    OptimizerMap _map;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="optimizerMap">The optimizers by the names of weights.</param>
    /// <param name="lossScaleFactor">
    /// The factor of the loss, or null for none; it replaces the factors of the optimizers.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not above 0.</exception>
    public MultiOptimizer(OptimizerMap optimizerMap, double? lossScaleFactor = null) : base(0)
    {
        ArgumentNullException.ThrowIfNull(optimizerMap);
        _map = optimizerMap;
        Settings = Settings with { LossScaleFactor = lossScaleFactor };
        foreach (Optimizer inner in Inner) inner.Settings = inner.Settings with { LossScaleFactor = lossScaleFactor };
    }

    /// <summary>Gets the optimizers: those of the patterns, then the default.</summary>
    public IReadOnlyList<Optimizer> Optimizers => _map.Optimizers;

    internal override IReadOnlyList<Optimizer> Inner => _map.Optimizers;

    internal override bool HasOneRate => false;

    private protected override Optimizer RateOwner => throw new InvalidOperationException("A MultiOptimizer has no " +
        "learning rate of its own; use those of its optimizers.");

    private protected override void CopyInner() => _map = _map.Copy();

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["optimizer_map"] = _map.Serialize(),
        ["loss_scale_factor"] = LossScaleFactor,
    };

    internal override IReadOnlyList<Update> Updates(Tensor[] gradients, IReadOnlyList<Variable> weights,
        IReadOnlyList<Update> starts)
    {
        Optimizer[] chosen = [.. weights.Select(Chosen)];
        List<Update> all = [.. CountBatch()];
        foreach (Optimizer inner in Inner)
        {
            int[] own = [.. Enumerable.Range(0, weights.Count).Where(i => chosen[i] == inner)];
            if (own.Length > 0)
                all.AddRange(inner.Updates([.. own.Select(i => gradients[i])], [.. own.Select(i => weights[i])],
                    starts));
        }
        return all;
    }

    /// <summary>The weights that one of the optimizers updates.</summary>
    internal IReadOnlyList<Variable> WeightsOf(Optimizer inner, IReadOnlyList<Variable> weights) =>
        [.. weights.Where(w => Chosen(w) == inner)];

    Optimizer Chosen(Variable weight) => _map.Find(weight.Name, ModelName);

    /// <summary>The formulas are those of the optimizers.</summary>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate) => weight;
}
