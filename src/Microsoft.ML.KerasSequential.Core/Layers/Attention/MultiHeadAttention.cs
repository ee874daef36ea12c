using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Multi-head self-attention over (batch, …, values): softmax(q·kᵀ/√key size)·v for each head, where q, k and v are
/// linear in the input; another linear map combines the heads (Vaswani et al. 2017; Keras 3
/// <c>keras.layers.MultiHeadAttention</c> with the input as query, key and value). Masked time steps are ignored.
/// Weights: query kernel (values, heads, key size) and bias, the same for key, the gate if there is one, and value,
/// then the output kernel (heads, value size, output size) and bias.
/// </summary>
public class MultiHeadAttention : ProjectedAttention
{
    readonly int _numHeads, _keyDim, _valueDim;
    readonly int[]? _outputShape, _attentionAxes;

    /// <summary>Creates the layer.</summary>
    /// <param name="numHeads">The number of heads.</param>
    /// <param name="keyDim">The size of queries and keys.</param>
    /// <param name="valueDim">The size of values; the size of keys by default.</param>
    /// <param name="dropout">The fraction of the attention weights set to 0 in training.</param>
    /// <param name="useBias">Whether to add bias vectors.</param>
    /// <param name="outputShape">The size of the output, or several; the size of the input by default.</param>
    /// <param name="useCausalMask">Whether a time step attends only to itself and earlier steps.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="kernelInitializer">The initializer for the kernels; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the biases; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernels.</param>
    /// <param name="biasRegularizer">The regularizer for the biases.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernels.</param>
    /// <param name="biasConstraint">The constraint on the biases.</param>
    /// <param name="attentionAxes">
    /// The axes over which attention is applied; by default, all between the batch and the values. The other ones are
    /// treated like the batch.
    /// </param>
    /// <param name="slidingWindow">
    /// A time step attends only to steps less than this many positions away; null for no limit.
    /// </param>
    /// <param name="flashAttention">
    /// Accepted for compatibility with Keras: the scores of long sequences are never in memory at once in any case.
    /// </param>
    /// <param name="useGate">Whether the heads are multiplied by the sigmoid of another linear map.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public MultiHeadAttention(int numHeads, int keyDim, int? valueDim = null, double dropout = 0, bool useBias = true,
        Sizes? outputShape = null, bool useCausalMask = false, int? seed = null, Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        Sizes? attentionAxes = null, int? slidingWindow = null, bool? flashAttention = null, bool useGate = false,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(numHeads, keyDim, valueDim, outputShape?.ToArray(), attentionAxes?.ToArray(),
            new(dropout, useBias, useCausalMask, slidingWindow, useGate, seed, kernelInitializer, biasInitializer,
                kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint),
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize)) => _ = flashAttention;

    internal MultiHeadAttention(int numHeads, int keyDim, int? valueDim, int[]? outputShape, int[]? attentionAxes,
        AttentionOptions options, LayerOptions layer)
        : base(AtLeastOne(numHeads, nameof(numHeads)), numHeads, AtLeastOne(keyDim, nameof(keyDim)),
            AtLeastOne(valueDim ?? keyDim, nameof(valueDim)), outputShape, attentionAxes, options, layer) =>
        (_numHeads, _keyDim, _valueDim, _outputShape, _attentionAxes) =
            (numHeads, keyDim, valueDim ?? keyDim, outputShape, attentionAxes);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["num_heads"] = _numHeads;
        config["key_dim"] = _keyDim;
        config["value_dim"] = _valueDim;
        config["output_shape"] = _outputShape is null ? null : Saving.Config.Sizes(_outputShape);
        config["attention_axes"] = _attentionAxes is null ? null : Saving.Config.Sizes(_attentionAxes);
        return config;
    }
}
