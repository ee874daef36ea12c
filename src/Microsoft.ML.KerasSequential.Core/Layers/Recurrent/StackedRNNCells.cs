using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A stack of cells: the output of each is the input of the next (Keras <c>keras.layers.StackedRNNCells</c>). The
/// states are those of the first cell, then those of the second, and so on.
/// </summary>
public class StackedRNNCells : Cell
{
    readonly bool _reverseStateOrder;

    /// <summary>Creates the cell.</summary>
    /// <param name="cells">The cells, in order.</param>
    /// <param name="name">The cell's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="reverseStateOrder">
    /// Whether the states of the last cell come first, as in older versions of Keras.
    /// </param>
    /// <exception cref="ArgumentException">There are no cells.</exception>
    public StackedRNNCells(IReadOnlyList<Cell> cells, string? name = null, bool trainable = true,
        bool reverseStateOrder = false)
        : this(cells, reverseStateOrder, new LayerOptions(name, trainable))
    {
    }

    internal StackedRNNCells(IReadOnlyList<Cell> cells, bool reverseStateOrder, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count == 0) throw new ArgumentException("A stack needs one or more cells.", nameof(cells));
        Cells = [.. cells.Select(Track)];
        _reverseStateOrder = reverseStateOrder;
    }

    /// <summary>The cells, in order.</summary>
    public IReadOnlyList<Cell> Cells { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [.. InStateOrder(Cells).SelectMany(c => c.StateSize)];

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> StateShapes(Shape inputShape) =>
        [.. InStateOrder(Inputs(inputShape)).SelectMany(c => c.Cell.StateShapes(c.Input))];

    /// <inheritdoc/>
    public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(states);
        Prepared prepared = Prepare(x);
        return Step(prepared.Sequence, states, prepared.Shared);
    }

    internal override Prepared Prepare(Tensor x) => Cells[0].Prepare(x);

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        var next = new List<IReadOnlyList<Tensor>>();
        IReadOnlyList<Tensor>[] before = PerCell(states);
        for (int i = 0; i < Cells.Count; i++)
        {
            CellOutput step = i == 0 ? Cells[i].Step(x, before[i], shared) : Cells[i].Step(x, before[i]);
            x = step.Output;
            next.Add(step.States);
        }
        return new(x, [.. InStateOrder(next).SelectMany(s => s)]);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["cells"] = new JsonArray([.. Cells.Select(c => (JsonNode)c.Serialize())]);
        if (_reverseStateOrder) config["reverse_state_order"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        foreach ((Cell cell, Shape input) in Inputs(inputShape)) cell.EnsureBuilt(input);
    }

    IEnumerable<T> InStateOrder<T>(IReadOnlyList<T> perCell) => _reverseStateOrder ? perCell.Reverse() : perCell;

    /// <summary>The states of all cells, split by cell.</summary>
    IReadOnlyList<Tensor>[] PerCell(IReadOnlyList<Tensor> states)
    {
        var parts = new List<IReadOnlyList<Tensor>>();
        int taken = 0;
        foreach (Cell cell in InStateOrder(Cells))
        {
            parts.Add([.. states.Skip(taken).Take(cell.StateSize.Count)]);
            taken += cell.StateSize.Count;
        }
        return [.. InStateOrder(parts)];
    }

    /// <summary>
    /// The input of each cell: the stack's input for the first, the first state of the cell before for the others.
    /// </summary>
    List<(Cell Cell, Shape Input)> Inputs(Shape inputShape)
    {
        var inputs = new List<(Cell, Shape)>();
        foreach (Cell cell in Cells)
        {
            inputs.Add((cell, inputShape));
            inputShape = new([inputShape[0], .. cell.OutputShapeOf(inputShape)]);
        }
        return inputs;
    }
}
