using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Normal values, truncated at two standard deviations, with variance 1/inputs (LeCun et al. 1998; Keras
/// <c>keras.initializers.lecun_normal</c>). As in Keras, it is saved as <see cref="VarianceScaling"/>.
/// </summary>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class LecunNormal(int? seed = null) : VarianceScaling(seed: seed)
{
    internal override JsonObject Serialize() => Saving.Config.Wrap(nameof(VarianceScaling), GetConfig());
}
