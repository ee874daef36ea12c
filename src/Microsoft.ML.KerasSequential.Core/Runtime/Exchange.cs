using System.Diagnostics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// Combines the ranks' partial results while later steps run. Parts are copied into buckets, in the order of the plan,
/// which is the same on all ranks; a bucket is sent when its last part is complete, and the first step that needs one
/// of its results waits for it. A large part is sent on its own, in place.
/// </summary>
/// <remarks>Buckets follow https://arxiv.org/abs/2006.15704.</remarks>
internal sealed class Exchange(Distribution ranks) : IDisposable
{
    /// <summary>Larger buckets are sent later; smaller ones cost more messages.</summary>
    const int BucketFloats = 256 * 1024;

    /// <summary>Polling takes about a microsecond.</summary>
    static readonly long s_interval = Stopwatch.Frequency / 20_000;

    readonly HashSet<Tensor> _awaited = new(ReferenceEqualityComparer.Instance);
    readonly List<Bucket> _underWay = [];
    readonly List<Storage> _buffers = [];
    Bucket? _open;
    int _buckets, _begun;
    long _next;

    /// <summary>
    /// Prepares for a new plan. It reuses the buffers of the previous one, since values without the batch in their
    /// shape have the same size in all plans.
    /// </summary>
    public void Restart()
    {
        _awaited.Clear();
        _underWay.Clear();
        (_open, _buckets, _begun) = (null, 0, 0);
    }

    /// <summary>Copies a part into its bucket.</summary>
    public unsafe Launch Join(Tensor node, float* part, float* whole, int count, ReduceKind kind)
    {
        if (_open is not null && (_open.Kind != kind || _open.Count + count > BucketFloats)) Close();
        _open ??= new Bucket(this, kind);
        _awaited.Add(node);
        return _open.Add((nint)part, (nint)whole, count);
    }

    /// <summary>Waits for all exchanges in progress, if a step needs one of their results.</summary>
    public Launch? WaitFor(Step step) => step.Inputs.Any(i => _awaited.Contains(Schedule.Origin(i))) ? WaitForAll()
        : null;

    /// <summary>Waits for all exchanges in progress, if any.</summary>
    public Launch? WaitForAll()
    {
        if (_awaited.Count == 0) return null;
        Close();
        _awaited.Clear();
        var wait = new Wait([.. _underWay]);
        _underWay.Clear();
        return wait;
    }

    /// <summary>Advances exchanges in progress from time to time.</summary>
    public void Progress()
    {
        if (_begun == 0) return;
        long now = Stopwatch.GetTimestamp();
        if (now < _next) return;
        ranks.Progress();
        _next = now + s_interval;
    }

    public void Dispose()
    {
        foreach (Storage buffer in _buffers) buffer.Dispose();
    }

    void Close()
    {
        if (_open is null) return;
        if (!_open.IsDirect)
        {
            if (_buckets == _buffers.Count) _buffers.Add(new Storage(_open.Count));
            _open.Buffer = _buffers[_buckets++];
        }
        _underWay.Add(_open);
        _open = null;
    }

    /// <summary>Parts that are sent together.</summary>
    sealed unsafe class Bucket(Exchange exchange, ReduceKind kind)
    {
        readonly List<(nint Part, nint Whole, int Count, int Offset)> _parts = [];
        nint _request;

        public ReduceKind Kind => kind;

        public int Count { get; private set; }

        public Storage? Buffer { get; set; }

        /// <summary>Whether the bucket is the memory of a single result.</summary>
        public bool IsDirect => _parts.Count == 1 && Count >= BucketFloats;

        float* Address => IsDirect ? (float*)_parts[0].Whole : Buffer!.Pointer;

        public Launch Add(nint part, nint whole, int count)
        {
            _parts.Add((part, whole, count, Count));
            Count += count;
            return new Put(this, _parts.Count - 1);
        }

        public void Fill(int index)
        {
            (nint part, _, int count, int offset) = _parts[index];
            if ((nint)(Address + offset) != part)
                new ReadOnlySpan<float>((float*)part, count).CopyTo(new Span<float>(Address + offset, count));
            if (index != _parts.Count - 1) return;
            _request = exchange.Ranks.Begin(Address, Count, kind);
            exchange._begun++;
        }

        public void Arrive()
        {
            exchange._begun--;
            exchange.Ranks.End(_request);
            if (IsDirect) return;
            foreach ((_, nint whole, int count, int offset) in _parts)
                new ReadOnlySpan<float>(Buffer!.Pointer + offset, count).CopyTo(new Span<float>((float*)whole, count));
        }
    }

    Distribution Ranks => ranks;

    sealed unsafe class Put(Bucket bucket, int index) : Launch
    {
        public override bool Begins()
        {
            bucket.Fill(index);
            return false;
        }

        public override void Run(int chunk, float* scratch) => throw new UnreachableException();
    }

    sealed unsafe class Wait(Bucket[] buckets) : Launch
    {
        public override bool Begins()
        {
            foreach (Bucket bucket in buckets) bucket.Arrive();
            return false;
        }

        public override void Run(int chunk, float* scratch) => throw new UnreachableException();
    }
}
