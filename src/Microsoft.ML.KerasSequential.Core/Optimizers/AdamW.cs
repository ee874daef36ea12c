using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>Adam with a decay of the weights beside the gradient (Loshchilov and Hutter 2019; Keras 3 <c>keras.optimizers.AdamW</c>).</summary>
public sealed class AdamW : Optimizer
{
    readonly double _weightDecay, _beta1, _beta2, _epsilon;
    readonly bool _amsgrad;
    Tensor? _decayed;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="learningRate">The step size.</param>
    /// <param name="weightDecay">Each update first takes this share, times the learning rate, off each weight.</param>
    /// <param name="beta1">How much of the old mean stays, in [0, 1).</param>
    /// <param name="beta2">How much of the old mean square stays, in [0, 1).</param>
    /// <param name="amsgrad">Whether the largest mean square so far counts.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdamW(double learningRate = 0.001, double weightDecay = 0.004, double beta1 = 0.9, double beta2 = 0.999, bool amsgrad = false,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, 0, clipnorm, clipvalue)
    {
        Beta(beta1, nameof(beta1));
        Beta(beta2, nameof(beta2));
        NotNegative(epsilon, nameof(epsilon));
        NotNegative(weightDecay, nameof(weightDecay));
        (_weightDecay, _beta1, _beta2, _amsgrad, _epsilon) = (weightDecay, beta1, beta2, amsgrad, epsilon);
    }

    /// <summary>Makes the optimizer, its learning rate following a schedule.</summary>
    /// <param name="learningRate">What the step size follows.</param>
    /// <param name="weightDecay">Each update first takes this share, times the learning rate, off each weight.</param>
    /// <param name="beta1">How much of the old mean stays, in [0, 1).</param>
    /// <param name="beta2">How much of the old mean square stays, in [0, 1).</param>
    /// <param name="amsgrad">Whether the largest mean square so far counts.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdamW(LearningRateSchedule learningRate, double weightDecay = 0.004, double beta1 = 0.9, double beta2 = 0.999, bool amsgrad = false, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), weightDecay, beta1, beta2, amsgrad, epsilon, clipnorm, clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["weight_decay"] = _weightDecay;
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        config["amsgrad"] = _amsgrad;
        return config;
    }

    /// <summary>lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ).</summary>
    private protected override Tensor Prepare(Tensor rate, List<Update> updates)
    {
        Tensor t = Step + 1;
        _decayed = 1 - _weightDecay * rate;
        return rate * Sqrt(OneMinusPower(_beta2, t)) / OneMinusPower(_beta1, t);
    }

    private protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate, List<Update> updates)
    {
        Variable meanSlot = SlotOf(weight, "m"), squareSlot = SlotOf(weight, "v");
        Tensor mean = Normal(_beta1 * meanSlot + (1 - _beta1) * gradient);
        Tensor square = Normal(_beta2 * squareSlot + (1 - _beta2) * K.Square(gradient));
        updates.Add(new(meanSlot, mean));
        updates.Add(new(squareSlot, square));
        if (_amsgrad)
        {
            Variable largestSlot = SlotOf(weight, "vhat");
            square = K.Maximum(largestSlot, square);
            updates.Add(new(largestSlot, square));
        }
        return weight * _decayed! - rate * mean / (Sqrt(square) + _epsilon);
    }
}
