using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Cells one on the other: the output of each is the input of the next (Keras <c>keras.layers.StackedRNNCells</c>). The states are those of the first cell, then of the second, and so on.</summary>
public sealed class StackedRNNCells : Cell
{
    /// <summary>Makes the cell.</summary>
    /// <param name="cells">The cells, the first one first.</param>
    /// <param name="name">The cell's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <exception cref="ArgumentException">There are no cells.</exception>
    public StackedRNNCells(IReadOnlyList<Cell> cells, string? name = null, bool trainable = true) : this(cells, new LayerOptions(name, trainable))
    {
    }

    internal StackedRNNCells(IReadOnlyList<Cell> cells, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count == 0) throw new ArgumentException("A stack needs one cell or more.", nameof(cells));
        Cells = [.. cells.Select(Track)];
    }

    /// <summary>The cells, the first one first.</summary>
    public IReadOnlyList<Cell> Cells { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [.. Cells.SelectMany(c => c.StateSize)];

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> StateShapes(Shape inputShape) => [.. Inputs(inputShape).SelectMany(c => c.Cell.StateShapes(c.Input))];

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
        var next = new List<Tensor>();
        foreach (Cell cell in Cells)
        {
            IReadOnlyList<Tensor> own = [.. states.Skip(next.Count).Take(cell.StateSize.Count)];
            CellOutput step = cell == Cells[0] ? cell.Step(x, own, shared) : cell.Step(x, own);
            x = step.Output;
            next.AddRange(step.States);
        }
        return new(x, next);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["cells"] = new JsonArray([.. Cells.Select(c => (JsonNode)c.Serialize())]);
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        foreach ((Cell cell, Shape input) in Inputs(inputShape)) cell.EnsureBuilt(input);
    }

    /// <summary>What each cell reads: the first one the input, the others the first state of the cell before.</summary>
    IEnumerable<(Cell Cell, Shape Input)> Inputs(Shape inputShape)
    {
        foreach (Cell cell in Cells)
        {
            yield return (cell, inputShape);
            inputShape = new([inputShape[0], .. cell.OutputShapeOf(inputShape)]);
        }
    }
}
