using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// activation(einsum(x, kernel) + bias), with any dimensions (Keras <c>keras.layers.EinsumDense</c>). Weights: kernel,
/// with the dimensions of the equation; bias, with those of <c>biasAxes</c>.
/// </summary>
public class EinsumDense : Layer
{
    readonly string _equation;
    readonly int?[] _partialShape;
    readonly string? _biasAxes;
    readonly ActivationFunction _activation;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly Regularizer? _kernelRegularizer, _biasRegularizer;
    readonly Constraint? _kernelConstraint, _biasConstraint;
    Variable? _kernel, _bias, _scale;

    /// <summary>Creates the layer.</summary>
    /// <param name="equation">
    /// The letters of the input, the kernel and the output, such as <c>abc,cd->abd</c>; the input and the output can
    /// start or end with an ellipsis.
    /// </param>
    /// <param name="outputShape">
    /// The sizes of the output without the batch and without what an ellipsis stands for; null for a size that follows
    /// from the input.
    /// </param>
    /// <param name="activation">The activation function; none by default.</param>
    /// <param name="biasAxes">The letters of the output dimensions that have a bias; none by default.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="loraRank">
    /// The rank of an adapter: the kernel is frozen, and a product of two matrices with this size between them is
    /// trained instead (LoRA); none by default. See <see cref="EnableLora"/>.
    /// </param>
    /// <param name="loraAlpha">The factor of the adapter, before it is divided by the rank; the rank by
    /// default.</param>
    /// <param name="activityRegularizer">The regularizer for the output.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">The equation is invalid.</exception>
    public EinsumDense(string equation, Shape outputShape, ActivationFunction? activation = null,
        string? biasAxes = null, Initializer? kernelInitializer = null, Initializer? biasInitializer = null,
        Regularizer? kernelRegularizer = null, Regularizer? biasRegularizer = null,
        Constraint? kernelConstraint = null, Constraint? biasConstraint = null, int? loraRank = null,
        double? loraAlpha = null, Regularizer? activityRegularizer = null, string? name = null, bool trainable = true,
        Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(equation, outputShape, activation, biasAxes, kernelInitializer, biasInitializer, kernelRegularizer,
            biasRegularizer, kernelConstraint, biasConstraint, activityRegularizer,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize)) =>
        UseAdapter(loraRank, loraAlpha);

