using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Initializers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A Transformer encoder block over (batch, steps, values): attention, then two dense layers, each half with dropout, a
/// residual connection and normalization (Vaswani et al. 2017; KerasHub <c>keras_hub.layers.TransformerEncoder</c>).
/// Masked time steps are ignored.
/// </summary>
public class TransformerEncoder : Layer
{
    readonly int _intermediateDim, _numHeads;
    readonly double _dropout, _layerNormEpsilon;
    readonly ActivationFunction _activation;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly bool _normalizeFirst;
    readonly LayerNormalization _attentionNorm, _feedforwardNorm;
    readonly Dropout _attentionDropout, _feedforwardDropout;
    readonly Dense _intermediate;
    MultiHeadAttention? _attention;
    Dense? _output;

    /// <summary>Creates the layer.</summary>
    /// <param name="intermediateDim">The size of the first dense layer's output.</param>
    /// <param name="numHeads">The number of heads, a divisor of the number of values.</param>
    /// <param name="dropout">The fraction of values set to 0 in training, in the attention and after each half.</param>
    /// <param name="activation">The activation function between the dense layers; <c>relu</c> by default.</param>
    /// <param name="layerNormEpsilon">The ε of the normalizations.</param>
    /// <param name="kernelInitializer">The initializer for the kernels; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the biases; <c>zeros</c> by default.</param>
    /// <param name="normalizeFirst">
    /// Whether each half normalizes its input rather than its output (after the residual sum).
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public TransformerEncoder(int intermediateDim, int numHeads, double dropout = 0,
        ActivationFunction? activation = null, double layerNormEpsilon = 1e-5, Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null, bool normalizeFirst = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(intermediateDim, numHeads, dropout, activation, layerNormEpsilon, kernelInitializer, biasInitializer,
            normalizeFirst, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal TransformerEncoder(int intermediateDim, int numHeads, double dropout, ActivationFunction? activation,
        double layerNormEpsilon, Initializer? kernelInitializer, Initializer? biasInitializer, bool normalizeFirst,
        LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(intermediateDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numHeads, 1);
        if (!(dropout >= 0 && dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), "The dropout rate must be in [0, 1); given " +
                $"{dropout}.");
        (_intermediateDim, _numHeads, _dropout, _layerNormEpsilon, _normalizeFirst) =
            (intermediateDim, numHeads, dropout, layerNormEpsilon, normalizeFirst);
        (_activation, _kernelInitializer, _biasInitializer) =
            (activation ?? "relu", kernelInitializer ?? "glorot_uniform", biasInitializer ?? "zeros");
        _attentionNorm =
            TrackPart(new LayerNormalization(epsilon: layerNormEpsilon, name: "self_attention_layer_norm"));
        _attentionDropout = TrackPart(new Dropout(dropout, name: "self_attention_dropout"));
        _feedforwardNorm = TrackPart(new LayerNormalization(epsilon: layerNormEpsilon, name: "feedforward_layer_norm"));
        _intermediate = TrackPart(new Dense(intermediateDim, _activation, kernelInitializer: _kernelInitializer,
            biasInitializer: _biasInitializer, name: "feedforward_intermediate_dense"));
        _feedforwardDropout = TrackPart(new Dropout(dropout, name: "feedforward_dropout"));
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
        x = Half(x, _attentionNorm, input => _attentionDropout.Apply(Made(_attention).Apply(input, mask)));
        return Half(x, _feedforwardNorm,
            input => _feedforwardDropout.Apply(Made(_output).Apply(_intermediate.Apply(input))));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["intermediate_dim"] = _intermediateDim;
        config["num_heads"] = _numHeads;
        config["dropout"] = _dropout;
        config["activation"] = _activation.Serialize();
        config["layer_norm_epsilon"] = _layerNormEpsilon;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["normalize_first"] = _normalizeFirst;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int values = inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs to layer " +
            $"{Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        if (values % _numHeads != 0)
            throw new ArgumentException($"The number of heads of layer {Name} ({_numHeads}) must divide the size of " +
                $"its input ({values}).", nameof(inputShape));
        _attention ??= TrackPart(new MultiHeadAttention(_numHeads, values / _numHeads, dropout: _dropout,
            kernelInitializer: _kernelInitializer, biasInitializer: _biasInitializer, name: "self_attention_layer"));
        _output ??= TrackPart(new Dense(values, kernelInitializer: _kernelInitializer,
            biasInitializer: _biasInitializer, name: "feedforward_output_dense"));
        SowInner();
        _attention.EnsureBuilt(inputShape);
        _attentionNorm.EnsureBuilt(inputShape);
        _intermediate.EnsureBuilt(inputShape);
        _output.EnsureBuilt(new([.. inputShape.SkipLast(1), _intermediateDim]));
        _feedforwardNorm.EnsureBuilt(inputShape);
    }

    Tensor Half(Tensor x, LayerNormalization norm, Func<Tensor, Tensor> f) =>
        _normalizeFirst ? x + f(norm.Apply(x)) : norm.Apply(x + f(x));
}
