namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Keras' loss functions: one value per sample, or per time step of a sequence, shared by losses and metrics of the
/// same name.
/// </summary>
internal static class LossFunctions
{
    public static Tensor MeanSquaredError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(K.Square(yPred - yTrue), axis: -1);
    }

    public static Tensor MeanAbsoluteError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(K.Abs(yPred - yTrue), axis: -1);
    }

    public static Tensor MeanAbsolutePercentageError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return 100 * K.Mean(K.Abs((yTrue - yPred) / K.Maximum(K.Abs(yTrue), K.Epsilon)), axis: -1);
    }

    public static Tensor MeanSquaredLogarithmicError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(K.Square(K.Log1p(K.Maximum(yPred, K.Epsilon)) - K.Log1p(K.Maximum(yTrue, K.Epsilon))), axis: -1);
    }

    public static Tensor Hinge(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(Margin(yTrue, yPred), axis: -1);
    }

    public static Tensor SquaredHinge(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(K.Square(Margin(yTrue, yPred)), axis: -1);
    }

    public static Tensor CategoricalHinge(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        return K.Maximum(0, K.Max((1 - yTrue) * yPred, axis: -1) - K.Sum(yTrue * yPred, axis: -1) + 1);
    }

    public static Tensor LogCosh(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        Tensor difference = yPred - yTrue;
        return K.Mean(difference + K.Softplus(-2 * difference) - Math.Log(2), axis: -1);
    }

    /// <summary>As in Keras, one value per element; the overall mean is the same.</summary>
    public static Tensor Huber(Tensor yTrue, Tensor yPred, double delta)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        Tensor distance = K.Abs(yPred - yTrue), square = K.Minimum(distance, delta);
        return 0.5 * K.Square(square) + delta * (distance - square);
    }

    public static Tensor KullbackLeiblerDivergence(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor t = K.Clip(yTrue, K.Epsilon, 1), p = K.Clip(yPred, K.Epsilon, 1);
        return K.Sum(t * K.Log(t / p), axis: -1);
    }

    public static Tensor Poisson(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(yPred - yTrue * K.Log(yPred + K.Epsilon), axis: -1);
    }

    public static Tensor Cosine(Tensor yTrue, Tensor yPred, int axis)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        return K.Sum(K.L2Normalize(yTrue, axis) * K.L2Normalize(yPred, axis), axis);
    }

    /// <summary>The sum over axes, or over everything.</summary>
    public static Tensor Over(Tensor x, int[]? axis) => axis is null ? K.Sum(x) : K.Sum(x, axis);

    /// <summary>
    /// How far a prediction is short of the margin on the correct side. Targets that are all 0 or 1 become −1 and 1.
    /// </summary>
    static Tensor Margin(Tensor yTrue, Tensor yPred)
    {
        Tensor binary = K.All(K.Equal(yTrue, 0) + K.Equal(yTrue, 1));
        return K.Maximum(1 - K.Where(binary, 2 * yTrue - 1, yTrue) * yPred, 0);
    }
}
