using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Self-attention over (batch, steps, values) whose scores are Σ scale·tanh(query + key) (Bahdanau et al. 2014; Keras 3
/// <c>keras.layers.AdditiveAttention</c> with the input as query, key and value). Masked time steps are ignored and
/// become 0. Weight: the scale (values).
/// </summary>
public class AdditiveAttention : Attention
{
    Variable? _scale;

    /// <summary>Creates the layer.</summary>
    /// <param name="useScale">Whether to multiply the hyperbolic tangents by a weight.</param>
    /// <param name="dropout">The fraction of the attention weights set to 0 in training.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="useCausalMask">
    /// Whether a time step attends only to itself and earlier steps (Keras: an argument of <c>call</c>).
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dropout rate is not in [0, 1).</exception>
    public AdditiveAttention(bool useScale = true, double dropout = 0, int? seed = null, bool useCausalMask = false,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(useScale, dropout, seed, useCausalMask,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AdditiveAttention(bool useScale, double dropout, int? seed, bool useCausalMask, LayerOptions options)
        : base(useScale, "dot", dropout, seed, useCausalMask, options)
    {
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("score_mode");
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        if (!UseScale) return;
        _scale = AddWeight("scale", [inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs " +
            $"to layer {Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape))]);
    }

    private protected override Tensor Scores(Tensor queries, Tensor keys)
    {
        Tensor tangents = K.Tanh(Sums(queries, keys));
        return K.Sum(_scale is null ? tangents : _scale * tangents, -1);
    }
}
