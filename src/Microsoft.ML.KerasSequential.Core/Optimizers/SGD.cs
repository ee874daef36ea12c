using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>Gradient descent with momentum (Keras <c>keras.optimizers.SGD</c>): v = μv − lr·g, then p + v, or p + μv − lr·g with Nesterov's rule.</summary>
public class SGD : Optimizer
{
    readonly double _momentum;
    readonly bool _nesterov;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="learningRate">The step size.</param>
    /// <param name="momentum">How much of the last step goes on, in [0, 1].</param>
    /// <param name="nesterov">Whether the gradient is followed from where the momentum leads.</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SGD(double learningRate = 0.01, double momentum = 0, bool nesterov = false, double decay = 0, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Share(momentum, nameof(momentum));
        (_momentum, _nesterov) = (momentum, nesterov);
    }

    /// <summary>Makes the optimizer, its learning rate following a schedule.</summary>
    /// <param name="learningRate">What the step size follows.</param>
    /// <param name="momentum">How much of the last step goes on, in [0, 1].</param>
    /// <param name="nesterov">Whether the gradient is followed from where the momentum leads.</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SGD(LearningRateSchedule learningRate, double momentum = 0, bool nesterov = false, double decay = 0, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), momentum, nesterov, decay, clipnorm, clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["momentum"] = _momentum;
        config["nesterov"] = _nesterov;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        if (_momentum == 0) return weight - rate * gradient;
        Variable slot = SlotOf(weight, "moment");
        Tensor velocity = Normal(_momentum * slot - rate * gradient);
        Update(slot, velocity);
        return _nesterov ? weight + _momentum * velocity - rate * gradient : weight + velocity;
    }
}