    internal EinsumDense(string equation, Shape outputShape, ActivationFunction? activation, string? biasAxes,
        Initializer? kernelInitializer, Initializer? biasInitializer, Regularizer? kernelRegularizer,
        Regularizer? biasRegularizer, Constraint? kernelConstraint, Constraint? biasConstraint,
        Regularizer? activityRegularizer, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(equation);
        ArgumentNullException.ThrowIfNull(outputShape);
        if (outputShape.FirstOrDefault(size => size is < 1) is int wrong)
            throw new ArgumentOutOfRangeException(nameof(outputShape), "The sizes of an output shape must be 1 or " +
                $"more, or null; given {wrong}.");
        (_equation, _partialShape, _biasAxes) = (equation, [.. outputShape], biasAxes);
        _activation = activation ?? "linear";
        (_kernelInitializer, _biasInitializer) = (kernelInitializer ?? "glorot_uniform", biasInitializer ?? "zeros");
        (_kernelRegularizer, _biasRegularizer, ActivityRegularizer) =
            (kernelRegularizer, biasRegularizer, activityRegularizer);
        (_kernelConstraint, _biasConstraint) = (kernelConstraint, biasConstraint);
        // An invalid equation throws here rather than when the layer is built.
        _ = KernelLabels;
    }

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = _scale is not null ? IntegerEinsum(x, Made(_kernel), _scale)
            : K.Einsum(_equation, x, Adapter?.Sum ?? Made(_kernel));
        if (_bias is not null) y += _bias;
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
        config["output_shape"] = Saving.Config.Sizes(_partialShape);
        config["equation"] = _equation;
        config["activation"] = _activation.Serialize();
        config["bias_axes"] = _biasAxes;
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
        string weight = KernelLabels;
        EinsumEquation labels = EinsumEquation.Parse(_equation, inputShape.Rank, weight.Length);
        Dictionary<char, int?> sizes = SizesOf(labels, inputShape);
        int Known(char label) => sizes[label] ?? throw new ArgumentException($"Layer {Name} needs the size of " +
            $"dimension '{label}' of \"{_equation}\", which the input of shape {inputShape} does not determine.",
            nameof(inputShape));
        foreach (char label in weight)
        {
            if (!labels.First.Contains(label) && !labels.Result.Contains(label))
                throw new ArgumentException($"Layer {Name}: dimension '{label}' of the kernel in \"{_equation}\" is " +
                    "neither in the input nor in the output.", nameof(inputShape));
        }
        int[] Axes(Func<char, bool> which) => [.. Enumerable.Range(0, weight.Length).Where(i => which(weight[i]))];
        int[] shape = [.. weight.Select(Known)];
        _kernel = QuantizationMode is null ? AddWeight("kernel", shape,
            _kernelInitializer is VarianceScaling scaling ? scaling.Over(
                Axes(label => !labels.Result.Contains(label)), Axes(label => labels.Result.Contains(label)))
            : _kernelInitializer, _kernelRegularizer, constraint: _kernelConstraint)
            : AddIntegers("kernel", shape);
        _bias = _biasAxes is null ? null
            : AddWeight("bias", BiasShape(labels.Result, Known), _biasInitializer, _biasRegularizer,
                constraint: _biasConstraint);
        // A dimension of the output that the kernel lacks has the size 1.
        _scale = QuantizationMode is null ? null
            : AddScale("kernel_scale", [.. labels.Result.Select(l => weight.Contains(l) ? Known(l) : 1)]);
        BuildAdapter(Target);
    }

    internal override bool CanQuantize => GetType() == typeof(EinsumDense);

    private protected override void ToIntegers()
    {
        EinsumEquation labels = EinsumEquation.Parse(_equation, InputShape!.Rank, KernelLabels.Length);
        (_kernel, NDArray scale) = Rounded(Made(_kernel), Summed(KernelLabels, labels));
        _scale = AddScale("kernel_scale", K.Evaluate(Aligned(K.Constant(scale), KernelLabels, labels)));
    }

    /// <summary>
    /// What is summed over is rounded to integers with a common scale; the sums of products are scaled back.
    /// </summary>
    Tensor IntegerEinsum(Tensor x, Tensor kernel, Tensor kernelScale)
    {
        EinsumEquation labels = EinsumEquation.Parse(_equation, x.Rank, kernel.Rank);
        (Tensor integers, Tensor scale) = K.AbsMaxQuantize(x, Summed(labels.First, labels));
        Tensor sums = K.Einsum(_equation, integers, kernel, integers: true);
        string kept = string.Concat(labels.Result.Where(KernelLabels.Contains));
        Tensor along = K.Aligned(Sized(kernelScale, labels.Result, kept), kept, KernelLabels);
        return K.StraightThrough(sums / (Aligned(scale, labels.First, labels) * kernelScale),
            K.Einsum(_equation, x, kernel.Unpacked() / along));
    }

    /// <summary>The dimensions that the result lacks.</summary>
    static int[] Summed(string own, EinsumEquation labels) =>
        [.. Enumerable.Range(0, own.Length).Where(i => !labels.Result.Contains(own[i]))];

    /// <summary>A scale in the order of the result, with a size of 1 for each dimension that it lacks.</summary>
    static Tensor Aligned(Tensor scale, string own, EinsumEquation labels)
    {
        string kept = string.Concat(own.Where(labels.Result.Contains));
        return K.Aligned(Sized(scale, own, kept), kept, labels.Result);
    }

    /// <summary>A tensor without the dimensions that are not kept, whose size is 1.</summary>
    static Tensor Sized(Tensor x, string own, string kept) =>
        new(new Ops.Reshape(new([.. kept.Select(label => x.Dims[own.IndexOf(label)])])), x);

    /// <summary>The letters of the kernel.</summary>
    string KernelLabels
    {
        get
        {
            string[] parts = _equation.Replace(" ", "", StringComparison.Ordinal).Split(',', '-');
            return parts.Length == 3 && parts[1].Length > 0 && parts[1].All(char.IsAsciiLetter) ? parts[1]
                : throw new ArgumentException($"Invalid einsum equation \"{_equation}\": expected the form " +
                    "\"X,Y->Z\", \"...X,Y->...Z\" or \"X...,Y->Z...\".");
        }
    }

    /// <summary>The sizes of all dimensions, as far as they are known.</summary>
    Dictionary<char, int?> SizesOf(EinsumEquation labels, Shape inputShape)
    {
        Dictionary<char, int?> sizes = [];
        for (int i = 0; i < inputShape.Rank; i++) sizes[labels.First[i]] = inputShape[i];
        string own = string.Concat(labels.Result.Where(char.IsAsciiLetter));
        // An ellipsis at the start includes the batch.
        if (!_equation.TrimStart().StartsWith("...", StringComparison.Ordinal) || own.Length == labels.Result.Length)
            own = own[1..];
        if (own.Length != _partialShape.Length)
            throw new ArgumentException($"Layer {Name}: \"{_equation}\" has {own.Length} sizes in its output shape; " +
                $"given {Shape.Format(_partialShape)}.", nameof(inputShape));
        foreach ((char label, int? size) in own.Zip(_partialShape))
        {
            int? before = sizes.GetValueOrDefault(label);
            if (before is not null && size is not null && before != size)
                throw new ArgumentException($"Layer {Name}: dimension '{label}' of \"{_equation}\" has size {before} " +
                    $"in the input of shape {inputShape}, but {size} in the output shape.", nameof(inputShape));
            sizes[label] = size ?? before;
        }
        return sizes;
    }

    /// <summary>The sizes of the bias from the first of its dimensions on; 1 for dimensions without one.</summary>
    int[] BiasShape(string result, Func<char, int> sizeOf)
    {
        if (_biasAxes!.Length == 0 || _biasAxes.FirstOrDefault(l => !result.Contains(l)) is not '\0')
            throw new ArgumentException($"Layer {Name}: the bias dimensions \"{_biasAxes}\" must be letters of the " +
                $"output in \"{_equation}\".");
        return [.. result[_biasAxes.Min(result.IndexOf)..].Select(l => _biasAxes.Contains(l) ? sizeOf(l) : 1)];
    }
}
