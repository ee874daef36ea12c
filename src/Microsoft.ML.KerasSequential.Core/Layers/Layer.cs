using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A computation from tensor to tensor, with weights (Keras <c>keras.layers.Layer</c>). A layer defines only its
/// forward pass; gradient, fused kernels and export follow from the graph. To write your own layer, derive from this
/// class: create the weights in <see cref="Build"/>, use them in <see cref="Call(Tensor)"/>.
/// </summary>
public abstract partial class Layer
{
    readonly List<Variable> _weights = [];
    readonly List<Layer> _inner = [];
    readonly Dictionary<string, List<Metrics.Mean>> _metrics = [];
    IReadOnlyList<NDArray>? _initialWeights;
    readonly bool _wasNamed;
    string? _name;
    bool _built;
    Shape? _inputShape, _outputShape;

    /// <summary>Creates a layer with the arguments that every Keras layer has.</summary>
    /// <param name="options">The name, trainability, input shape and initial weights.</param>
    protected Layer(in LayerOptions options = default)
    {
        _name = options.Name;
        _wasNamed = _name is not null;
        if (_name is { Length: 0 }) throw new ArgumentException("A layer's name cannot be empty.", nameof(options));
        Trainable = options.Trainable ?? true;
        BatchInputShape = options.FullInputShape();
        _initialWeights = options.Weights;
    }

    /// <summary>
    /// The layer's name; unnamed layers are numbered by class when they are added to a model (<c>dense_1</c>).
    /// </summary>
    public string Name
    {
        get => _name ?? SnakeCase(ClassName);
        internal set => _name = value;
    }

    /// <summary>Whether training may change the layer's weights. Takes effect when the model is compiled.</summary>
    public bool Trainable { get; set; }

    /// <summary>Whether the weights have been created.</summary>
    public virtual bool Built => _built;

    /// <summary>The shape of the input, batch first, once the layer is built.</summary>
    public virtual Shape? InputShape => _inputShape;

    /// <summary>The shape of the output, batch first, once the layer is part of a built model.</summary>
    public virtual Shape? OutputShape => _outputShape;

    /// <summary>Whether the layer keeps state between batches.</summary>
    public virtual bool Stateful => Inner.Any(l => l.Stateful);

    /// <summary>Whether the layer uses a mask of its input or passes it on; other layers reject masks.</summary>
    public virtual bool SupportsMasking => false;

    /// <summary>The class's name in configurations and summaries.</summary>
    public virtual string ClassName => GetType().Name;

    /// <summary>A penalty on the layer's output, added to the loss.</summary>
    public Regularizer? ActivityRegularizer { get; protected init; }

    /// <summary>The input shape that was given to the constructor, batch first.</summary>
    internal virtual Shape? BatchInputShape { get; set; }

    /// <summary>The layers nested in this one.</summary>
    internal virtual IReadOnlyList<Layer> Inner => _inner;

    /// <summary>The layer and all layers nested in it, at any depth.</summary>
    internal IEnumerable<Layer> WithInner() => Inner.SelectMany(l => l.WithInner()).Prepend(this);

    /// <summary>Who may use the weights: the gate of all models that contain the layer.</summary>
    internal ModelGate WeightGate { get; } = new();

    internal bool IsNumbered => _name is not null;

    /// <summary>The seed of the initial weights; the model sets it.</summary>
    internal ulong WeightSeed { get; set; }

    /// <summary>The required number of dimensions of the input, or null for any.</summary>
    protected virtual int? InputRank => null;

    /// <summary>The minimum number of dimensions of the input.</summary>
    protected virtual int MinInputRank => 1;

    /// <summary>The layer's forward pass.</summary>
    /// <param name="x">The input, batch first.</param>
    /// <returns>The output.</returns>
    public abstract Tensor Call(Tensor x);

    /// <summary>The layer's forward pass over an input with a mask; by default it ignores the mask.</summary>
    /// <param name="x">The input, batch first.</param>
    /// <param name="mask">1 where a time step of a sample counts, else 0 (batch, steps); null if all count.</param>
    /// <returns>The output.</returns>
    public virtual Tensor Call(Tensor x, Tensor? mask) => Call(x);

