using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>Uniform values of variance 1/inputs (LeCun et al. 1998; Keras <c>keras.initializers.lecun_uniform</c>). As in Keras it is written as the <see cref="VarianceScaling"/> that it is.</summary>
/// <param name="seed">A seed, or null for the model's.</param>
public class LecunUniform(int? seed = null) : VarianceScaling(distribution: "uniform", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
