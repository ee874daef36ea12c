using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Self-attention with several heads, whose queries, keys, and values are linear in the input (the base class of
/// <see cref="MultiHeadAttention"/> and <see cref="GroupedQueryAttention"/>). Scores of long sequences are computed for
/// a part of the queries at a time, so that memory is linear in the number of time steps, in training too.
/// </summary>
public abstract class ProjectedAttention : Layer
{
    readonly AttentionOptions _options;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly int _queryHeads, _keyHeads, _keyDim, _valueDim;
    readonly int[]? _output, _axes;
    Projection _query, _key, _value, _combine;
    Projection? _gate;

    private protected ProjectedAttention(int queryHeads, int keyHeads, int keyDim, int valueDim,
        int[]? outputShape, int[]? axes, AttentionOptions options, LayerOptions layer) : base(layer)
    {
        _ = Counts.Values([queryHeads, Math.Max(keyDim, valueDim)], nameof(queryHeads));
        if (outputShape?.Any(s => s < 1) == true)
            throw new ArgumentOutOfRangeException(nameof(outputShape), "The sizes of the output must be 1 or more; " +
                $"given {string.Join(", ", outputShape)}.");
        if (!(options.Dropout >= 0 && options.Dropout < 1))
            throw new ArgumentOutOfRangeException(nameof(options), "The dropout rate must be in [0, 1); given " +
                $"{options.Dropout}.");
        if (options.SlidingWindow is < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "The sliding window must span 1 or more time " +
                $"steps, or be null; given {options.SlidingWindow}.");
        (_queryHeads, _keyHeads, _keyDim, _valueDim, _output, _axes) =
            (queryHeads, keyHeads, keyDim, valueDim, outputShape, axes);
        _options = options;
        _kernelInitializer = options.KernelInitializer ?? "glorot_uniform";
        _biasInitializer = options.BiasInitializer ?? "zeros";
        ActivityRegularizer = options.ActivityRegularizer;
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 3;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] order = Order(x.Rank, out int attended);
        Dims free = new([.. order.SkipLast(attended + 1).Select(a => x.Dims[a])]),
            steps = new([.. order.SkipLast(1).TakeLast(attended).Select(a => x.Dims[a])]);
        if (mask is not null && x.Rank != 3)
            throw new ArgumentException($"Layer {Name} takes a mask only over inputs (batch, steps, values); given " +
                $"{x.Shape}.", nameof(mask));
        // (batch and free axes, steps, values).
        Tensor rows = new(new Ops.Reshape(new(free.Size, steps.Size, x.Dims.Last)),
            order.SequenceEqual(Enumerable.Range(0, x.Rank)) ? x : K.PermuteDimensions(x, order));

        Tensor query = Heads(rows, _query, _queryHeads, _keyDim) * (1 / Math.Sqrt(_keyDim)),
            key = Shared(Heads(rows, _key, _keyHeads, _keyDim)),
            value = Shared(Heads(rows, _value, _keyHeads, _valueDim));
        var visible = new Visible(mask, mask, Causal: _options.UseCausalMask, Window: _options.SlidingWindow);
        Tensor heads = AttentionBlocks.Attend(query, value, q => new Tensor(new BatchMatMul(false, true), q, key),
            visible, _options.Dropout, _options.Seed);
        int width = _queryHeads * _valueDim;
        Tensor mixed = new(new Ops.Reshape(new(free.Size, steps.Size, width)), K.PermuteDimensions(heads, 0, 2, 1, 3));
        if (_gate is { } gate) mixed *= K.Sigmoid(Linear(rows, gate, x.Shape[-1]!.Value));
        Tensor y = Linear(mixed, _combine, width);

        int[] output = _output ?? [x.Shape[-1]!.Value];
        Tensor ordered = new(
            new Ops.Reshape(new([.. free, .. steps, .. output.Select(s => (Dim)s)])), y);
        int[] back = [.. Enumerable.Range(0, x.Rank - 1).Select(a => Array.IndexOf(order, a)),
            .. Enumerable.Range(x.Rank - 1, output.Length)];
        return back.SequenceEqual(Enumerable.Range(0, back.Length)) ? ordered : K.PermuteDimensions(ordered, back);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["dropout"] = _options.Dropout;
        config["use_bias"] = _options.UseBias;
        config["use_gate"] = _options.UseGate;
        config["sliding_window"] = _options.SlidingWindow;
        config["seed"] = _options.Seed;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["kernel_regularizer"] = _options.KernelRegularizer?.Serialize();
        config["bias_regularizer"] = _options.BiasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["kernel_constraint"] = _options.KernelConstraint?.Serialize();
        config["bias_constraint"] = _options.BiasConstraint?.Serialize();
        // An argument of `call` in Keras, which would reject the key.
        if (_options.UseCausalMask) config["use_causal_mask"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int values = inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs to layer " +
            $"{Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        _ = Order(inputShape.Rank, out _);
        int[] output = _output ?? [values];
        _query = Project("query", [values, _queryHeads, _keyDim], [_queryHeads, _keyDim]);
        _key = Project("key", [values, _keyHeads, _keyDim], [_keyHeads, _keyDim]);
        _gate = _options.UseGate
            ? Project("gate", [values, _queryHeads, _valueDim], [_queryHeads, _valueDim]) : null;
        _value = Project("value", [values, _keyHeads, _valueDim], [_keyHeads, _valueDim]);
        _combine = Project("attention_output", [_queryHeads, _valueDim, .. output], output);
    }

    /// <summary>The axes in the order batch, free ones, those that are attended to, values.</summary>
    int[] Order(int rank, out int attended)
    {
        int[] axes = [.. (_axes ?? [.. Enumerable.Range(1, rank - 2)]).Select(a => a < 0 ? a + rank : a).Order()];
        attended = axes.Length;
        return axes.Length > 0 && axes[0] >= 1 && axes[^1] < rank - 1 && axes.Distinct().Count() == axes.Length
            ? [.. Enumerable.Range(0, rank - 1).Except(axes), .. axes, rank - 1]
            : throw new ArgumentException($"Layer {Name} attends over axes {string.Join(", ", _axes!)}; an input of " +
                $"rank {rank} has the axes 1 to {rank - 2} between the batch and the values.");
    }

    Projection Project(string name, int[] kernel, int[] bias) => new(
        AddWeight($"{name}_kernel", kernel, _kernelInitializer, _options.KernelRegularizer,
            constraint: _options.KernelConstraint),
        _options.UseBias ? AddWeight($"{name}_bias", bias, _biasInitializer, _options.BiasRegularizer,
            constraint: _options.BiasConstraint) : null);

    static Tensor Linear(Tensor x, Projection map, int inputs)
    {
        Tensor y = K.Dot(x, K.Reshape(map.Kernel, inputs, -1));
        return map.Bias is null ? y : y + K.Flatten(map.Bias);
    }

    /// <summary>(batch, heads, steps, size).</summary>
    static Tensor Heads(Tensor x, Projection map, int heads, int size)
    {
        Tensor flat = Linear(x, map, x.Shape[-1]!.Value);
        return K.PermuteDimensions(new Tensor(new Ops.Reshape(new(x.Dims[0], x.Dims[1], heads, size)), flat),
            0, 2, 1, 3);
    }

    /// <summary>Repeats each head of keys or values for the queries that share it.</summary>
    Tensor Shared(Tensor heads) =>
        _keyHeads == _queryHeads ? heads : K.RepeatElements(heads, _queryHeads / _keyHeads, 1);

    private protected static int AtLeastOne(int value, string argument) => value >= 1 ? value
        : throw new ArgumentOutOfRangeException(argument, $"`{argument}` must be 1 or more; given {value}.");

    readonly record struct Projection(Variable Kernel, Variable? Bias);
}
