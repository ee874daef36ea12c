using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Multiplies the loss by a factor, so that small gradients don't become 0, and divides the gradients by it (Keras 3
/// <c>keras.optimizers.LossScaleOptimizer</c>). A batch with a gradient that isn't finite halves the factor and changes
/// nothing else; a number of batches without one doubles it.
/// </summary>
public sealed class LossScaleOptimizer : Optimizer
{
    readonly double _initialScale;
    readonly int _dynamicGrowthSteps;
    Optimizer _inner;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="innerOptimizer">The optimizer that updates the weights. Its own factor isn't used.</param>
    /// <param name="initialScale">The factor to start with, above 0.</param>
    /// <param name="dynamicGrowthSteps">The number of batches after which the factor doubles, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="ArgumentException">The inner optimizer consists of others itself.</exception>
    public LossScaleOptimizer(Optimizer innerOptimizer, double initialScale = 32768, int dynamicGrowthSteps = 2000)
        : base(0)
    {
        ArgumentNullException.ThrowIfNull(innerOptimizer);
        if (innerOptimizer is LossScaleOptimizer)
            throw new ArgumentException("A LossScaleOptimizer cannot contain another one.", nameof(innerOptimizer));
        if (!(initialScale > 0 && double.IsFinite(initialScale)))
            throw new ArgumentOutOfRangeException(nameof(initialScale), "initialScale must be above 0; given " +
                $"{initialScale}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(dynamicGrowthSteps, 1);
        (_inner, _initialScale, _dynamicGrowthSteps) = (innerOptimizer, initialScale, dynamicGrowthSteps);
        innerOptimizer.Settings = innerOptimizer.Settings with { LossScaleFactor = null };
    }

    /// <summary>Gets the optimizer that updates the weights.</summary>
    public Optimizer InnerOptimizer => _inner;

    /// <summary>Gets the current factor of the loss.</summary>
    public double DynamicScale => Scale.GetValue().ToArray()[0];

    internal override IReadOnlyList<Optimizer> Inner => [_inner];

    internal override bool HasOneRate => _inner.HasOneRate;

    private protected override Optimizer RateOwner => _inner;

    private protected override Tensor LossScale => Scale;

    /// <inheritdoc/>
    public override long Iterations => _inner.Iterations;

    Variable Scale => Shared("dynamic_scale", _initialScale);

    private protected override void CopyInner() => _inner = _inner.Copy();

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["inner_optimizer"] = Config.Wrap(_inner.GetType().Name, _inner.GetConfig()),
        ["initial_scale"] = _initialScale,
        ["dynamic_growth_steps"] = _dynamicGrowthSteps,
    };

    internal override IReadOnlyList<Update> Updates(Tensor[] gradients, IReadOnlyList<Variable> weights,
        IReadOnlyList<Update> starts)
    {
        Variable counter = Shared("step_counter", 0), scale = Scale;
        Tensor isFinite = gradients.Select(g => K.Min(K.Abs(g) <= (double)float.MaxValue))
            .Aggregate((a, b) => K.Minimum(a, b));
        Tensor grows = K.Equal(counter, _dynamicGrowthSteps - 1);
        return
        [
            .. _inner.Updates([.. gradients.Select(g => g / scale)], weights, starts)
                .Select(u => new Update(u.Variable, K.Where(isFinite, u.Value, u.Variable))),
            new(counter, K.Where(isFinite, K.Where(grows, 0, counter + 1), 0)),
            new(scale, scale * K.Where(isFinite, K.Where(grows, 2, 1), 0.5)),
        ];
    }

    /// <summary>The formula is the inner optimizer's.</summary>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate) => weight;
}
