using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The base class of <see cref="CuDNNLSTM"/> and <see cref="CuDNNGRU"/>: fixed activations, no masks.
/// </summary>
public abstract class CuDNNRNN : StandardRNN
{
    static readonly string[] s_fixed = ["activation", "recurrent_activation", "use_bias", "dropout",
        "recurrent_dropout", "implementation", "reset_after", "unroll"];

    private protected CuDNNRNN(StandardCell cell, RecurrentOptions recurrent, Regularizer? activityRegularizer,
        LayerOptions options) : base(cell, recurrent, activityRegularizer, options)
    {
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask) => mask is null ? base.Call(x, null)
        : throw new ArgumentException($"Masking is not supported for CuDNN RNNs; layer {Name} was passed a mask.",
            nameof(mask));

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        foreach (string key in s_fixed) config.Remove(key);
        return config;
    }
}
