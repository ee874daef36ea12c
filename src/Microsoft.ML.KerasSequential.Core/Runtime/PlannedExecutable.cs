using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// What all devices have in common: a schedule, sizes, a memory plan, and a flat array of bound launches for each of
/// the most recent batch sizes.
/// </summary>
internal abstract class PlannedExecutable<TLaunch> : Executable
{
    const int MaxPlans = 8;

    readonly Dictionary<(int Batch, ShareOfBatch? Share), TLaunch[]> _plans = [];
    readonly Dictionary<Symbol, int> _free = [];
    int _capacity = -1;
    (int Size, ShareOfBatch? Share)? _batch;

    protected PlannedExecutable(Graph graph)
    {
        if (graph.UndeclaredInputs().FirstOrDefault() is { } missing)
            throw new ArgumentException($"The graph needs the placeholder {missing}, which is not among its inputs.",
                nameof(graph));
        (Graph, Schedule) = Schedule.Of(graph);
        Bindings = new Bindings(_free);
        Written = [.. Graph.Updates.Select(u => u.Variable)];
        Variables = [.. Nodes(Graph.Roots).OfType<Variable>().Concat(Written).Distinct()];
    }

    protected Graph Graph { get; }

    protected Schedule Schedule { get; }

    protected Bindings Bindings { get; }

    /// <summary>The variables that a run updates.</summary>
    protected Variable[] Written { get; }

    /// <summary>All variables that a run reads or writes.</summary>
    protected Variable[] Variables { get; }

    protected RunCounter Counter { get; } = new();

    protected MemoryPlan? Memory { get; private set; }

    /// <summary>The launches for the current sizes.</summary>
    protected TLaunch[] Plan { get; private set; } = [];

    public override ulong Runs { get => Counter.Value; set => Counter.Value = value; }

    public override void Prepare(int batch, ShareOfBatch? share = null)
    {
        (int, ShareOfBatch?) key = (batch, share);
        if (key == _batch) return;
        _free[Symbol.Batch] = batch;
        _batch = null;
        if (batch > _capacity || !_plans.ContainsKey(key)) SizeCheck.Verify(Graph, Bindings);
        if (batch > _capacity) Grow(batch);
        if (!_plans.TryGetValue(key, out TLaunch[]? plan))
        {
            if (_plans.Count >= MaxPlans) _plans.Clear();
            _plans[key] = plan = [.. Bind(share)];
        }
        (Plan, _batch) = (plan, key);
    }

    public override void SetFree(Symbol symbol, int value)
    {
        if (_free.TryGetValue(symbol, out int old) && old == value) return;
        _free[symbol] = value;
        _capacity = -1;
        _batch = null;
    }

    public override int[] OutputSizes(int output) => Graph.Outputs[output].Dims.Evaluate(Bindings);

    public override string Explain() => PlanText.Of(Graph, Schedule, Memory, _batch?.Size ?? -1,
        RoundsFactors);

    /// <summary>Whether the device multiplies in the precision that a layer's policy asks for.</summary>
    protected virtual bool RoundsFactors => false;

    /// <summary>Discards all plans, whose memory is gone.</summary>
    protected void Forget()
    {
        _plans.Clear();
        Plan = [];
        _capacity = -1;
        _batch = null;
    }

    /// <summary>Allocates memory for all values; earlier bindings are discarded.</summary>
    protected abstract void Allocate(MemoryPlan plan);

    /// <summary>The launches of all steps for the current sizes.</summary>
    protected abstract IEnumerable<TLaunch> Bind(ShareOfBatch? share);

    /// <summary>The constant arrays in a graph and in its loops.</summary>
    protected static IEnumerable<(Tensor Node, float[] Values)> Constants(IEnumerable<Tensor> roots) =>
        from node in Nodes(roots)
        let values = node.Op switch
        {
            Constant constant => constant.Value.Data,
            Scalar scalar => [scalar.Value],
            _ => null,
        }
        where values is not null
        select (node, values);

    /// <summary>Whether rows are consecutive.</summary>
    protected static bool IsRun(ReadOnlySpan<int> rows)
    {
        if (rows.Length == 0 || rows[^1] - rows[0] != rows.Length - 1) return false;
        for (int i = 1; i < rows.Length; i++)
            if (rows[i] != rows[i - 1] + 1) return false;
        return true;
    }

    static IEnumerable<Tensor> Nodes(IEnumerable<Tensor> roots) =>
        Topology.Order(roots)
            .SelectMany(n => n.Op is Scan scan ? [n, .. Nodes(scan.Body.Plan.Graph.Roots)] : new[] { n });

    void Grow(int batch)
    {
        _capacity = -1;
        _plans.Clear();
        Memory = MemoryPlan.Of(Graph, Schedule, Bindings);
        Allocate(Memory);
        _capacity = batch;
    }
}
