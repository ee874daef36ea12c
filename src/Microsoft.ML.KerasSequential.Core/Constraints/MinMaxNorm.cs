using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>Scales vectors so that their norm is within a range (Keras <c>keras.constraints.MinMaxNorm</c>).</summary>
/// <param name="minValue">The minimum norm.</param>
/// <param name="maxValue">The maximum norm.</param>
/// <param name="rate">How far to move toward the constrained weight at each update: 1 for all the way.</param>
/// <param name="axis">The axis of the vectors.</param>
public class MinMaxNorm(double minValue = 0, double maxValue = 1, double rate = 1, int axis = 0) : Constraint
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor w)
    {
        Tensor norms = Norm(w, axis);
        Tensor desired = rate * K.Clip(norms, minValue, maxValue) + (1 - rate) * norms;
        return w * (desired / (K.Epsilon + norms));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new() { ["min_value"] = minValue, ["max_value"] = maxValue, ["rate"] = rate, ["axis"] = axis };
}
