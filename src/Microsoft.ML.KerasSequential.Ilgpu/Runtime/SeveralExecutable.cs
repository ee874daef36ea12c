using System.Numerics.Tensors;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// The same divided graph on several devices, possibly of several processes. They run their launches up to a point
/// where parts are combined, in CPU memory in the order of the devices, then across the processes; then they continue.
/// </summary>
internal sealed class SeveralExecutable : Executable
{
    readonly Graph _graph;
    readonly GpuExecutable[] _parts;
    readonly Distribution? _ranks;
    readonly Dictionary<Symbol, int> _free = [];
    readonly Bindings _bindings;
    int[] _first = [];
    float[] _whole = [], _share = [];
    (int Size, ShareOfBatch? Share)? _batch;

    public SeveralExecutable(IlgpuDevice[] devices, Graph graph, FloatPrecision precision, Distribution? ranks = null)
    {
        _graph = graph;
        _ranks = ranks;
        _bindings = new Bindings(_free);
        var parts = new List<GpuExecutable>();
        try
        {
            foreach (IlgpuDevice device in devices) parts.Add(new GpuExecutable(device, graph, precision));
        }
        catch
        {
            foreach (GpuExecutable part in parts) part.Dispose();
            throw;
        }
        _parts = [.. parts];
    }

    public override bool IsAsynchronous => true;

    public override void Prepare(int batch, ShareOfBatch? share = null)
    {
        if (_batch == (batch, share)) return;
        _batch = null;
        _free[Symbol.Batch] = batch;
        _first = [.. Enumerable.Range(0, _parts.Length + 1).Select(i => (int)((long)batch * i / _parts.Length))];
        for (int i = 0; i < _parts.Length; i++)
        {
            var own = new ShareOfBatch((share?.First ?? 0) + _first[i], share?.Batch ?? batch);
            _parts[i].Prepare(_first[i + 1] - _first[i], own);
        }
        _batch = (batch, share);
    }

    public override void SetFree(Symbol symbol, int value)
    {
        _free[symbol] = value;
        _batch = null;
        foreach (GpuExecutable part in _parts) part.SetFree(symbol, value);
    }

    public override void Write(int input, ReadOnlySpan<float> values)
    {
        int sample = Sample(_graph.Inputs[input]);
        for (int i = 0; i < _parts.Length; i++)
            _parts[i].Write(input, sample < 0 ? values : values[(_first[i] * sample)..(_first[i + 1] * sample)]);
    }

    public override void Gather(int input, NDArray source, ReadOnlySpan<int> rows)
    {
        bool divided = Sample(_graph.Inputs[input]) >= 0;
        for (int i = 0; i < _parts.Length; i++)
            _parts[i].Gather(input, source, divided ? rows[_first[i].._first[i + 1]] : rows);
    }

    public override void Run()
    {
        foreach (GpuExecutable part in _parts) part.Begin();
        int[] next = new int[_parts.Length];
        while (true)
        {
            for (int i = 0; i < _parts.Length; i++) next[i] = _parts[i].RunUntilMeeting(next[i]);
            // All have the same steps, although a device without samples may have fewer launches in between.
            GpuLaunch[] meeting = [.. _parts.Select((p, i) => (p, i))
                .Where(part => next[part.i] < part.p.Launches.Count).Select(part => part.p.Launches[next[part.i]++])];
            if (meeting.Length == 0) break;
            if (meeting[0] is IndexGuardLaunch) Guard([.. meeting.Cast<IndexGuardLaunch>()]);
            else Meet([.. meeting.Cast<AcrossDevicesKernel>()]);
        }
        _parts[0].End();
        foreach (GpuExecutable part in _parts.AsSpan(1)) part.Follow();
    }

    /// <summary>An error on one device, or in another process, stops all before they write.</summary>
    void Guard(IndexGuardLaunch[] parts)
    {
        IndexGuardLaunch[] raised = [.. parts.Where(p => p.IsRaised())];
        if (raised.Length == 0 && (_ranks is null || _ranks.Largest(0) == 0)) return;
        if (raised.Length > 0) _ranks?.Largest(1);
        ArgumentException[] complaints = [.. (raised.Length > 0 ? raised : parts).Select(p => p.Complaint())];
        throw complaints[0];
    }

    public override void Keep(int slot) => _parts[0].Keep(slot);

    public override void ReadKept(Span<float> values) => _parts[0].ReadKept(values);

    public override void Read(int output, Span<float> values)
    {
        int sample = Sample(_graph.Outputs[output]);
        if (sample < 0)
        {
            _parts[0].Read(output, values);
            return;
        }
        for (int i = 0; i < _parts.Length; i++)
            _parts[i].Read(output, values[(_first[i] * sample)..(_first[i + 1] * sample)]);
    }

    public override int[] OutputSizes(int output) => _graph.Outputs[output].Dims.Evaluate(_bindings);

    public override ulong Runs
    {
        get => _parts[0].Runs;
        set
        {
            foreach (GpuExecutable part in _parts) part.Runs = value;
        }
    }

    public override long MemoryBytes => _parts.Sum(p => p.MemoryBytes);

    public override string Explain() =>
        $"the first of {_parts.Length} devices:{Environment.NewLine}{_parts[0].Explain()}";

    public override void Dispose()
    {
        foreach (GpuExecutable part in _parts) part.Dispose();
    }

    /// <summary>
    /// The number of values per sample if the batch is the outermost dimension; −1 for values that all devices have in
    /// full.
    /// </summary>
    int Sample(Tensor tensor)
    {
        if (!Sharding.IsDivided(tensor)) return -1;
        return tensor.Dims[0].Symbols.Contains(
            Symbol.Batch) ? (tensor.Dims[0].Factor * tensor.Dims.Product(1, tensor.Rank)).Evaluate(_bindings)
            : throw new NotSupportedException($"{tensor} does not have the batch as its first dimension, which " +
                "several devices do not support.");
    }

    unsafe void Meet(AcrossDevicesKernel[] parts)
    {
        int size = (int)parts[0].Part.Length;
        if (size == 0) return;
        if (_whole.Length < size) (_whole, _share) = (new float[size], new float[size]);
        Span<float> whole = _whole.AsSpan(0, size), share = _share.AsSpan(0, size);
        _parts[0].Device.Download(parts[0].Part, whole);
        for (int i = 1; i < parts.Length; i++)
        {
            _parts[i].Device.Download(parts[i].Part, share);
            switch (parts[0].Kind)
            {
                case ReduceKind.Sum: TensorPrimitives.Add<float>(whole, share, whole); break;
                case ReduceKind.Max: TensorPrimitives.Max<float>(whole, share, whole); break;
                case ReduceKind.Min: TensorPrimitives.Min<float>(whole, share, whole); break;
                default: TensorPrimitives.Multiply<float>(whole, share, whole); break;
            }
        }
        if (_ranks is not null)
        {
            fixed (float* values = whole) _ranks.End(_ranks.Begin(values, size, parts[0].Kind));
        }
        for (int i = 0; i < parts.Length; i++) _parts[i].Device.Upload<float>(parts[i].Whole, whole);
    }
}
