using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// activation(x·kernel + bias), over the last dimension of the input (Keras <c>keras.layers.Dense</c>). Weights: kernel
/// (input, units), bias (units); once it is quantized, bias, kernel of integers, scale (units).
/// </summary>
public class Dense : Layer
{
    readonly int _units;
    readonly bool _useBias;
    readonly ActivationFunction _activation;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly Regularizer? _kernelRegularizer, _biasRegularizer;
    readonly Constraint? _kernelConstraint, _biasConstraint;
    Variable? _kernel, _bias, _scale;

    /// <summary>Creates the layer.</summary>
    /// <param name="units">The size of the output, 1 or more.</param>
    /// <param name="activation">The activation function; none by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="loraRank">
    /// The rank of an adapter: the kernel is frozen, and a product of two matrices with this size between them is
    /// trained instead (LoRA); none by default. See <see cref="EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inputDim">
    /// The size of a flat sample: shorthand for an <paramref name="inputShape"/> of one dimension.
    /// </param>
    /// <param name="weights">The initial kernel and bias, instead of initializers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public Dense(int units, ActivationFunction? activation = null, bool useBias = true,
        Initializer? kernelInitializer = null, Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? biasConstraint = null, int? loraRank = null,
        double? loraAlpha = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null,
        int? batchSize = null, int? inputDim = null,
        IReadOnlyList<NDArray>? weights = null)
        : this(units, activation, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer,
            activityRegularizer, kernelConstraint, biasConstraint,
            new LayerOptions(name, trainable, inputShape ?? (inputDim is int dim ? [dim] : null), batchInputShape,
                batchSize, weights)) => UseAdapter(loraRank, loraAlpha);

    internal Dense(int units, ActivationFunction? activation, bool useBias, Initializer? kernelInitializer,
        Initializer? biasInitializer,
        Regularizer? kernelRegularizer, Regularizer? biasRegularizer, Regularizer? activityRegularizer,
        Constraint? kernelConstraint, Constraint? biasConstraint,
        LayerOptions options) : base(options)
    {
        if (units < 1)
            throw new ArgumentOutOfRangeException(nameof(units), "A Dense layer needs 1 or more units; given " +
                $"{units}.");
        (_units, _useBias) = (units, useBias);
        _activation = activation ?? "linear";
        (_kernelInitializer, _biasInitializer) = (kernelInitializer ?? "glorot_uniform", biasInitializer ?? "zeros");
        (_kernelRegularizer, _biasRegularizer, ActivityRegularizer) =
            (kernelRegularizer, biasRegularizer, activityRegularizer);
        (_kernelConstraint, _biasConstraint) = (kernelConstraint, biasConstraint);
    }

    /// <summary>The size of the output.</summary>
    public int Units => _units;

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = _scale is not null ? IntegerDot(x, Made(_kernel), _scale)
            : Adapter is not null ? Adapter.Times(x) : K.Dot(x, Made(_kernel));
        if (_bias is not null) y = K.BiasAdd(y, _bias);
        return _activation.Call(y);
    }

    /// <summary>Whether the kernel is frozen and adapted by a product of two small matrices (Keras
    /// <c>lora_enabled</c>).</summary>
    public bool LoraEnabled => Adapter is not null;

    /// <summary>The rank of the adapter (Keras <c>lora_rank</c>); null for none.</summary>
    public int? LoraRank => AdapterRank;

    /// <summary>The factor of the adapter, before it is divided by the rank (Keras <c>lora_alpha</c>); null for
    /// none.</summary>
    public double? LoraAlpha => AdapterAlpha;

    /// <summary>
    /// Freezes the kernel and adds a product of two small matrices to it, which are trained instead (LoRA, Hu et
    /// al. 2021; Keras <c>enable_lora</c>): the layer uses kernel + loraAlpha/rank·A·B. The
    /// weights are then those of before, A (…, rank), and B (rank, last size of the kernel). A compiled model trains
    /// them from its next step on.
    /// </summary>
    /// <param name="rank">The size between the two matrices, 1 or more.</param>
    /// <param name="loraAlpha">The factor of the product, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="aInitializer">The initializer for A; <c>he_uniform</c> by default.</param>
    /// <param name="bInitializer">The initializer for B; <c>zeros</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rank"/> is less than 1, or
    /// <paramref name="loraAlpha"/> is not finite.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet, is already adapted, has a constraint
    /// on the kernel, or is part of a model that is being trained.</exception>
    public void EnableLora(int rank, double? loraAlpha = null, Initializer? aInitializer = null,
        Initializer? bInitializer = null) =>
        EnableAdapter(Target, rank, loraAlpha, aInitializer, bInitializer);

    AdapterTarget Target => new("kernel", _kernel, _kernelRegularizer, _kernelConstraint);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["units"] = _units;
        config["activation"] = _activation.Serialize();
        config["use_bias"] = _useBias;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["bias_regularizer"] = _biasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        config["bias_constraint"] = _biasConstraint?.Serialize();
        AddAdapterTo(config);
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int inputs = inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs to layer " +
            $"{Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        _kernel = QuantizationMode is null
            ? AddWeight("kernel", [inputs, _units], _kernelInitializer, _kernelRegularizer,
                constraint: _kernelConstraint)
            : AddIntegers("kernel", [inputs, _units]);
        _bias = _useBias ? AddWeight("bias", [_units], _biasInitializer, _biasRegularizer, constraint: _biasConstraint)
            : null;
        _scale = QuantizationMode is null ? null : AddScale("kernel_scale", [_units]);
        BuildAdapter(Target);
    }

    internal override bool CanQuantize => GetType() == typeof(Dense);

    private protected override void ToIntegers()
    {
        (_kernel, NDArray scale) = Rounded(Made(_kernel), 0);
        _scale = AddScale("kernel_scale", scale.Reshape(_units));
    }

    /// <summary>Each row of the input is rounded to integers; the sums of their products are scaled back.</summary>
    static Tensor IntegerDot(Tensor x, Tensor kernel, Tensor kernelScale)
    {
        (Tensor integers, Tensor scale) = K.AbsMaxQuantize(x, [-1]);
        return K.StraightThrough(K.IntegerDot(integers, kernel) / (kernelScale * scale),
            K.Dot(x, kernel.Unpacked() / kernelScale));
    }
}
