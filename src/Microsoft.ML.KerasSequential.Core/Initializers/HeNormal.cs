using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Normal values, truncated at two standard deviations, with variance 2/inputs (He et al. 2015; Keras
/// <c>keras.initializers.he_normal</c>). As in Keras, it is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class HeNormal(int? seed = null) : VarianceScaling(scale: 2, seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
