using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Multi-head self-attention over (batch, steps, values): softmax(q·kᵀ/√key size)·v for each head, where q, k and v are
/// linear in the input; another linear map combines the heads (Vaswani et al. 2017; Keras 3
/// <c>keras.layers.MultiHeadAttention</c> with the input as query, key and value). Masked time steps are ignored.
/// Weights: query kernel (values, heads, key size) and bias, the same for key and value, output kernel (heads, value
/// size, output size) and bias.
/// </summary>
public class MultiHeadAttention : Layer
{
    readonly int _numHeads, _keyDim, _valueDim;
    readonly int? _outputDim, _seed;
    readonly double _dropout;
    readonly bool _useBias, _useCausalMask;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly Regularizer? _kernelRegularizer, _biasRegularizer;
    readonly Constraint? _kernelConstraint, _biasConstraint;
    Projection _query, _key, _value, _output;

    /// <summary>Creates the layer.</summary>
    /// <param name="numHeads">The number of heads.</param>
    /// <param name="keyDim">The size of queries and keys.</param>
    /// <param name="valueDim">The size of values; the size of keys by default.</param>
    /// <param name="dropout">The fraction of the attention weights set to 0 in training.</param>
    /// <param name="useBias">Whether to add bias vectors.</param>
    /// <param name="outputShape">The size of the output; the size of the input by default.</param>
    /// <param name="useCausalMask">Whether a time step attends only to itself and earlier steps.</param>
    /// <param name="seed">A seed for the dropout, or null for the model's seed.</param>
    /// <param name="kernelInitializer">The initializer for the kernels; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the biases; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernels.</param>
    /// <param name="biasRegularizer">The regularizer for the biases.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernels.</param>
    /// <param name="biasConstraint">The constraint on the biases.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public MultiHeadAttention(int numHeads, int keyDim, int? valueDim = null, double dropout = 0, bool useBias = true,
        int? outputShape = null, bool useCausalMask = false, int? seed = null, Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null, Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null, Constraint? kernelConstraint = null, Constraint? biasConstraint = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(numHeads, keyDim, valueDim, dropout, useBias, outputShape, useCausalMask, seed, kernelInitializer,
            biasInitializer, kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal MultiHeadAttention(int numHeads, int keyDim, int? valueDim, double dropout, bool useBias,
        int? outputShape, bool useCausalMask, int? seed, Initializer? kernelInitializer, Initializer? biasInitializer,
        Regularizer? kernelRegularizer, Regularizer? biasRegularizer, Regularizer? activityRegularizer,
        Constraint? kernelConstraint, Constraint? biasConstraint, LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(keyDim, 1);
        if (valueDim is < 1)
            throw new ArgumentOutOfRangeException(nameof(valueDim), "The size of values must be 1 or more; given " +
                $"{valueDim}.");
        _ = Graphs.Counts.Values([numHeads, Math.Max(keyDim, valueDim ?? keyDim)], nameof(numHeads));
        if (outputShape is < 1)
            throw new ArgumentOutOfRangeException(nameof(outputShape), "The size of the output must be 1 or more; " +
                $"given {outputShape}.");
        if (!(dropout >= 0 && dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), "The dropout rate must be in [0, 1); given " +
                $"{dropout}.");
        (_numHeads, _keyDim, _valueDim, _outputDim, _dropout, _useBias, _useCausalMask, _seed) =
            (numHeads, keyDim, valueDim ?? keyDim, outputShape, dropout, useBias, useCausalMask, seed);
        (_kernelInitializer, _biasInitializer) = (kernelInitializer ?? "glorot_uniform", biasInitializer ?? "zeros");
        (_kernelRegularizer, _biasRegularizer, ActivityRegularizer, _kernelConstraint, _biasConstraint) =
            (kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint);
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
        Tensor query = Heads(x, _query, _keyDim) * (1 / Math.Sqrt(_keyDim)), key = Heads(x, _key, _keyDim),
            value = Heads(x, _value, _valueDim);
        Tensor scores = new(new BatchMatMul(false, true), query, key);
        Tensor? visible = mask is null ? null : new(new Ops.Reshape(new(mask.Dims[0], 1, 1, mask.Dims[1])), mask);
        if (_useCausalMask)
        {
            Tensor earlier = new(new LowerTriangle(x.Dims[1]));
            visible = visible is null ? earlier : visible * earlier;
        }
        if (visible is not null) scores = K.Where(new Tensor(new BroadcastTo(scores.Dims), visible), scores, -1e9);
        Tensor attention = K.Softmax(scores);
        if (K.LearningPhase() && _dropout > 0) attention = K.Dropout(attention, _dropout, seed: _seed);
        Tensor mixed = K.PermuteDimensions(new Tensor(new BatchMatMul(false, false), attention, value), 0, 2, 1, 3);
        Tensor together = new(new Ops.Reshape(new(x.Dims[0], x.Dims[1], _numHeads * _valueDim)), mixed);
        return Linear(together, _output, _numHeads * _valueDim);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["num_heads"] = _numHeads;
        config["key_dim"] = _keyDim;
        config["value_dim"] = _valueDim;
        config["dropout"] = _dropout;
        config["use_bias"] = _useBias;
        config["output_shape"] = _outputDim;
        config["use_causal_mask"] = _useCausalMask;
        config["seed"] = _seed;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["bias_regularizer"] = _biasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        config["bias_constraint"] = _biasConstraint?.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int values = inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs to layer " +
            $"{Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        int output = _outputDim ?? values;
        _query = Project("query", [values, _numHeads, _keyDim], [_numHeads, _keyDim]);
        _key = Project("key", [values, _numHeads, _keyDim], [_numHeads, _keyDim]);
        _value = Project("value", [values, _numHeads, _valueDim], [_numHeads, _valueDim]);
        _output = Project("attention_output", [_numHeads, _valueDim, output], [output]);
    }

    Projection Project(string name, int[] kernel, int[] bias) => new(
        AddWeight($"{name}_kernel", kernel, _kernelInitializer, _kernelRegularizer, constraint: _kernelConstraint),
        _useBias ? AddWeight($"{name}_bias", bias, _biasInitializer, _biasRegularizer, constraint: _biasConstraint)
            : null);

    static Tensor Linear(Tensor x, Projection map, int inputs)
    {
        Tensor y = K.Dot(x, K.Reshape(map.Kernel, inputs, -1));
        return map.Bias is null ? y : y + K.Flatten(map.Bias);
    }

    /// <summary>(batch, heads, steps, size).</summary>
    Tensor Heads(Tensor x, Projection map, int size)
    {
        Tensor flat = Linear(x, map, x.Shape[-1]!.Value);
        return K.PermuteDimensions(new Tensor(new Ops.Reshape(new(x.Dims[0], x.Dims[1], _numHeads, size)), flat),
            0, 2, 1, 3);
    }

    readonly record struct Projection(Variable Kernel, Variable? Bias);
}
