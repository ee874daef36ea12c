using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A linear stack of layers (Keras <c>keras.models.Sequential</c>): compile it with an optimizer and a loss, fit it to
/// data, evaluate it, and predict with it.
/// </summary>
/// <remarks>
/// <para>A model may be used by several threads. Training locks the model for one step at a time: predictions,
/// evaluations, saves, and reading or setting weights, from any thread and from callbacks, run between two steps and
/// use the current weights. A call to <c>Predict</c> or <c>Evaluate</c> on arrays uses the same weights for all
/// batches; with callbacks, or on a <see cref="BatchSequence"/> or an enumeration, each batch uses the current weights.
/// None of them changes the running metrics, random numbers, or stateful layers' states of training.</para>
/// <para>While a model is being trained, calls that change its structure (<see cref="Add"/>, <see cref="Pop"/>,
/// <see cref="Build(Shape)"/>, <see cref="Compile"/>, <see cref="AddLoss"/>, <see cref="Device"/> and similar), another
/// <c>Fit</c>, and <see cref="Dispose"/> throw an <see cref="InvalidOperationException"/> immediately.
/// <c>TrainOnBatch</c> runs one more step. Models that share layers take turns as if they were one.</para>
/// <para>A model is also a layer: it can be part of another model.</para>
/// </remarks>
public sealed partial class Sequential : Layer, IDisposable
{
    static int s_count;

    readonly List<Layer> _layers = [];
    InputLayer? _inputLayer;
    Tensor? _input, _output, _outputMask;
    List<Tensor> _trace = [];
    Device _device = Device.Default;
    FloatPrecision _precision;
    ulong _seed = GlobalRandom.NextSeed();
    bool _disposed;

    /// <summary>Creates a model.</summary>
    /// <param name="layers">Its layers, in order.</param>
    /// <param name="name">Its name; <c>sequential_1</c>, <c>sequential_2</c> … by default.</param>
    /// <exception cref="ArgumentException">The layers do not match.</exception>
    public Sequential(IEnumerable<Layer>? layers = null, string? name = null) : base(new LayerOptions(NameFor(name)))
    {
        foreach (Layer layer in layers ?? []) Add(layer);
    }

    static string NameFor(string? name) =>
        name is { Length: 0 } ? throw new ArgumentException("A model's name cannot be empty.", nameof(name))
        : name ?? $"sequential_{Interlocked.Increment(ref s_count)}";

    /// <summary>The layers, in order; the input layer is not listed.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>The symbolic input of the prediction graph; empty before the model is built.</summary>
    public IReadOnlyList<Tensor> Inputs => _input is null ? [] : [_input];

    /// <summary>The symbolic output of the prediction graph; empty before the model is built.</summary>
    public IReadOnlyList<Tensor> Outputs
    {
        get
        {
            FollowAdapters();
            return _output is null ? [] : [_output];
        }
    }

    /// <summary>The shape of the input, batch first.</summary>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    public override Shape InputShape => RequireBuilt(_input).Shape;

    /// <summary>The shape of the output, batch first.</summary>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    public override Shape OutputShape => RequireBuilt(_output).Shape;

    /// <summary>Whether the weights exist: with an input shape, once the first layer is added; otherwise from the first
    /// data on.</summary>
    public override bool Built => _output is not null;

