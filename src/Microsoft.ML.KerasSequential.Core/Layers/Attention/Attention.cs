using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Self-attention over (batch, steps, values) without projections: softmax(scores)·x, where the score of two time steps
/// is the dot product of their values, or the sum of the hyperbolic tangents of their sums (Luong et al. 2015; Keras 3
/// <c>keras.layers.Attention</c> with the input as query, key and value). Masked time steps are ignored and become 0.
/// Weights: a scale and, for <c>concat</c>, a weight of the scores, each a number.
/// </summary>
public class Attention : Layer
{
    readonly bool _useScale, _useCausalMask;
    readonly string _scoreMode;
    readonly double _dropout;
    readonly int? _seed;
    Variable? _scale, _scoreWeight;

    /// <summary>Creates the layer.</summary>
    /// <param name="useScale">Whether to multiply by a weight: the scores, or the sums for <c>concat</c>.</param>
    /// <param name="scoreMode"><c>dot</c> or <c>concat</c>.</param>
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
    /// <exception cref="ArgumentException">The score mode is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dropout rate is not in [0, 1).</exception>
    public Attention(bool useScale = false, string scoreMode = "dot", double dropout = 0, int? seed = null,
        bool useCausalMask = false, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(useScale, scoreMode, dropout, seed, useCausalMask,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Attention(bool useScale, string scoreMode, double dropout, int? seed, bool useCausalMask,
        LayerOptions options) : base(options)
    {
        if (scoreMode is not ("dot" or "concat"))
            throw new ArgumentException("Invalid value for argument scoreMode. Expected \"dot\" or \"concat\"; given " +
                $"\"{scoreMode}\".", nameof(scoreMode));
        if (!(dropout >= 0 && dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), "The dropout rate must be in [0, 1); given " +
                $"{dropout}.");
        (_useScale, _scoreMode, _dropout, _seed, _useCausalMask) =
            (useScale, scoreMode, dropout, seed, useCausalMask);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int? InputRank => 3;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor heads = K.ExpandDims(x, 1);
        Tensor y = K.Squeeze(AttentionBlocks.Attend(heads, heads, some => Scores(some, heads),
            new Visible(Keys: mask, Causal: _useCausalMask), _dropout, _seed), 1);
        return mask is null ? y : y * K.ExpandDims(mask, 2);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["use_scale"] = _useScale;
        config["score_mode"] = _scoreMode;
        config["dropout"] = _dropout;
        config["seed"] = _seed;
        // An argument of `call` in Keras, which would reject the key.
        if (_useCausalMask) config["use_causal_mask"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        _scale = _useScale ? AddWeight("scale", [], "ones") : null;
        _scoreWeight = _scoreMode == "concat" ? AddWeight("concat_score_weight", [], "ones") : null;
    }

    /// <summary>Whether the scores are multiplied by a weight.</summary>
    private protected bool UseScale => _useScale;

    /// <summary>From queries (batch, 1, some steps, values) and keys (batch, 1, steps, values) to scores (batch, 1,
    /// some steps, steps).</summary>
    private protected virtual Tensor Scores(Tensor queries, Tensor keys)
    {
        if (_scoreMode == "concat")
        {
            Tensor sums = Sums(queries, keys);
            return _scoreWeight! * K.Sum(K.Tanh(_scale is null ? sums : _scale * sums), -1);
        }
        Tensor products = new(new BatchMatMul(false, true), queries, keys);
        return _scale is null ? products : products * _scale;
    }

    /// <summary>The sums of each query with each key (batch, 1, some steps, steps, values).</summary>
    private protected static Tensor Sums(Tensor queries, Tensor keys) =>
        K.ExpandDims(queries, 3) + K.ExpandDims(keys, 2);
}
