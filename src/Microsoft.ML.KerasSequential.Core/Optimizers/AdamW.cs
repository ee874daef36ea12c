using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>Adam with a decay of the weights beside the gradient (Loshchilov and Hutter 2019; Keras 3 <c>keras.optimizers.AdamW</c>).</summary>
public class AdamW : Adam
{
    readonly double _weightDecay;
    Tensor? _share;

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
        : base(learningRate, beta1, beta2, amsgrad, 0, epsilon, clipnorm, clipvalue)
    {
        NotNegative(weightDecay, nameof(weightDecay));
        _weightDecay = weightDecay;
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
        config.Remove("decay");
        config["weight_decay"] = _weightDecay;
        return config;
    }

    /// <summary>The decay goes with the learning rate, not with Adam's correction of it.</summary>
    protected override Tensor Prepare(Tensor rate)
    {
        _share = _weightDecay * rate;
        return base.Prepare(rate);
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate) =>
        base.Apply(weight, gradient, rate) - _share! * weight;
}
