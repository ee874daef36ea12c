using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Kernels;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// A flat array of bound launches over one arena. Arrays for the most recent batch sizes are kept. Methods keep their
/// object alive until they return, because addresses do not: otherwise the garbage collector could free the memory that
/// they read.
/// </summary>
internal sealed unsafe class CpuExecutable : PlannedExecutable<Launch>
{
    readonly Dictionary<Tensor, Storage> _constants = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<object, Storage> _kept = [];
    TemporaryMemory _temporary = new();
    readonly Distribution? _ranks;
    readonly IndexGuard _guard;
    readonly Storage _flags;
    Storage? _arena;
    Exchange? _exchange;

    /// <param name="graph">The graph, divided if there are ranks.</param>
    /// <param name="ranks">The processes that each compute a share of a batch.</param>
    public CpuExecutable(Graph graph, Distribution? ranks = null) : base(graph)
    {
        _ranks = ranks;
        _guard = new IndexGuard(Schedule);
        _flags = new Storage(_guard.Count);
        foreach ((Tensor node, float[] values) in Constants(Graph.Roots))
        {
            if (_constants.ContainsKey(node)) continue;
            var storage = new Storage(values.Length);
            values.CopyTo(storage.Span);
            _constants[node] = storage;
        }
    }

    public override void Write(int input, ReadOnlySpan<float> values)
    {
        Tensor tensor = Graph.Inputs[input];
        values.CopyTo(new Span<float>((float*)Address(tensor), tensor.Dims.Size.Evaluate(Bindings)));
        GC.KeepAlive(this);
    }

    public override void Gather(int input, NDArray source, ReadOnlySpan<int> rows)
    {
        int size = source.RowSize;
        float* target = (float*)Address(Graph.Inputs[input]);
        ReadOnlySpan<float> data = source.Data;
        if (IsRun(rows))
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
        foreach (Variable variable in Variables) variable.Fetch();
        foreach (Launch launch in Plan)
            if (launch.Begins()) Workers.Run(launch, _exchange);
        foreach (Variable variable in Written) variable.Changed();
        Counter.Value++;
    }

    public override void Read(int output, Span<float> values)
    {
        Tensor tensor = Graph.Outputs[output];
        new ReadOnlySpan<float>((float*)Address(tensor), tensor.Dims.Size.Evaluate(Bindings)).CopyTo(values);
        GC.KeepAlive(this);
    }

    public override long MemoryBytes => sizeof(float) * ((long)(_arena?.Length ?? 0) + _temporary.Length
        + _kept.Values.Sum(k => (long)k.Length) + _constants.Values.Sum(c => (long)c.Length));

    public override void Dispose()
    {
        Forget();
        _arena?.Dispose();
        _exchange?.Dispose();
        _temporary.Dispose();
        _flags.Dispose();
        foreach (Storage kept in _kept.Values) kept.Dispose();
        foreach (Storage constant in _constants.Values) constant.Dispose();
    }

    protected override void Allocate(MemoryPlan plan)
    {
        _arena?.Dispose();
        _arena = new Storage(plan.Size);
        _temporary.Dispose();
        _temporary = new TemporaryMemory();
    }

    protected override IEnumerable<Launch> Bind(ShareOfBatch? share)
    {
        // Its buffers serve all plans, of which one runs at a time.
        Exchange? exchange = _ranks is null ? null : _exchange ??= new Exchange(_ranks);
        exchange?.Restart();
        var binding = new CpuBinding(Bindings, Counter, _temporary, Address, Schedule.InPlace.ContainsKey, Kept,
            tensor => tensor is Variable variable && !Written.Contains(variable) ? variable : null, Flag, share,
            exchange);
        foreach (Step step in Schedule.Steps)
        {
            _temporary.NextStep();
            if (exchange?.WaitFor(step) is { } wait) yield return wait;
            foreach (Launch launch in CpuKernels.Bind(step, binding)) yield return launch;
            if (step != Schedule.LastWatched) continue;
            // If it stops, no exchange may be in progress.
            if (exchange?.WaitForAll() is { } all) yield return all;
            yield return Guard();
        }
        if (exchange?.WaitForAll() is { } last) yield return last;
    }

    IndexGuardLaunch Guard() => new(_guard, _flags.Pointer, Bindings, _ranks);

    nint Flag(Tensor node) => (nint)(_flags.Pointer + _guard.SlotOf(node));

    /// <summary>Memory that persists from run to run, whatever the batch size.</summary>
    nint Kept(object key, int floats)
    {
        if (!_kept.TryGetValue(key, out Storage? storage)) _kept[key] = storage = new Storage(floats);
        return (nint)storage.Pointer;
    }

    nint Address(Tensor tensor)
    {
        if (Schedule.InPlace.TryGetValue(tensor, out Variable? written)) return (nint)written.Storage.Pointer;
        if (tensor is Variable variable) return (nint)variable.Storage.Pointer;
        return _constants.TryGetValue(tensor, out Storage? constant)
            ? (nint)constant.Pointer
            : (nint)(_arena!.Pointer + Memory!.OffsetOf(tensor));
    }
}
