using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A cell over the time steps of a sequence, (batch, steps, …) (Keras <c>keras.layers.RNN</c>). If the input has a
/// mask, a masked time step leaves the states unchanged and repeats the previous output; before the first step that
/// counts, the output is 0.
/// </summary>
public class RNN : Layer
{
    Variable[] _states = [];

    /// <summary>Creates the layer.</summary>
    /// <param name="cell">The cell to apply at each time step.</param>
    /// <param name="returnSequences">Whether to return the outputs of all time steps rather than the last one.</param>
    /// <param name="returnState">
    /// Whether to return the last states too; only for your own layers, through <see cref="Run"/>, since a Sequential
    /// has one output.
    /// </param>
    /// <param name="goBackwards">Whether to read the sequence backward; the outputs are in reading order.</param>
    /// <param name="stateful">
    /// Whether the last states of a batch are the initial states of the next one. Needs a fixed batch size.
    /// </param>
    /// <param name="unroll">Accepted for compatibility with Keras: loops are always unrolled before they run.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inputDim">
    /// The number of values per time step; with <paramref name="inputLength"/>, another way to specify the input shape.
    /// </param>
    /// <param name="inputLength">The number of time steps.</param>
    /// <param name="weights">The initial weights.</param>
    /// <param name="zeroOutputForMask">
    /// Whether masked time steps have outputs of 0; by default, they repeat the previous output.
    /// </param>
    public RNN(Cell cell, bool returnSequences = false, bool returnState = false, bool goBackwards = false,
        bool stateful = false, bool unroll = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, int? inputDim = null,
        int? inputLength = null, IReadOnlyList<NDArray>? weights = null, bool zeroOutputForMask = false)
        : this(cell, new RecurrentOptions(returnSequences, returnState, goBackwards, stateful, unroll,
            zeroOutputForMask), null,
            new LayerOptions(name, trainable, InputOf(inputShape, inputDim, inputLength), batchInputShape, batchSize,
            weights))
    {
    }

    /// <summary>
    /// Creates the layer over a stack of cells: the output of each is the input of the next
    /// (<see cref="StackedRNNCells"/>).
    /// </summary>
    /// <param name="cells">The cells, in order.</param>
    /// <inheritdoc cref="RNN(Cell, bool, bool, bool, bool, bool, string, bool, Shape, Shape, int?, int?, int?,
    /// IReadOnlyList{NDArray}, bool)"/>
    public RNN(IReadOnlyList<Cell> cells, bool returnSequences = false, bool returnState = false,
        bool goBackwards = false, bool stateful = false, bool unroll = false, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null,
        int? inputDim = null, int? inputLength = null, IReadOnlyList<NDArray>? weights = null,
        bool zeroOutputForMask = false)
        : this(new StackedRNNCells(cells), returnSequences, returnState, goBackwards, stateful, unroll, name, trainable,
            inputShape, batchInputShape, batchSize, inputDim, inputLength, weights, zeroOutputForMask)
    {
    }

    internal RNN(Cell cell, RecurrentOptions recurrent, Regularizers.Regularizer? activityRegularizer,
        LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(cell);
        Cell = Track(cell);
        (Recurrent, ActivityRegularizer) = (recurrent, activityRegularizer);
    }

    /// <summary>The cell to apply at each time step.</summary>
    public Cell Cell { get; }

    /// <summary>Whether the outputs of all time steps are returned.</summary>
    public bool ReturnSequences => Recurrent.ReturnSequences;

    /// <summary>Whether the last states are returned too.</summary>
    public bool ReturnState => Recurrent.ReturnState;

    /// <summary>Whether the sequence is read backward.</summary>
    public bool GoBackwards => Recurrent.GoBackwards;

    /// <inheritdoc/>
    public override bool Stateful => Recurrent.Stateful;

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <summary>The states that a stateful layer keeps.</summary>
    public IReadOnlyList<Variable> States => _states;

    internal RecurrentOptions Recurrent { get; }

    /// <inheritdoc/>
    protected override int MinInputRank => 3;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Loop(x, mask, null).Output;
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => ReturnSequences ? mask : null;

    /// <summary>
    /// Runs the layer from given initial states and also returns the last states; for your own layers.
    /// </summary>
    /// <param name="x">The input (batch, steps, …).</param>
    /// <param name="mask">The input's mask, or null.</param>
    /// <param name="initialState">
    /// The states before the first time step; null for 0, or for those a stateful layer kept.
    /// </param>
    /// <returns>The output, and the states after the last time step.</returns>
    /// <exception cref="ArgumentException">The input or the number of states is invalid.</exception>
    public CellOutput Run(Tensor x, Tensor? mask = null, IReadOnlyList<Tensor>? initialState = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        EnsureBuilt(x.Shape);
        using IDisposable scope = TraceScope.Name(Name, policy: DtypePolicy);
        return Loop(x, mask, initialState);
    }

    /// <summary>Sets the states that a stateful layer keeps.</summary>
    /// <param name="states">One array per state; null for 0.</param>
    /// <exception cref="InvalidOperationException">The layer is not stateful.</exception>
    /// <exception cref="ArgumentException">The number of arrays or a shape differs; nothing was changed.</exception>
    public void ResetStates(IReadOnlyList<NDArray>? states)
    {
        if (!Stateful) throw new InvalidOperationException($"Layer {Name} must be stateful to have states.");
        using ModelGate.Turn turn = WeightGate.Enter();
        if (states is null) ResetStates();
        else SetWeights(_states, states, $"the states of layer \"{Name}\"");
    }