    /// <summary>
    /// The mask of the output (Keras <c>compute_mask</c>); by default the input's mask, if the layer
    /// <see cref="SupportsMasking"/>.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="mask">The input's mask, or null.</param>
    /// <returns>The output's mask, or null if it has none.</returns>
    /// <exception cref="ArgumentException">There is a mask, but the layer does not support masking.</exception>
    public virtual Tensor? ComputeMask(Tensor x, Tensor? mask) => mask is null || SupportsMasking ? mask
        : throw new ArgumentException($"Layer {Name} does not support masking, but was passed an input_mask: {mask}",
            nameof(mask));

    /// <summary>
    /// Calls the layer as a model does: builds it if necessary, checks the input, and traces it under its name (Keras
    /// <c>__call__</c>).
    /// </summary>
    /// <param name="x">The input, batch first.</param>
    /// <param name="mask">The input's mask, or null.</param>
    /// <returns>The output.</returns>
    /// <exception cref="ArgumentException">The layer cannot take this input.</exception>
    public Tensor Apply(Tensor x, Tensor? mask = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Apply(new Masked(x, mask)).Value;
    }

    /// <summary>
    /// Computes the output shape for an input shape; the layer does not change (Keras <c>compute_output_shape</c>).
    /// </summary>
    /// <param name="inputShape">The shape of a batch; free sizes are null.</param>
    /// <returns>The shape of the output, batch first.</returns>
    /// <exception cref="ArgumentException">The layer cannot take such an input.</exception>
    public Shape ComputeOutputShape(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        using TraceScope scope = TraceScope.Begin(training: false, seed: 0);
        (bool wasBuilt, Shape? before) = (Built, _outputShape);
        try
        {
            return Apply(new Masked(K.Placeholder(Dims.Of(inputShape)), null)).Value.Shape;
        }
        finally
        {
            if (wasBuilt) _outputShape = before;
            else Unbuild();
        }
    }

    /// <summary>
    /// The losses that the layer adds to its model (Keras <c>losses</c>), traced over a separate input: the penalties
    /// on its weights (including nested layers) and on its output, and those it adds itself. Empty before the layer is
    /// built.
    /// </summary>
    public IReadOnlyList<Tensor> Losses =>
        [.. Weights.Where(w => w.Regularizer is not null).Select(w => w.Regularizer!.Call(w)),
            .. TracedApart(training: false).Losses];

    /// <summary>
    /// The updates of weights that are not trained by gradients, such as moving means (Keras <c>updates</c>); none if
    /// the layer is frozen or not built.
    /// </summary>
    public IReadOnlyList<(Variable Weight, Tensor Value)> Updates =>
        [.. TracedApart(training: true).Updates.Select(u => (u.Variable, u.Value))];

    /// <summary>What the layer adds to a trace over a separate input.</summary>
    TraceScope TracedApart(bool training)
    {
        using TraceScope scope = TraceScope.Begin(training, seed: 0);
        if (Built && InputShape is { } shape) Apply(new Masked(K.Placeholder(Dims.Of(shape)), null));
        return scope;
    }

