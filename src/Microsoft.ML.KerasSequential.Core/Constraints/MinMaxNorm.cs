using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>Brings the length of vectors into a range (Keras <c>keras.constraints.MinMaxNorm</c>).</summary>
/// <param name="minValue">The smallest length.</param>
/// <param name="maxValue">The largest length.</param>
/// <param name="rate">How much of the way is gone at each update: 1 for all of it.</param>
/// <param name="axis">The axis along which the vectors lie.</param>
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
    public override JsonObject GetConfig() => new() { ["min_value"] = minValue, ["max_value"] = maxValue, ["rate"] = rate, ["axis"] = axis };
}
