using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A recurrent layer that reads a sequence forward, and another of the same kind that reads it backward (Schuster and
/// Paliwal 1997; Keras <c>keras.layers.Bidirectional</c>). Weights: those of the forward layer, then those of the
/// backward layer.
/// </summary>
public class Bidirectional : Wrapper
{
    static readonly string?[] s_modes = ["concat", "sum", "mul", "ave", null];

    /// <summary>Settings that the two layers need not share.</summary>
    static readonly string[] s_irrelevant = ["name", "batch_input_shape"];

    readonly string? _mergeMode;
    readonly string _layerName;
    readonly RNN _forward, _backward;
    readonly bool _differs;

    /// <summary>Creates the layer.</summary>
    /// <param name="layer">The forward layer.</param>
    /// <param name="mergeMode">
    /// How to merge the two outputs: <c>concat</c>, <c>sum</c>, <c>mul</c> or <c>ave</c>. Null for two outputs; only
    /// for your own layers, through <see cref="Run"/>.
    /// </param>
    /// <param name="weights">The initial weights of the forward layer, then of the backward layer.</param>
    /// <param name="backwardLayer">
    /// The layer that reads in the other direction; by default, one with the settings of the forward layer.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">
    /// The mode is unknown, a layer is already built, or the layers do not fit each other.
    /// </exception>
    public Bidirectional(RNN layer, string? mergeMode = "concat", IReadOnlyList<NDArray>? weights = null,
        RNN? backwardLayer = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null,
        int? batchSize = null)
        : this(layer, mergeMode, backwardLayer, new LayerOptions(name, trainable, inputShape, batchInputShape,
        batchSize, weights))
    {
    }

    internal Bidirectional(RNN layer, string? mergeMode, RNN? backwardLayer, LayerOptions options)
        : base(layer, options with { InputShape = options.InputShape ?? InputOf(layer, options) })
    {
        if (!s_modes.Contains(mergeMode))
            throw new ArgumentException($"Invalid merge mode \"{mergeMode}\". Merge mode should be one of {{\"sum\", " +
                "\"mul\", \"ave\", \"concat\", null}.", nameof(mergeMode));
        if ((layer.Built ? layer : backwardLayer is { Built: true } ? backwardLayer : null) is { } built)
            throw new ArgumentException($"The layer {built.Name} already has weights; Bidirectional needs a new layer.",
                nameof(layer));
        _mergeMode = mergeMode;
        if (!layer.IsNumbered) layer.Name = $"{SnakeCase(layer.ClassName)}_1";
        _layerName = layer.Name.StartsWith("forward_", StringComparison.Ordinal) ? layer.Name["forward_".Length..]
            : layer.Name;
        JsonObject twin = layer.GetConfig();
        twin["go_backwards"] = !layer.GoBackwards;
        twin["name"] = $"backward_{_layerName}";
        _forward = Track(layer);
        // Keras 3 always writes the backward layer, even if it is like the other one.
        _differs = backwardLayer is not null && !IsLike(backwardLayer, layer, twin);
        if (_differs) CheckPair(layer, backwardLayer!);
        _backward = Track(_differs ? backwardLayer!
            : (RNN)FromConfig(Config.Parse(Config.Wrap(layer.ClassName, twin))));
        if (!_backward.IsNumbered) _backward.Name = $"backward_{_layerName}";
        _forward.Name = $"forward_{_layerName}";
    }

    /// <summary>The layer that reads the sequence forward.</summary>
    public RNN ForwardLayer => _forward;

    /// <summary>The layer that reads the sequence backward.</summary>
    public RNN BackwardLayer => _backward;

    internal override string InnerName => _layerName;

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
        (Tensor forward, Tensor backward) = Both(x, mask);
        return _mergeMode switch
        {
            "concat" => K.Concatenate([forward, backward]),
            "sum" => forward + backward,
            "mul" => forward * backward,
            _ => (forward + backward) / 2,
        };
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => _forward.ComputeMask(x, mask);

    /// <summary>Returns both outputs separately; for your own layers.</summary>
    /// <param name="x">The input (batch, steps, …).</param>
    /// <param name="mask">The input's mask, or null.</param>
    /// <returns>The outputs; the backward one is in the order of the time steps.</returns>
    public (Tensor Forward, Tensor Backward) Run(Tensor x, Tensor? mask = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EnsureBuilt(x.Shape);
        using IDisposable scope = Graphs.TraceScope.Name(Name, policy: DtypePolicy);
        return Both(x, mask);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["layer"]!["config"]!["name"] = _layerName;
        config["merge_mode"] = _mergeMode;
        if (_differs) config["backward_layer"] = _backward.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        _forward.EnsureBuilt(inputShape);
        _backward.EnsureBuilt(inputShape);
    }

    internal override Masked Apply(Masked input) => _mergeMode is not null ? base.Apply(input)
        : throw new ArgumentException("All layers in a Sequential model should have a single output tensor, but " +
            $"layer {Name} does not merge its two. In a layer of your own, call its Run.", nameof(input));

    (Tensor Forward, Tensor Backward) Both(Tensor x, Tensor? mask)
    {
        var input = new Masked(x, mask);
        Tensor backward = _backward.Apply(input).Value;
        return (_forward.Apply(input).Value, _backward.ReturnSequences ? K.Reverse(backward, 1) : backward);
    }

    /// <summary>Whether the backward layer has the settings of the forward layer, whatever its name.</summary>
    static bool IsLike(RNN backward, RNN forward, JsonObject twin)
    {
        JsonObject own = backward.GetConfig(), expected = (JsonObject)twin.DeepClone();
        foreach (string key in s_irrelevant)
        {
            own.Remove(key);
            expected.Remove(key);
        }
        return backward.ClassName == forward.ClassName && JsonNode.DeepEquals(own, expected);
    }

    /// <exception cref="ArgumentException">The layers do not fit each other.</exception>
    static void CheckPair(RNN forward, RNN backward)
    {
        if (forward.GoBackwards == backward.GoBackwards)
            throw new ArgumentException("The forward and the backward layer must read in different directions; both " +
                $"have goBackwards: {forward.GoBackwards}.", nameof(backward));
        if (forward.Stateful != backward.Stateful || forward.ReturnSequences != backward.ReturnSequences
            || forward.ReturnState != backward.ReturnState)
            throw new ArgumentException("The forward and the backward layer must have the same values of stateful, " +
                "returnSequences and returnState.", nameof(backward));
    }

    /// <summary>The input's shape may be specified by the inner layer.</summary>
    static Shape? InputOf(RNN? layer, LayerOptions options) => options.BatchInputShape is null
        && layer?.BatchInputShape is { } given && given[0] is null ? given.WithoutBatch() : null;
}
