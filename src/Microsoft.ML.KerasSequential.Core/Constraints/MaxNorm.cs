using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>Scales down vectors whose norm exceeds a limit (Keras <c>keras.constraints.MaxNorm</c>).</summary>
/// <param name="maxValue">The maximum norm.</param>
/// <param name="axis">The axis of the vectors.</param>
public class MaxNorm(double maxValue = 2, int axis = 0) : Constraint
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor w)
    {
        Tensor norms = Norm(w, axis);
        return w * (K.Clip(norms, 0, maxValue) / (K.Epsilon + norms));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["max_value"] = maxValue, ["axis"] = axis };
}
