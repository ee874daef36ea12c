using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Self-attention over (batch, steps, values) like <see cref="MultiHeadAttention"/>, but several heads of queries share
/// one head of keys and values (Ainslie et al. 2023; Keras 3 <c>keras.layers.GroupQueryAttention</c> with the input as
/// query, key and value). Masked time steps are ignored. Weights: query kernel (values, query heads, head size) and
/// bias, key kernel (values, key heads, head size) and bias, the gate if there is one, value kernel and bias, then the
/// output kernel (query heads, head size, values) and bias.
/// </summary>
public class GroupedQueryAttention : ProjectedAttention
{
    readonly int _headDim, _numQueryHeads, _numKeyValueHeads;

    /// <summary>Creates the layer.</summary>
    /// <param name="headDim">The size of queries, keys, and values in each head.</param>
    /// <param name="numQueryHeads">The number of heads of queries, a multiple of the number of heads of keys.</param>
    /// <param name="numKeyValueHeads">The number of heads of keys and values.</param>
    /// <param name="dropout">The fraction of the attention weights set to 0 in training.</param>
    /// <param name="useBias">Whether to add bias vectors.</param>
    /// <param name="slidingWindow">
    /// A time step attends only to steps less than this many positions away; null for no limit.
    /// </param>
    /// <param name="flashAttention">
    /// Accepted for compatibility with Keras: the scores of long sequences are never in memory at once in any case.
    /// </param>
    /// <param name="kernelInitializer">The initializer for the kernels; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the biases; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernels.</param>
    /// <param name="biasRegularizer">The regularizer for the biases.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernels.</param>
    /// <param name="biasConstraint">The constraint on the biases.</param>
    /// <param name="useGate">Whether the heads are multiplied by the sigmoid of another linear map.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="useCausalMask">
    /// Whether a time step attends only to itself and earlier steps (Keras: an argument of <c>call</c>).
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">
    /// The number of heads of queries is not a multiple of the number of heads of keys.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public GroupedQueryAttention(int headDim, int numQueryHeads, int numKeyValueHeads, double dropout = 0,
        bool useBias = true, int? slidingWindow = null, bool? flashAttention = null,
        Initializer? kernelInitializer = null, Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        bool useGate = false, int? seed = null, bool useCausalMask = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(headDim, numQueryHeads, numKeyValueHeads,
            new(dropout, useBias, useCausalMask, slidingWindow, useGate, seed, kernelInitializer, biasInitializer,
                kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint),
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize)) => _ = flashAttention;

    internal GroupedQueryAttention(int headDim, int numQueryHeads, int numKeyValueHeads, AttentionOptions options,
        LayerOptions layer)
        : base(Shared(numQueryHeads, numKeyValueHeads), numKeyValueHeads, AtLeastOne(headDim, nameof(headDim)), headDim,
            null, null, options, layer) =>
        (_headDim, _numQueryHeads, _numKeyValueHeads) = (headDim, numQueryHeads, numKeyValueHeads);

    /// <inheritdoc/>
    protected override int? InputRank => 3;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["head_dim"] = _headDim;
        config["num_query_heads"] = _numQueryHeads;
        config["num_key_value_heads"] = _numKeyValueHeads;
        return config;
    }

    static int Shared(int queryHeads, int keyHeads)
    {
        _ = AtLeastOne(queryHeads, "numQueryHeads");
        return queryHeads % AtLeastOne(keyHeads, "numKeyValueHeads") == 0 ? queryHeads
            : throw new ArgumentException(
                $"`numQueryHeads` must be divisible by `numKeyValueHeads`; given {queryHeads} " +
                $"and {keyHeads}.", nameof(queryHeads));
    }
}
