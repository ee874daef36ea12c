using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Uniform values with variance 1/inputs (LeCun et al. 1998; Keras <c>keras.initializers.lecun_uniform</c>). As in
/// Keras, it is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class LecunUniform(int? seed = null) : VarianceScaling(distribution: "uniform", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
