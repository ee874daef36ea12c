using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A cell of gates, each a function of x·kernel + state·recurrent kernel + bias (the base class of
/// <see cref="SimpleRNNCell"/>, <see cref="GRUCell"/> and <see cref="LSTMCell"/>). Weights: kernel (input,
/// gates·units), recurrent kernel (units, gates·units), bias; the gates are side by side.
/// </summary>
public abstract class StandardCell : Cell
{
    readonly CellOptions _options;
    readonly int _gates;
    Variable? _kernel, _recurrentKernel, _bias;

    private protected StandardCell(int gates, CellOptions options, LayerOptions layer) : base(layer)
    {
        if (options.Units < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "A recurrent layer needs 1 or more units; given " +
                $"{options.Units}.");
        // The widest weights, those of GPU libraries, have two gates' worth for every four.
        if (options.Units > Graphs.Counts.Largest / 8)
            throw new ArgumentOutOfRangeException(nameof(options), $"A recurrent layer cannot have {options.Units} " +
                "units: the gates would have too many weights.");
        if (options.Implementation is not (0 or 1 or 2))
            throw new ArgumentOutOfRangeException(nameof(options), "The implementation must be 1 or 2; given " +
                $"{options.Implementation}.");
        if (double.IsNaN(options.Dropout) || double.IsNaN(options.RecurrentDropout))
            throw new ArgumentOutOfRangeException(nameof(options), "A dropout rate must be a number; given NaN.");
        (_gates, _options) = (gates, options);
        // As in Keras: rates beyond [0, 1] are clipped.
        (Dropout, RecurrentDropout) = (Math.Clamp(options.Dropout, 0, 1), Math.Clamp(options.RecurrentDropout, 0, 1));
        (Activation, RecurrentActivation) = (options.Activation ?? "tanh", options.RecurrentActivation ?? "sigmoid");
        (KernelInitializer, RecurrentInitializer, BiasInitializer) = (options.KernelInitializer ?? "glorot_uniform",
            options.RecurrentInitializer ?? "orthogonal", options.BiasInitializer ?? "zeros");
    }

    /// <summary>The size of the output and of each state.</summary>
    public int Units => _options.Units;

    /// <summary>The fraction of the inputs set to 0 in training, the same ones at all time steps.</summary>
    public double Dropout { get; }

    /// <summary>
    /// The fraction of the state set to 0 in training before the recurrent kernel, the same at all time steps.
    /// </summary>
    public double RecurrentDropout { get; }

    private protected ActivationFunction Activation { get; }

    private protected ActivationFunction RecurrentActivation { get; }

    private protected Initializer KernelInitializer { get; }

    private protected Initializer RecurrentInitializer { get; }

    private protected Initializer BiasInitializer { get; }

    private protected bool UseBias => _options.UseBias;

    private protected Variable Kernel => Made(_kernel);

    private protected Variable RecurrentKernel => _recurrentKernel!;

    private protected Variable? Bias => _bias;

    /// <inheritdoc/>
    public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(states);
        Prepared prepared = Prepare(x);
        return Step(prepared.Sequence, states, prepared.Shared);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        WriteSettings(config);
        return config;
    }

    /// <summary>The settings, in Keras' order.</summary>
    internal void WriteSettings(JsonObject config)
    {
        config["units"] = Units;
        config["activation"] = Activation.Serialize();
        if (_gates > 1) config["recurrent_activation"] = RecurrentActivation.Serialize();
        config["use_bias"] = UseBias;
        config["kernel_initializer"] = KernelInitializer.Serialize();
        config["recurrent_initializer"] = RecurrentInitializer.Serialize();
        config["bias_initializer"] = BiasInitializer.Serialize();
        _options.WriteRules(config);
        config["dropout"] = Dropout;
        config["recurrent_dropout"] = RecurrentDropout;
        if (_gates > 1) config["implementation"] = _options.Implementation;
        // Keras 2.3 does not know this key and would reject it.
        if (_options.Seed is int seed) config["seed"] = seed;
        WriteOwnSettings(config);
    }

    /// <summary>The settings that only this cell has.</summary>
    private protected virtual void WriteOwnSettings(JsonObject config)
    {
    }

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int inputs = inputShape[-1] ?? throw new ArgumentException("The last dimension of the inputs to layer " +
            $"{Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        _kernel = AddWeight("kernel", [inputs, _gates * Units], KernelInitializer, _options.KernelRegularizer,
            constraint: _options.KernelConstraint);
        Initializer recurrent = RecurrentInitializer is Initializers.Identity identity ? new GateIdentity(identity)
            : RecurrentInitializer;
        _recurrentKernel = AddWeight("recurrent_kernel", [Units, _gates * Units], recurrent,
            _options.RecurrentRegularizer, constraint: _options.RecurrentConstraint);
        _bias = UseBias
            ? AddWeight("bias", BiasShape, BiasStart, _options.BiasRegularizer, constraint: _options.BiasConstraint)
            : null;
    }

    private protected virtual int[] BiasShape => [_gates * Units];

    private protected virtual Initializer BiasStart => BiasInitializer;

    /// <summary>The bias that is added to x·kernel.</summary>
    private protected virtual Tensor? InputBias => _bias;

    /// <summary>x·kernel + bias for all gates, of one time step or of all: one product.</summary>
    private protected Tensor Project(Tensor x)
    {
        Tensor projected = SeparateMasks(Dropout)
            ? K.Concatenate([.. Enumerable.Range(0, _gates).Select(g => K.Dot(Dropped(x, Dropout), Gate(Kernel, g)))])
            : K.Dot(Dropped(x, Dropout), Kernel);
        return InputBias is { } bias ? K.BiasAdd(projected, bias) : projected;
    }

    /// <summary>state·recurrent kernel for the given gates; with separate masks, one product per gate.</summary>
    private protected Tensor Recur(Tensor state, Tensor recurrentKernel, int gates) => DropsStateByGate
        ? K.Concatenate(
            [.. Enumerable.Range(0, gates).Select(g => K.Dot(DroppedState(state), Gate(recurrentKernel, g)))])
        : K.Dot(DroppedState(state), recurrentKernel);

    private protected Tensor DroppedState(Tensor state) => Dropped(state, RecurrentDropout);

    private protected bool DropsStateByGate => SeparateMasks(RecurrentDropout);

    /// <summary>The values of one gate.</summary>
    private protected Tensor Gate(Tensor gates, int gate) => K.Slice(gates, -1, gate * Units, Units);

    /// <summary>
    /// The cell over an entire sequence in one kernel, if there is one for its activations and the state has no
    /// dropout.
    /// </summary>
    private protected WholeSequence? Whole(CellKind kind, Tensor projected, IReadOnlyList<Tensor> states, Tensor? bias,
        Tensor? mask)
    {
        if ((K.LearningPhase() && RecurrentDropout is > 0 and < 1) || Known(Activation) is not { } activation
            || Known(RecurrentActivation) is not { } recurrent)
            return null;
        var op = new Recurrent(new(kind, activation, recurrent, mask is not null));
        Tensor node = new(op, [projected, RecurrentKernel, .. states, .. bias is null ? Array.Empty<Tensor>() : [bias],
            .. mask is null ? Array.Empty<Tensor>() : [mask]]);
        return new(SequenceOp.State(node, 0, SequenceOp.After), SequenceOp.State(node, 0, SequenceOp.Last),
            [.. states.Select((_, i) => SequenceOp.State(node, i, SequenceOp.Last))]);
    }

    static GateFunction? Known(ActivationFunction activation) => activation.KerasName switch
    {
        "linear" => GateFunction.Linear,
        "relu" => GateFunction.Relu,
        "sigmoid" => GateFunction.Sigmoid,
        "hard_sigmoid" => GateFunction.HardSigmoid,
        "tanh" => GateFunction.Tanh,
        _ => null,
    };

    /// <summary>Implementation 1 drops different values for each gate.</summary>
    bool SeparateMasks(double rate) =>
        _gates > 1 && _options.Implementation == 1 && rate is > 0 and < 1 && K.LearningPhase();

    /// <summary>x with a mask that is the same for all its time steps.</summary>
    Tensor Dropped(Tensor x, double rate)
    {
        if (!K.LearningPhase() || rate is not (> 0 and < 1)) return x;
        return K.Dropout(x, rate, x.Rank == 3 ? [1, null, null] : null, _options.Seed);
    }
}