    /// <summary>Resets the states that the layer keeps between batches.</summary>
    public virtual void ResetStates()
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        foreach (Layer layer in Inner) layer.ResetStates();
    }

    /// <summary>The number of values in the weights.</summary>
    /// <returns>The count.</returns>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    public virtual int CountParams() =>
        Built ? Counts.Fits(Weights.Sum(w => (long)w.Size), $"The parameters of layer {Name}")
        : throw new InvalidOperationException($"You tried to call `count_params` on {Name}, but the layer isn't " +
            "built.");

    /// <summary>The number of values in the weights of one kind.</summary>
    /// <param name="trainable">true for the weights that training changes; false for the others.</param>
    /// <returns>The count.</returns>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    public int CountParams(bool trainable)
    {
        int all = CountParams(), changing = (int)TrainableWeights.Sum(w => (long)w.Size);
        return trainable ? changing : all - changing;
    }

    /// <summary>Copies of the weights.</summary>
    /// <returns>One array per weight.</returns>
    public virtual IReadOnlyList<NDArray> GetWeights()
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        return [.. Weights.Select(w => w.GetValue())];
    }

    /// <summary>Replaces the weights.</summary>
    /// <param name="weights">One array per weight, of the weight's shape.</param>
    /// <exception cref="ArgumentException">The number of arrays or a shape differs; nothing was changed.</exception>
    public virtual void SetWeights(IReadOnlyList<NDArray> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using ModelGate.Turn turn = WeightGate.Enter();
        SetWeights(Weights, weights, $"layer \"{Name}\"");
    }

    /// <summary>The layer's settings, under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig()
    {
        var config = new JsonObject { ["name"] = Name, ["trainable"] = Trainable };
        if (BatchInputShape is not null) config["batch_input_shape"] = Saving.Config.Sizes(BatchInputShape);
        config["dtype"] = Policy();
        return config;
    }

    /// <summary>Creates a layer from Keras' configuration.</summary>
    /// <param name="config"><c>{"class_name", "config"}</c>.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentException">The class is unknown or a setting is invalid.</exception>
    public static Layer FromConfig(JsonElement config) =>
        LayerRegistry.FromConfig(Saving.Keras3Names.Translated(config));

    /// <summary>Creates the weights for an input shape; called once, before <see cref="Call(Tensor)"/>.</summary>
    /// <param name="inputShape">The input's shape, batch first.</param>
    protected virtual void Build(Shape inputShape)
    {
    }

    /// <summary>Creates a weight; to be called in <see cref="Build"/>.</summary>
    /// <param name="name">The weight's name within the layer.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <param name="initializer">The initializer; <c>glorot_uniform</c> by default.</param>
    /// <param name="regularizer">A regularizer, whose penalty is added to the loss.</param>
    /// <param name="trainable">Whether training changes the weight.</param>
    /// <param name="constraint">A constraint that is applied after each update.</param>
    /// <returns>The weight.</returns>
    protected Variable AddWeight(string name, int[] shape, Initializer? initializer = null,
        Regularizer? regularizer = null, bool trainable = true, Constraint? constraint = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        Saving.WeightBudget.Spend($"{Name}/{name}", shape);
        if (shape.Any(d => d < 0) || shape.Aggregate(1.0, (size, d) => size * d) > Counts.Largest)
            throw new ArgumentException($"Layer {Name} cannot have a weight \"{name}\" of shape " +
                $"{Shape.Format(shape)}; the limit is {Counts.Largest} values.", nameof(shape));
        var weight = new Variable($"{Name}/{name}", shape, trainable)
        {
            Regularizer = regularizer,
            Constraint = constraint,
            Gate = WeightGate,
        };
        // Values loaded from a file need no initializer.
        if (!Saving.WeightBudget.IsReading)
            weight.SetValue((initializer ?? "glorot_uniform")
                .Call(shape, (long)SplitMix.Mix(WeightSeed + (ulong)_weights.Count + 1)));
        _weights.Add(weight);
        return weight;
    }

    /// <summary>
    /// Nests another layer in this one: its weights, losses and states become part of this one's. To be called in the
    /// constructor or in <see cref="Build"/>; call the layer with its <see cref="Apply(Tensor, Tensor)"/>.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <returns>The same layer.</returns>
    protected T Track<T>(T layer) where T : Layer
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (!layer.IsNumbered)
            layer.Name = $"{SnakeCase(layer.ClassName)}_{1 + _inner.Count(l => l.ClassName == layer.ClassName)}";
        ModelGate.Join(WeightGate, layer.WeightGate);
        _inner.Add(layer);
        return layer;
    }

    /// <summary>Adds a loss; to be called in <see cref="Call(Tensor)"/> (Keras <c>add_loss</c>).</summary>
    /// <param name="loss">A tensor, which is summed.</param>
    protected void AddLoss(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        TraceScope.Current?.Losses.Add(loss);
    }

    /// <summary>
    /// Updates a weight of the layer after each training step; to be called in <see cref="Call(Tensor)"/> (Keras
    /// <c>add_update</c>). Has no effect while <see cref="Trainable"/> is false.
    /// </summary>
    /// <param name="weight">The weight.</param>
    /// <param name="value">The weight's next value.</param>
    protected void AddUpdate(Variable weight, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(value);
        if (!_weights.Contains(weight))
            throw new ArgumentException($"{weight.Name} is not a weight of layer {Name}.", nameof(weight));
        if (Trainable) TraceScope.Current?.Updates.Add(new(weight, value));
    }

    /// <summary>
    /// Reports the epoch mean of a value, together with the model's metrics; to be called in <see cref="Call(Tensor)"/>
    /// (Keras <c>add_metric</c>).
    /// </summary>
    /// <param name="value">A tensor, whose mean is reported.</param>
    /// <param name="name">The name in <c>metrics_names</c>; numbered if it is in use, even by this layer.</param>
    protected void AddMetric(Tensor value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (TraceScope.Current is not { } scope) return;
        if (!_metrics.TryGetValue(name, out List<Metrics.Mean>? own)) _metrics[name] = own = [];
        // A second value with the same name in one trace has its own mean, the same in every trace.
        int earlier = scope.Metrics.Count(m => own.Contains(m.Metric));
        if (earlier == own.Count) own.Add(new(name));
        scope.Metrics.Add((own[earlier], value));
    }

    /// <summary>Checks the input and traces the layer under its name, building it first if necessary.</summary>
    internal virtual Masked Apply(Masked input)
    {
        (Tensor x, Tensor? mask) = input;
        CheckInput(x.Shape);
        EnsureBuilt(x.Shape);
        using IDisposable scope = TraceScope.Name(Name, frozen: !Trainable, policy: _dtypePolicy);
        int updates = TraceScope.Current!.Updates.Count;
        Masked output;
        try
        {
            output = Trace(input);
        }
        catch (ArgumentException e) when (!e.Message.Contains(Name, StringComparison.Ordinal))
        {
            throw new ArgumentException($"Layer {Name} cannot accept an input of shape {x.Shape}: {e.Message}",
                e.ParamName, e);
        }
        if (ActivityRegularizer is not null) TraceScope.Current.Losses.Add(ActivityRegularizer.Call(output.Value));
        ForgetIfFrozen(updates);
        _outputShape ??= output.Value.Shape;
        return output;
    }

    /// <summary>If the layer is frozen from outside, its updates from the given index on are dropped.</summary>
    private protected void ForgetIfFrozen(int updates)
    {
        List<Update> all = TraceScope.Current!.Updates;
        if (!Trainable) all.RemoveRange(updates, all.Count - updates);
    }

    /// <summary>Returns what <see cref="Build"/> created.</summary>
    private protected T Made<T>(T? part) where T : class =>
        part ?? throw new InvalidOperationException($"Layer {Name} has no weights yet: add it to a model, or call it " +
            "on an input.");

    /// <summary>The output with its mask.</summary>
    private protected virtual Masked Trace(Masked input) =>
        new(Call(input.Value, input.Mask), ComputeMask(input.Value, input.Mask));

    internal virtual void EnsureBuilt(Shape inputShape)
    {
        if (_built) return;
        CheckInput(inputShape);
        try
        {
            SowInner();
            Build(inputShape);
            _built = true;
            TakeInitialWeights();
        }
        catch
        {
            Unbuild();
            throw;
        }
        _inputShape = inputShape;
    }

    /// <summary>Discards the weights, as if the layer had never been called.</summary>
    internal virtual void Unbuild()
    {
        _weights.Clear();
        Adapter = null;
        _inner.ForEach(l => l.Unbuild());
        (_built, _inputShape, _outputShape) = (false, null, null);
    }

    /// <summary>A layer with the same settings and its own weights: copied if this one has any, else new.</summary>
    /// <exception cref="InvalidOperationException">The layer holds a function, which cannot be copied.</exception>
    internal Layer Copy()
    {
        Layer copy = FromConfig(Saving.Config.Parse(Serialize()));
        if (!_wasNamed) copy._name = null;
        copy._initialWeights = Built ? GetWeights() : _initialWeights;
        if (!Built) CopyStateTo(copy);
        if (copy.Built) copy.TakeInitialWeights();
        return copy;
    }

    private protected void TakeInitialWeights()
    {
        if (_initialWeights is not null) SetWeights(_initialWeights);
    }

    internal void SetOutputShape(Shape shape) => _outputShape = shape;

    /// <summary>The weights by paths that are unique within the layer.</summary>
    internal virtual IEnumerable<(string Path, Variable Weight)> NamedWeights() =>
        _weights.Select(w => (w.Name[(w.Name.LastIndexOf('/') + 1)..], w))
            .Concat(Inner.SelectMany(l => l.NamedWeights().Select(w => ($"{l.Name}/{w.Path}", w.Weight))))
            .DistinctBy(w => w.Item2);

    /// <summary>Seeds the initial weights of nested layers.</summary>
    private protected void SowInner()
    {
        for (int i = 0; i < _inner.Count; i++)
            if (!_inner[i].Built) _inner[i].WeightSeed = SplitMix.Mix(WeightSeed ^ SplitMix.Mix((ulong)i + 0x51));
    }

    private protected static void SetWeights(IReadOnlyList<Variable> weights, IReadOnlyList<NDArray> values,
        string owner)
    {
        CheckWeights(weights, values, owner, nameof(weights));
        for (int i = 0; i < weights.Count; i++) weights[i].SetValue(values[i]);
    }

    internal static void CheckWeights(IReadOnlyList<Variable> weights, IReadOnlyList<NDArray> values, string owner,
        string parameter)
    {
        if (weights.Count != values.Count)
            throw new ArgumentException($"You called `set_weights` on {owner} with a weight list of length " +
                $"{values.Count}, but it was expecting {weights.Count} weights.", parameter);
        for (int i = 0; i < weights.Count; i++)
        {
            if (values[i] is null) throw new ArgumentNullException(parameter, $"Weight {i} for {owner} is null.");
            if (!values[i].Shape.SequenceEqual(weights[i].Sizes))
                throw new ArgumentException($"Weight {weights[i].Name} of {owner} has shape " +
                    $"{Shape.Format(weights[i].Sizes)}, which is not compatible with the provided weight shape " +
                    $"{Shape.Format(values[i].Shape)}.", parameter);
        }
    }

    internal JsonObject Serialize() => Saving.Config.Wrap(ClassName, GetConfig());

    /// <summary>Keras' spelling of a class's name: BatchNormalization is batch_normalization.</summary>
    internal static string SnakeCase(string name) =>
        LowerThenUpper().Replace(BeforeWord().Replace(name, "$1_$2"), "$1_$2").ToLowerInvariant();

    [GeneratedRegex("(.)([A-Z][a-z0-9]+)")]
    private static partial Regex BeforeWord();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex LowerThenUpper();

    void CheckInput(Shape inputShape)
    {
        if (InputRank is int rank && inputShape.Rank != rank)
            throw new ArgumentException($"Input 0 is incompatible with layer {Name}: expected ndim={rank}, found " +
                $"ndim={inputShape.Rank}{ShapeHints.ForRank(inputShape, rank)}", nameof(inputShape));
        if (inputShape.Rank < MinInputRank)
            throw new ArgumentException($"Input 0 is incompatible with layer {Name}: expected " +
                $"min_ndim={MinInputRank}, found ndim={inputShape.Rank}" +
                ShapeHints.ForRank(inputShape, MinInputRank), nameof(inputShape));
        if (_inputShape is null) return;
        if (_inputShape.Rank != inputShape.Rank
            || (_inputShape[-1] is int last && inputShape[-1] is int given && last != given && _weights.Count > 0))
            throw new ArgumentException($"Layer {Name} was built for an input of inputShape {_inputShape}, but got " +
                $"one of inputShape {inputShape}.", nameof(inputShape));
    }
}
