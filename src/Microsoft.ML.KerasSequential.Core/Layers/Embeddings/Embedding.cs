using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A trainable vector for each index: (batch, …) to (batch, …, output size) (Keras <c>keras.layers.Embedding</c>).
/// Weight: embeddings (input size, output size). An index outside the table is an error in training and prediction,
/// wherever the layer is in a model.
/// </summary>
public class Embedding : Layer
{
    readonly int _inputDim, _outputDim;
    readonly Initializer _embeddingsInitializer;
    readonly Regularizer? _embeddingsRegularizer;
    readonly Constraint? _embeddingsConstraint;
    readonly bool _maskZero;
    readonly int?[]? _inputLength;
    Variable? _embeddings, _scale;

    /// <summary>Creates the layer.</summary>
    /// <param name="inputDim">The number of indices: the largest one plus 1.</param>
    /// <param name="outputDim">The size of a vector.</param>
    /// <param name="embeddingsInitializer">The initializer for the vectors; <c>uniform</c> by default.</param>
    /// <param name="embeddingsRegularizer">The regularizer for the vectors.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="embeddingsConstraint">The constraint on the vectors.</param>
    /// <param name="maskZero">
    /// Whether 0 is padding: time steps of 0 are masked in later layers, in the loss and in the metrics.
    /// </param>
    /// <param name="inputLength">
    /// The number of time steps, if it is fixed; for several dimensions, one number or null per dimension.
    /// </param>
    /// <param name="loraRank">
    /// The rank of an adapter: the vectors are frozen, and a product of two matrices with this size between them is
    /// trained instead (LoRA); none by default. See <see cref="EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">
    /// The shape of one sample, for a model's first layer; by default, the input length, or any number of time steps.
    /// </param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="weights">The initial vectors, instead of an initializer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public Embedding(int inputDim, int outputDim, Initializer? embeddingsInitializer = null,
        Regularizer? embeddingsRegularizer = null, Regularizer? activityRegularizer = null,
        Constraint? embeddingsConstraint = null, bool maskZero = false, InputLength? inputLength = null,
        int? loraRank = null, double? loraAlpha = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null, IReadOnlyList<NDArray>? weights = null)
        : this(inputDim, outputDim, embeddingsInitializer, embeddingsRegularizer, activityRegularizer,
            embeddingsConstraint, maskZero, inputLength?.Values,
            new LayerOptions(name, trainable,
                inputShape ?? (batchInputShape is null ? new Shape(inputLength?.Values ?? [null]) : null),
                batchInputShape, batchSize, weights)) => UseAdapter(loraRank, loraAlpha);

    internal Embedding(int inputDim, int outputDim, Initializer? embeddingsInitializer,
        Regularizer? embeddingsRegularizer, Regularizer? activityRegularizer, Constraint? embeddingsConstraint,
        bool maskZero, int?[]? inputLength, LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputDim, 1);
        if (inputLength?.Any(n => n is < 1) == true)
            throw new ArgumentOutOfRangeException(nameof(inputLength), "The input length must be 1 or more; given " +
                $"{Shape.Format(inputLength)}.");
        (_inputDim, _outputDim, _maskZero, _inputLength) = (inputDim, outputDim, maskZero, inputLength);
        _embeddingsInitializer = embeddingsInitializer ?? "uniform";
        (_embeddingsRegularizer, ActivityRegularizer, _embeddingsConstraint) =
            (embeddingsRegularizer, activityRegularizer, embeddingsConstraint);
    }

    /// <summary>The number of indices.</summary>
    public int InputDim => _inputDim;

    /// <summary>The size of a vector.</summary>
    public int OutputDim => _outputDim;

    /// <summary>The vectors.</summary>
    private protected Variable Embeddings => Made(_embeddings);

    private protected Initializer EmbeddingsInitializer => _embeddingsInitializer;

    /// <inheritdoc/>
    public override bool SupportsMasking => _maskZero;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_inputLength is not null)
        {
            bool fits = x.Rank == _inputLength.Length + 1
                && _inputLength.Index().All(n => n.Item is null || Dim.MayEqual(x.Dims[n.Index + 1], n.Item.Value));
            if (!fits)
                throw new ArgumentException($"\"input_length\" is {Shape.Format(_inputLength)}, but received input " +
                    $"has shape {x.Shape}", nameof(x));
        }
        if (Adapter is not null) return Adapter.Rows(x);
        Tensor vectors = K.Gather(Made(_embeddings), x);
        return _scale is null ? vectors : vectors / K.ExpandDims(K.Gather(_scale, x), -1);
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => _maskZero ? K.NotEqual(x, 0) : null;

    /// <summary>Whether the vectors are frozen and adapted by a product of two small matrices (Keras
    /// <c>lora_enabled</c>).</summary>
    public bool LoraEnabled => Adapter is not null;

    /// <summary>The rank of the adapter (Keras <c>lora_rank</c>); null for none.</summary>
    public int? LoraRank => AdapterRank;

    /// <summary>The factor of the adapter, before it is divided by the rank (Keras <c>lora_alpha</c>); null for
    /// none.</summary>
    public double? LoraAlpha => AdapterAlpha;

    /// <summary>
    /// Freezes the vectors and adds a product of two small matrices to them, which are trained instead (LoRA, Hu et
    /// al. 2021; Keras <c>enable_lora</c>): the layer uses embeddings + loraAlpha/rank·A·B. The
    /// weights are then those of before, A (input size, rank), and B (rank, output size). A compiled model trains them
    /// from its next step on.
    /// </summary>
    /// <param name="rank">The size between the two matrices, 1 or more.</param>
    /// <param name="loraAlpha">The factor of the product, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="aInitializer">The initializer for A; <c>he_uniform</c> by default.</param>
    /// <param name="bInitializer">The initializer for B; <c>zeros</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rank"/> is less than 1, or
    /// <paramref name="loraAlpha"/> is not finite.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet, is already adapted, has a constraint
    /// on the vectors, or is part of a model that is being trained.</exception>
    public void EnableLora(int rank, double? loraAlpha = null, Initializer? aInitializer = null,
        Initializer? bInitializer = null) =>
        EnableAdapter(Target, rank, loraAlpha, aInitializer, bInitializer);

    AdapterTarget Target => new("embeddings", _embeddings, _embeddingsRegularizer, _embeddingsConstraint);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["input_dim"] = _inputDim;
        config["output_dim"] = _outputDim;
        config["embeddings_initializer"] = _embeddingsInitializer.Serialize();
        config["embeddings_regularizer"] = _embeddingsRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["embeddings_constraint"] = _embeddingsConstraint?.Serialize();
        config["mask_zero"] = _maskZero;
        AddAdapterTo(config);
        config["input_length"] = _inputLength is null ? null : _inputLength is [var only] ? only
            : Saving.Config.Sizes(_inputLength);
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        int[] shape = [_inputDim, _outputDim];
        _embeddings = QuantizationMode is null
            ? AddWeight("embeddings", shape, _embeddingsInitializer, _embeddingsRegularizer,
                constraint: _embeddingsConstraint)
            : AddIntegers("embeddings", shape);
        _scale = QuantizationMode is null ? null : AddScale("embeddings_scale", [_inputDim]);
        BuildReverse();
        BuildAdapter(Target);
    }

    /// <summary>Creates the weights of the other direction.</summary>
    private protected virtual void BuildReverse() { }

    /// <summary>The scale of each vector, if they are integers.</summary>
    private protected Variable? EmbeddingsScale => _scale;

    internal override bool CanQuantize => GetType() == typeof(Embedding);

    private protected override void ToIntegers()
    {
        (_embeddings, NDArray scale) = Rounded(Made(_embeddings), 1);
        _scale = AddScale("embeddings_scale", scale.Reshape(_inputDim));
    }
}
