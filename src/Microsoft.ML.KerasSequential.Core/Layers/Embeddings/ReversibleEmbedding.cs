using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// An <see cref="Embedding"/> that also maps vectors back to a score for each index (Press and Wolf 2017; Keras
/// <c>keras.layers.ReversibleEmbedding</c>). In a Sequential it is an embedding; call <see cref="Reverse"/> in a layer
/// or a lambda of your own. Weights: embeddings (input size, output size), then reverse embeddings (output size, input
/// size) if the weights are not tied.
/// </summary>
public class ReversibleEmbedding : Embedding
{
    readonly bool _tieWeights;
    readonly string? _reverseDtype;
    readonly double? _logitSoftCap;
    Variable? _reverse, _reverseScale;

    /// <summary>Creates the layer.</summary>
    /// <param name="inputDim">The number of indices: the largest one plus 1.</param>
    /// <param name="outputDim">The size of a vector.</param>
    /// <param name="tieWeights">Whether both directions use the same vectors.</param>
    /// <param name="embeddingsInitializer">The initializer for the vectors; <c>uniform</c> by default.</param>
    /// <param name="embeddingsRegularizer">The regularizer for the vectors.</param>
    /// <param name="embeddingsConstraint">The constraint on the vectors.</param>
    /// <param name="maskZero">Whether 0 is padding: time steps of 0 are masked in later layers.</param>
    /// <param name="reverseDtype">Accepted for compatibility with Keras: all values are float32.</param>
    /// <param name="logitSoftCap">
    /// A bound that scores approach: each score s becomes cap·tanh(s/cap). None by default.
    /// </param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="loraRank">
    /// The rank of an adapter: the vectors are frozen, and a product of two matrices with this size between them is
    /// trained instead (LoRA); none by default. See <see cref="Embedding.EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">
    /// The shape of one sample, for a model's first layer; by default, any number of time steps.
    /// </param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="weights">The initial vectors, instead of an initializer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or the bound is not positive.</exception>
    public ReversibleEmbedding(int inputDim, int outputDim, bool tieWeights = true,
        Initializer? embeddingsInitializer = null, Regularizer? embeddingsRegularizer = null,
        Constraint? embeddingsConstraint = null, bool maskZero = false, string? reverseDtype = null,
        double? logitSoftCap = null, Regularizer? activityRegularizer = null, int? loraRank = null,
        double? loraAlpha = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null,
        IReadOnlyList<NDArray>? weights = null)
        : this(inputDim, outputDim, tieWeights, embeddingsInitializer, embeddingsRegularizer, activityRegularizer,
            embeddingsConstraint, maskZero, reverseDtype, logitSoftCap,
            new LayerOptions(name, trainable, inputShape ?? (batchInputShape is null ? new Shape([null]) : null),
                batchInputShape, batchSize, weights)) => UseAdapter(loraRank, loraAlpha);

    internal ReversibleEmbedding(int inputDim, int outputDim, bool tieWeights, Initializer? embeddingsInitializer,
        Regularizer? embeddingsRegularizer, Regularizer? activityRegularizer, Constraint? embeddingsConstraint,
        bool maskZero, string? reverseDtype, double? logitSoftCap, LayerOptions options)
        : base(inputDim, outputDim, embeddingsInitializer, embeddingsRegularizer, activityRegularizer,
            embeddingsConstraint, maskZero, null, options)
    {
        if (logitSoftCap is { } cap && !(cap > 0 && double.IsFinite(cap)))
            throw new ArgumentOutOfRangeException(nameof(logitSoftCap), "The bound of the scores must be positive; " +
                $"given {logitSoftCap}.");
        (_tieWeights, _reverseDtype, _logitSoftCap) = (tieWeights, reverseDtype, logitSoftCap);
    }

    /// <summary>Maps vectors to a score for each index (Keras <c>layer(x, reverse=True)</c>).</summary>
    /// <param name="x">Vectors (…, output size).</param>
    /// <returns>Scores (…, input size).</returns>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    public Tensor Reverse(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor scores = EmbeddingsScale is not null
            ? _tieWeights ? IntegerScores(x, Embeddings, EmbeddingsScale, transposed: true)
                : IntegerScores(x, Made(_reverse), Made(_reverseScale), transposed: false)
            : !_tieWeights ? K.Dot(x, Made(_reverse))
            : Adapter?.TimesTransposed(x) ?? K.Dot(x, K.Transpose(Embeddings));
        return _logitSoftCap is double cap ? K.Tanh(scores / cap) * cap : scores;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("input_length");
        config["tie_weights"] = _tieWeights;
        config["reverse_dtype"] = _reverseDtype;
        config["logit_soft_cap"] = _logitSoftCap;
        return config;
    }

    private protected override void BuildReverse()
    {
        if (_tieWeights) return;
        _reverse = QuantizationMode is null
            ? AddWeight("reverse_embeddings", [OutputDim, InputDim], EmbeddingsInitializer)
            : AddIntegers("reverse_embeddings", [OutputDim, InputDim]);
        _reverseScale = QuantizationMode is null ? null : AddScale("reverse_embeddings_scale", [InputDim]);
    }

    internal override bool CanQuantize => GetType() == typeof(ReversibleEmbedding);

    private protected override void ToIntegers()
    {
        base.ToIntegers();
        if (_tieWeights) return;
        (_reverse, NDArray scale) = Rounded(Made(_reverse), 0);
        MoveToEnd(_reverse);
        _reverseScale = AddScale("reverse_embeddings_scale", scale.Reshape(InputDim));
    }

    static Tensor IntegerScores(Tensor x, Tensor vectors, Tensor vectorScale, bool transposed)
    {
        (Tensor integers, Tensor scale) = K.AbsMaxQuantize(x, [-1]);
        Tensor kernel = transposed ? K.Transpose(vectors.Unpacked()) : vectors.Unpacked();
        return K.StraightThrough(K.IntegerDot(integers, vectors, transposed) / (vectorScale * scale),
            K.Dot(x, kernel / vectorScale));
    }
}
