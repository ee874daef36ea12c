using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Gradient descent with momentum (Keras <c>keras.optimizers.SGD</c>): v = μv − lr·g, then p + v, or p + μv − lr·g with
/// Nesterov momentum.
/// </summary>
public class SGD : Optimizer
{
    readonly double _momentum;
    readonly bool _nesterov;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="momentum">The fraction of the last step that is kept, in [0, 1].</param>
    /// <param name="nesterov">Whether to use Nesterov momentum.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SGD(double learningRate = 0.01, double momentum = 0, bool nesterov = false, double decay = 0,
        double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Share(momentum, nameof(momentum));
        (_momentum, _nesterov) = (momentum, nesterov);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="momentum">The fraction of the last step that is kept, in [0, 1].</param>
    /// <param name="nesterov">Whether to use Nesterov momentum.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SGD(LearningRateSchedule learningRate, double momentum = 0, bool nesterov = false, double decay = 0,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), momentum, nesterov, decay, clipnorm, clipvalue) =>
            Schedule = learningRate;

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
