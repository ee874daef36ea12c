using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// A flat array of bound launches over one arena. Arrays for the batch sizes met last are kept. Methods keep their object alive
/// to their end, because addresses do not: without that the collector may free the memory that they read.
/// </summary>
internal sealed unsafe class CpuExecutable : Executable
{
    const int MaxPlans = 8;

    readonly Graph _graph;
    readonly Schedule _schedule;
    readonly Dictionary<Tensor, Storage> _constants = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<int, Launch[]> _plans = [];
    readonly RunCounter _counter = new();
    TemporaryMemory _temporary = new();
    MemoryPlan? _memory;
    Storage? _arena;
    Launch[] _plan = [];
    int _capacity = -1, _batch = -1;
    readonly Dictionary<Symbol, int> _free = [];
    readonly Bindings _bindings;
    readonly Variable[] _written;
    readonly Dictionary<object, Storage> _kept = [];

    public CpuExecutable(Graph graph)
    {
        if (graph.UndeclaredInputs().FirstOrDefault() is { } missing)
            throw new ArgumentException($"The graph needs the placeholder {missing}, which is not among its inputs.", nameof(graph));
        (_graph, _schedule) = Schedule.Of(graph);
        _bindings = new Bindings(_free);
        _written = [.. _graph.Updates.Select(u => u.Variable)];
        Keep(_graph.Roots);
    }

    public override ulong Runs { get => _counter.Value; set => _counter.Value = value; }

    public override void Prepare(int batch)
    {
        if (batch == _batch) return;
        _free[Symbol.Batch] = batch;
        _batch = -1;
        if (batch > _capacity || !_plans.ContainsKey(batch)) SizeCheck.Verify(_graph, _bindings);
        if (batch > _capacity) Grow(batch);
        if (!_plans.TryGetValue(batch, out Launch[]? plan))
        {
            if (_plans.Count >= MaxPlans) _plans.Clear();
            _plans[batch] = plan = BindAll();
        }
        (_plan, _batch) = (plan, batch);
    }

    public override void SetFree(Symbol symbol, int value)
    {
        if (_free.TryGetValue(symbol, out int old) && old == value) return;
        _free[symbol] = value;
        _capacity = _batch = -1;
    }

    public override void Write(int input, ReadOnlySpan<float> values)
    {
        Tensor tensor = _graph.Inputs[input];
        values.CopyTo(new Span<float>((float*)Address(tensor), tensor.Dims.Size.Evaluate(_bindings)));
        GC.KeepAlive(this);
    }

    public override void Gather(int input, NDArray source, ReadOnlySpan<int> rows)
    {
        int size = source.RowSize;
        float* target = (float*)Address(_graph.Inputs[input]);
        ReadOnlySpan<float> data = source.Data;
        if (rows.Length > 0 && rows[^1] - rows[0] == rows.Length - 1 && IsRun(rows))
        {
            data.Slice(rows[0] * size, rows.Length * size).CopyTo(new Span<float>(target, rows.Length * size));
            GC.KeepAlive(this);
            return;
        }
        foreach (int row in rows)
        {
            data.Slice(row * size, size).CopyTo(new Span<float>(target, size));
            target += size;
        }
        GC.KeepAlive(this);
    }

    public override void Run()
    {
        foreach (Launch launch in _plan)
            if (launch.Begins()) Workers.Run(launch);
        foreach (Variable variable in _written) variable.Version++;
        _counter.Value++;
    }

    public override void Read(int output, Span<float> values)
    {
        Tensor tensor = _graph.Outputs[output];
        new ReadOnlySpan<float>((float*)Address(tensor), tensor.Dims.Size.Evaluate(_bindings)).CopyTo(values);
        GC.KeepAlive(this);
    }

    public override int[] OutputSizes(int output) => _graph.Outputs[output].Dims.Evaluate(_bindings);

    public override long MemoryBytes => sizeof(float) * ((long)(_arena?.Length ?? 0) + _temporary.Length + _kept.Values.Sum(k => (long)k.Length) + _constants.Values.Sum(c => (long)c.Length));

    public override string Explain() => PlanText.Of(_graph, _schedule, _memory, _batch);

    public override void Dispose()
    {
        _plans.Clear();
        _plan = [];
        _batch = _capacity = -1;
        _arena?.Dispose();
        _temporary.Dispose();
        foreach (Storage kept in _kept.Values) kept.Dispose();
        foreach (Storage constant in _constants.Values) constant.Dispose();
    }

    /// <summary>Gives the constants of the graph, and of the loops in it, memory of their own.</summary>
    void Keep(IEnumerable<Tensor> roots)
    {
        foreach (Tensor node in Topology.Order(roots))
        {
            if (node.Op is Scan scan) Keep(scan.Body.Plan.Graph.Roots);
            float[]? values = node.Op is Constant constant ? constant.Value.Data : node.Op is Scalar scalar ? [scalar.Value] : null;
            if (values is null || _constants.ContainsKey(node)) continue;
            var storage = new Storage(values.Length);
            values.CopyTo(storage.Span);
            _constants[node] = storage;
        }
    }

    static bool IsRun(ReadOnlySpan<int> rows)
    {
        for (int i = 1; i < rows.Length; i++)
            if (rows[i] != rows[i - 1] + 1) return false;
        return true;
    }

    void Grow(int batch)
    {
        _capacity = batch;
        _plans.Clear();
        _memory = MemoryPlan.Of(_graph, _schedule, _bindings);
        _arena?.Dispose();
        _arena = new Storage(_memory.Size);
        _temporary.Dispose();
        _temporary = new TemporaryMemory();
    }

    Launch[] BindAll()
    {
        var binding = new CpuBinding(_bindings, _counter, _temporary, Address, _schedule.InPlace.ContainsKey, Kept, tensor => tensor is Variable variable && !_written.Contains(variable) ? variable : null);
        var launches = new List<Launch>();
        foreach (Step step in _schedule.Steps)
        {
            _temporary.NextStep();
            launches.AddRange(CpuKernels.Bind(step, binding));
        }
        return [.. launches];
    }

    /// <summary>Memory that stays from run to run, whatever the batch.</summary>
    nint Kept(object key, int floats)
    {
        if (!_kept.TryGetValue(key, out Storage? storage)) _kept[key] = storage = new Storage(floats);
        return (nint)storage.Pointer;
    }

    nint Address(Tensor tensor)
    {
        if (_schedule.InPlace.TryGetValue(tensor, out Variable? written)) return (nint)written.Storage.Pointer;
        if (tensor is Variable variable) return (nint)variable.Storage.Pointer;
        return _constants.TryGetValue(tensor, out Storage? constant)
            ? (nint)constant.Pointer
            : (nint)(_arena!.Pointer + _memory!.OffsetOf(tensor));
    }
}
