using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Uniform values with variance 2/inputs (He et al. 2015; Keras <c>keras.initializers.he_uniform</c>). As in Keras, it
/// is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class HeUniform(int? seed = null) : VarianceScaling(scale: 2, distribution: "uniform", seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
