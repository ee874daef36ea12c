using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>Scales vectors to norm 1 (Keras <c>keras.constraints.UnitNorm</c>).</summary>
/// <param name="axis">The axis of the vectors.</param>
public class UnitNorm(int axis = 0) : Constraint
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor w) => w / (K.Epsilon + Norm(w, axis));

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["axis"] = axis };
}