    /// <inheritdoc/>
    public override void ResetStates()
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        foreach (Variable state in _states) state.Rewrite().Clear();
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["return_sequences"] = Recurrent.ReturnSequences;
        config["return_state"] = Recurrent.ReturnState;
        config["go_backwards"] = Recurrent.GoBackwards;
        config["stateful"] = Recurrent.Stateful;
        config["unroll"] = Recurrent.Unroll;
        // Keras 2.3 does not know this key and would reject it.
        if (Recurrent.ZeroOutputForMask) config["zero_output_for_mask"] = true;
        WriteCell(config);
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        Shape step = new([inputShape[0], .. inputShape.Skip(2)]);
        Cell.EnsureBuilt(step);
        if (!Stateful) return;
        int batch = inputShape[0] ?? throw new ArgumentException(
            "If a RNN is stateful, it needs to know its batch size. Specify the batch size of your input tensors: " +
            "pass a `batchInputShape` argument to your first layer.", nameof(inputShape));
        _states = [.. Cell.StateShapes(step)
            .Select((shape, i) => new Variable($"{Name}/state_{i}", [batch, .. shape]) { Gate = WeightGate })];
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        _states = [];
    }

    /// <summary>As in Keras, the cell's weights are the layer's.</summary>
    internal override IEnumerable<(string Path, Variable Weight)> NamedWeights() => Cell.NamedWeights();

    internal override Masked Apply(Masked input) => !ReturnState ? base.Apply(input)
        : throw new ArgumentException("All layers in a Sequential model should have a single output tensor, but " +
            $"layer {Name} returns its states too. In a layer of your own, call its Run.", nameof(input));

    /// <summary>The cell in the configuration; layers that create their own cell write its settings instead.</summary>
    private protected virtual void WriteCell(JsonObject config) => config["cell"] = Cell.Serialize();

    internal static Shape? InputOf(Shape? inputShape, int? inputDim, int? inputLength) =>
        inputShape ?? (inputDim is null ? null : [inputLength, inputDim]);

    CellOutput Loop(Tensor x, Tensor? mask, IReadOnlyList<Tensor>? initialState)
    {
        IReadOnlyList<int[]> shapes = Cell.StateShapes(new([x.Shape[0], .. x.Shape.Skip(2)]));
        if (initialState is not null && initialState.Count != shapes.Count)
            throw new ArgumentException($"Layer {Name} has {shapes.Count} states, but was passed " +
                $"{initialState.Count} initial states.", nameof(initialState));
        bool fromZero = initialState is null && !Stateful;
        Tensor[] first = [.. shapes.Select((shape, i) => initialState is not null ? initialState[i]
            : Stateful ? Kept(x, i) : Cell.Zeros(x, shape))];
        Tensor? steps = mask is null ? null : Read(mask);

        Prepared prepared = Cell.Prepare(Read(x));
        // A kernel's output is its first state, which is 0 before the first time step that counts only if it starts at
        // 0.
        WholeSequence? kernel = steps is null
            || (fromZero && TraceScope.Current?.Exporting != true) ? Cell.Whole(prepared, first, steps) : null;
        WholeSequence whole = kernel ?? Scanned(prepared, first, steps, fromZero);
        if (Stateful && initialState is null)
        {
            for (int i = 0; i < _states.Length; i++)
                TraceScope.Current?.States.Add(new(_states[i], K.ReshapeLike(whole.LastStates[i], _states[i])));
        }
        if (Recurrent.ZeroOutputForMask && steps is not null) whole = WithoutMasked(whole, steps);
        return new(ReturnSequences ? Turned(whole.Outputs) : whole.LastOutput, whole.LastStates);
    }

    /// <summary>Outputs of 0 at masked time steps, including the last one.</summary>
    static WholeSequence WithoutMasked(WholeSequence whole, Tensor steps)
    {
        int count = steps.Dims[0].Constant ?? throw new ArgumentException("Outputs of 0 at masked time steps require " +
            "a known number of time steps.");
        Tensor last = K.Squeeze(K.Slice(steps, 0, count - 1, 1), 0);
        return whole with
        {
            Outputs = whole.Outputs * Wide(steps, whole.Outputs.Rank),
            LastOutput = whole.LastOutput * Wide(last, whole.LastOutput.Rank),
        };
    }

    static Tensor Wide(Tensor mask, int rank)
    {
        while (mask.Rank < rank) mask = K.ExpandDims(mask);
        return mask;
    }

    /// <summary>Any cell, step by step.</summary>
    WholeSequence Scanned(Prepared prepared, Tensor[] first, Tensor? mask, bool fromZero)
    {
        int added = Added();
        WholeSequence whole =
            StepLoop.Over(prepared.Sequence, first, prepared.Shared, mask, fromZero, Cell.Step, $"Cell {Cell.Name}");
        if (Added() != added)
            throw new ArgumentException($"Cell {Cell.Name}: a time step cannot add losses, metrics or updates, which " +
                "belong to an entire batch.");
        return whole;
    }

    static int Added() =>
        TraceScope.Current is { } scope ? scope.Losses.Count + scope.Metrics.Count + scope.Updates.Count : 0;

    Tensor Kept(Tensor x, int state) =>
        new(new Ops.Reshape(new([x.Dims[0], .. _states[state].Dims.Skip(1)])), _states[state]);

    /// <summary>The time steps in reading order, time first, so that the values of a step are contiguous.</summary>
    Tensor Read(Tensor x) => GoBackwards ? K.Reverse(Turned(x), 0) : Turned(x);

    /// <summary>Swaps batch and time.</summary>
    static Tensor Turned(Tensor x) => K.PermuteDimensions(x, [1, 0, .. Enumerable.Range(2, x.Rank - 2)]);
}
