using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Divides gradients by the root of their mean squares, of which it keeps only the means over rows and over columns of
/// a weight (Shazeer and Stern 2018; Keras 3 <c>keras.optimizers.Adafactor</c>).
/// </summary>
public class Adafactor : Optimizer
{
    readonly double _beta2Decay, _epsilon1, _epsilon2, _clipThreshold;
    readonly bool _relativeStep;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta2Decay">The exponent d of the decay rate of the mean squares at update t, 1 − tᵈ.</param>
    /// <param name="epsilon1">A number added to the squares of the gradients.</param>
    /// <param name="epsilon2">The least size of a weight that its steps are proportional to.</param>
    /// <param name="clipThreshold">The largest root mean square of a step.</param>
    /// <param name="relativeStep">
    /// Whether the learning rate is at most 1/√t at update t; a schedule is taken as it is.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adafactor(double learningRate = 0.001, double beta2Decay = -0.8, double epsilon1 = 1e-30,
        double epsilon2 = 1e-3, double clipThreshold = 1, bool relativeStep = true)
        : base(learningRate)
    {
        if (!double.IsFinite(beta2Decay))
            throw new ArgumentOutOfRangeException(nameof(beta2Decay),
                $"beta2Decay must be a number; given {beta2Decay}.");
        NotNegative(epsilon1, nameof(epsilon1));
        NotNegative(epsilon2, nameof(epsilon2));
        if (!(clipThreshold > 0 && double.IsFinite(clipThreshold)))
            throw new ArgumentOutOfRangeException(nameof(clipThreshold), "clipThreshold must be above 0; given " +
                $"{clipThreshold}.");
        (_beta2Decay, _epsilon1, _epsilon2, _clipThreshold, _relativeStep) =
            (beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta2Decay">The exponent d of the decay rate of the mean squares at update t, 1 − tᵈ.</param>
    /// <param name="epsilon1">A number added to the squares of the gradients.</param>
    /// <param name="epsilon2">The least size of a weight that its steps are proportional to.</param>
    /// <param name="clipThreshold">The largest root mean square of a step.</param>
    /// <param name="relativeStep">
    /// Whether the learning rate is at most 1/√t at update t; a schedule is taken as it is.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adafactor(LearningRateSchedule learningRate, double beta2Decay = -0.8, double epsilon1 = 1e-30,
        double epsilon2 = 1e-3, double clipThreshold = 1, bool relativeStep = true)
        : this(LearningRateSchedule.First(learningRate), beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        config["beta_2_decay"] = _beta2Decay;
        config["epsilon_1"] = _epsilon1;
        config["epsilon_2"] = _epsilon2;
        config["clip_threshold"] = _clipThreshold;
        config["relative_step"] = _relativeStep;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Tensor t = Step + 1, start = Decayed(weight);
        // Keras limits the rate again, so that relativeStep makes no difference.
        Tensor share = K.Maximum(_epsilon2, MeanRoot(start)) * K.Minimum(rate, 1 / Sqrt(t));
        Tensor squares = K.Square(gradient) + _epsilon1, isNew = K.Pow(t, _beta2Decay);
        Tensor step = gradient / Sqrt(Means(weight, squares, isNew));
        return start - share * step / K.Maximum(1, MeanRoot(step) / _clipThreshold);
    }

    /// <summary>The mean squares, from the means over the last two dimensions if there are two.</summary>
    Tensor Means(Variable weight, Tensor squares, Tensor isNew)
    {
        int[] shape = weight.Sizes.ToArray();
        if (shape.Length < 2) return Mean(SlotOf(weight, "v"), squares);
        Tensor rows = Mean(SlotOf(weight, "r", shape[..^1]), K.Mean(squares, axis: -1)),
            columns = Mean(SlotOf(weight, "c", [.. shape[..^2], shape[^1]]), K.Mean(squares, axis: -2));
        return K.ExpandDims(rows / K.Mean(rows, axis: -1, keepdims: true)) * K.ExpandDims(columns, -2);

        Tensor Mean(Variable slot, Tensor value)
        {
            Tensor mean = (1 - isNew) * slot + isNew * value;
            Update(slot, mean);
            return mean;
        }
    }

    static Tensor MeanRoot(Tensor x) => Sqrt(K.Mean(K.Square(x)));
}