    /// <summary>The device on which the model runs. Set it before the model is compiled.</summary>
    /// <exception cref="InvalidOperationException">The model is being trained.</exception>
    public Device Device
    {
        get => _device;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            using (Change())
            {
                DropExecutables();
                _device = value;
            }
        }
    }

    /// <summary>The precision of matrix products on a GPU; <see cref="FloatPrecision.Float32"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is undefined.</exception>
    /// <exception cref="InvalidOperationException">The model is being trained.</exception>
    public FloatPrecision Precision
    {
        get => _precision;
        set
        {
            if (!Enum.IsDefined(value))
                throw new ArgumentOutOfRangeException(nameof(value), value,
                    $"Expected one of {string.Join(", ", Enum.GetNames<FloatPrecision>())}.");
            using (Change())
            {
                _precision = value;
                DropExecutables();
            }
        }
    }

    /// <summary>
    /// The seed of the model's random numbers: initial weights, the order of samples, dropout. By default, drawn from
    /// the process-wide generator when the model is created (see <see cref="K.SetRandomSeed"/>); set it before layers
    /// are added.
    /// </summary>
    public long Seed
    {
        get => (long)_seed;
        set
        {
            using (Change())
            {
                _seed = (ulong)value;
                _shuffles = 0;
                DropExecutables();
            }
        }
    }

    /// <summary>Adds a layer at the end. If the input shape is known, its weights are created immediately.</summary>
    /// <param name="layer">The layer.</param>
    /// <exception cref="ArgumentException">The layer does not fit, or its name is already in use; the model is
    /// unchanged.</exception>
    /// <exception cref="InvalidOperationException">The model is being trained.</exception>
    public void Add(Layer layer)
    {
        if (layer is null)
            throw new ArgumentNullException(nameof(layer),
                "The added layer must be an instance of class Layer. Found: null");
        RequireIdle();
        // From now on, running another model with this layer blocks this one.
        ModelGate.Join(WeightGate, layer.WeightGate);
        using (Change())
        {
            if (layer is InputLayer input)
            {
                AddInput(input);
                return;
            }
            RequireFirst(layer);
            string? numbered = layer.IsNumbered ? null : NextName(layer);
            string name = numbered ?? layer.Name;
            if (_layers.Any(l => l.Name == name && l != layer))
                throw new ArgumentException(
                    $"The name \"{name}\" is used 2 times in the model. All layer names should be unique.",
                    nameof(layer));
            if (numbered is not null) layer.Name = numbered;

            _layers.Add(layer);
            try
            {
                if (!layer.Built) layer.WeightSeed = SplitMix.Mix(_seed ^ SplitMix.Mix((ulong)_layers.Count));
                if (_output is not null) Extend(layer);
                else if (_layers.Count == 1 && layer.BatchInputShape is { } shape)
                    Connect(ShapeOfNumbers(layer, shape));
                DropExecutables();
            }
            catch
            {
                _layers.RemoveAt(_layers.Count - 1);
                throw;
            }
        }
    }

    /// <summary>Removes the last layer.</summary>
    /// <exception cref="InvalidOperationException">There are no layers, or the model is being trained.</exception>
    public void Pop()
    {
        using (Change())
        {
            if (_layers.Count == 0) throw new InvalidOperationException("There are no layers in the model.");
            Shape? input = _input?.Shape;
            _layers.RemoveAt(_layers.Count - 1);
            (_input, _output) = (null, null);
            if (input is not null && (_layers.Count > 0 || _inputLayer is not null)) Connect(input);
            DropExecutables();
        }
    }

    /// <summary>Creates the weights for an input shape, as the first data would.</summary>
    /// <param name="inputShape">The shape of a batch; null for a variable batch size.</param>
    /// <exception cref="ArgumentException">A layer cannot accept its input.</exception>
    /// <exception cref="InvalidOperationException">The model has no layers, or is being trained.</exception>
    public new void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        using (Change())
        {
            if (_layers.Count == 0) throw new InvalidOperationException("There are no layers in the model.");
            if (inputShape.Rank == 0 || inputShape.Any(d => d is < 1))
                throw new ArgumentException(
                    $"The sizes of an input shape must be 1 or more, or null, batch first; given {inputShape}.",
                    nameof(inputShape));
            if (_input is not null && _input.Shape.Equals(inputShape)) return;
            Connect(inputShape);
            DropExecutables();
        }
    }

    /// <summary>Gets a layer by name or by index; the index takes precedence.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="index">The layer's index, from 0; negative values count from the end.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentException">The layer does not exist, or neither argument was given.</exception>
    public Layer GetLayer(string? name = null, int? index = null)
    {
        if (index is int i)
        {
            int at = i < 0 ? i + _layers.Count : i;
            return at >= 0 && at < _layers.Count ? _layers[at]
                : throw new ArgumentException(
                    $"Was asked to retrieve layer at index {i} but model only has {_layers.Count} layers.",
                    nameof(index));
        }
        if (name is null) throw new ArgumentException("Provide either a layer name or layer index.", nameof(name));
        return _layers.Find(l => l.Name == name)
            ?? throw new ArgumentException(
                $"No such layer: {name}. The layers are {string.Join(", ", _layers.Select(l => l.Name))}.",
                nameof(name));
    }

    /// <summary>Copies of all weights, layer by layer.</summary>
    /// <returns>An array for each weight.</returns>
    public override IReadOnlyList<NDArray> GetWeights()
    {
        using (WeightGate.Enter())
        {
            RequireAlive();
            return [.. LayerWeights.Select(w => w.GetValue())];
        }
    }

    /// <summary>Replaces all weights.</summary>
    /// <param name="weights">An array for each weight, layer by layer.</param>
    /// <exception cref="ArgumentException">The number or a shape differs; nothing is changed.</exception>
    public override void SetWeights(IReadOnlyList<NDArray> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using (WeightGate.Enter())
        {
            RequireAlive();
            SetWeights(LayerWeights, weights, $"model \"{Name}\"");
        }
    }

    /// <summary>The number of values in all weights.</summary>
    /// <returns>The count.</returns>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    public override int CountParams()
    {
        RequireBuilt(_output);
        return Counts.Fits(LayerWeights.Sum(w => (long)w.Size), $"The parameters of {Name}");
    }

    /// <summary>Frees the model's native memory; the model cannot be used afterwards.</summary>
    /// <exception cref="InvalidOperationException">The model is being trained, or one of its own callbacks is
    /// running.</exception>
    public void Dispose()
    {
        RequireRest("it cannot be disposed now");
        using (WeightGate.Enter())
        {
            RequireRest("it cannot be disposed now");
            if (_disposed) return;
            _disposed = true;
            DropExecutables();
        }
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Forward(x ?? throw new ArgumentNullException(nameof(x)))[^1];

    /// <summary>The mask that the last layer passes on (Keras <c>compute_mask</c>).</summary>
    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        using IDisposable scope = TraceScope.Apart(Name);
        Forward(x, mask, out Tensor? passedOn);
        return passedOn;
    }

    internal override IReadOnlyList<Layer> Inner => _layers;

    internal override Shape? BatchInputShape { get => _input?.Shape; set => base.BatchInputShape = value; }

    /// <summary>The weights, layer by layer.</summary>
    IReadOnlyList<Variable> LayerWeights => [.. _layers.SelectMany(l => l.Weights).Distinct()];

    /// <summary>Applies the model as a layer of another model.</summary>
    internal override Masked Apply(Masked input)
    {
        EnsureBuilt(input.Value.Shape);
        using IDisposable scope = TraceScope.Name(Name, frozen: !Trainable);
        int updates = TraceScope.Current!.Updates.Count;
        List<Tensor> trace = Forward(input.Value, input.Mask, out Tensor? mask);
        TraceScope.Current.Losses.AddRange(Retraced(_addedLosses, trace));
        ForgetIfFrozen(updates);
        return new(trace[^1], mask);
    }

    internal override void EnsureBuilt(Shape inputShape)
    {
        if (Built) return;
        Connect(inputShape);
        TakeInitialWeights();
    }

    internal override void Unbuild() => Disconnect();

    /// <summary>Traces all layers on an input, under their names: the input, then the output of each layer.</summary>
    internal List<Tensor> Forward(Tensor input) => Forward(input, null, out _);

    List<Tensor> Forward(Tensor input, Tensor? inputMask, out Tensor? mask)
    {
        var signal = new Masked(input, inputMask);
        List<Tensor> trace = [input];
        foreach (Layer layer in _layers)
        {
            signal = layer.Apply(signal);
            trace.Add(signal.Value);
        }
        mask = signal.Mask;
        return trace;
    }

    void AddInput(InputLayer input)
    {
        if (_layers.Count > 0 || _inputLayer is not null)
            throw new ArgumentException("An InputLayer can only be the first layer of a model.", nameof(input));
        _inputLayer = input;
        Connect(input.BatchInputShape!);
    }

    /// <summary>The input has the name of its own layer, or one derived from the first layer.</summary>
    string InputName => _inputLayer is { IsNumbered: true } own ? own.Name : _layers.Count > 0
        ? $"{_layers[0].Name}_input" : "input_1";

    /// <summary>Builds all layers for an input shape; if one cannot accept its input, none is built.</summary>
    void Connect(Shape shape)
    {
        using TraceScope scope = TraceScope.Begin(training: false, _seed);
        List<Layer> unbuilt = _layers.FindAll(l => !l.Built);
        List<Tensor> trace;
        try
        {
            trace = Forward(K.Placeholder(Dims.Of(shape), InputName), null, out _outputMask);
        }
        catch
        {
            unbuilt.ForEach(l => l.Unbuild());
            throw;
        }
        for (int i = 0; i < _layers.Count; i++) _layers[i].SetOutputShape(trace[i + 1].Shape);
        (_trace, _layerMetrics) = (trace, [.. scope.Metrics.Select(m => m.Metric)]);
        (_input, _output) = (trace[0], trace[^1]);
        _tracedAdapters = Adapters.Count();
        _addedLosses.Clear();
        _addedMetrics.Clear();
    }

    /// <summary>Undoes <see cref="Connect"/> for data that turned out to be invalid.</summary>
    void Disconnect()
    {
        _layers.ForEach(l => l.Unbuild());
        (_input, _output, _collectedWeights) = (null, null, null);
        (_metrics, _weightedMetrics, _metricsNames) = ([], [], ["loss"]);
        DropExecutables();
    }

    void Extend(Layer layer)
    {
        bool wasBuilt = layer.Built;
        Tensor? before = _outputMask;
        using TraceScope scope = TraceScope.Begin(training: false, _seed);
        scope.Metrics.AddRange(_layerMetrics.Select(m => (m, _output!)));
        try
        {
            (Tensor output, _outputMask) = layer.Apply(new Masked(_output!, _outputMask));
            layer.SetOutputShape(output.Shape);
            _output = output;
            _trace.Add(output);
            _layerMetrics = [.. scope.Metrics.Select(m => m.Metric)];
            if (!wasBuilt) _tracedAdapters += layer.WithInner().Count(l => l.Adapter is not null);
            _input!.Name = InputName;
        }
        catch
        {
            _outputMask = before;
            if (!wasBuilt) layer.Unbuild();
            throw;
        }
    }

    string NextName(Layer layer)
    {
        string stem = Layer.SnakeCase(layer.ClassName);
        for (int i = 1; ; i++)
            if (_layers.All(l => l.Name != $"{stem}_{i}")) return $"{stem}_{i}";
    }

    Tensor RequireBuilt(Tensor? tensor)
    {
        RequireAlive();
        return tensor
            ?? throw new InvalidOperationException("This model has not yet been built. Build the model first by "
                + "calling Build() or calling Fit() with some data, or give the first layer an `inputShape`.");
    }

    void RequireAlive() => ObjectDisposedException.ThrowIf(_disposed, this);
}
