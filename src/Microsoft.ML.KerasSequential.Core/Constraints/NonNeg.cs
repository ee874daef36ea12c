using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Constraints;

/// <summary>Sets negative weights to 0 (Keras <c>keras.constraints.NonNeg</c>).</summary>
public class NonNeg : Constraint
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor w) => K.Relu(w);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];
}
