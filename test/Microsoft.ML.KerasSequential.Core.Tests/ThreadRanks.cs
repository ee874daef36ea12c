using System.Numerics.Tensors;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Ranks that are threads of this process: messages are in memory that all of them see.</summary>
internal sealed unsafe class ThreadRanks : Distribution
{
    sealed class Meeting(int size)
    {
        public Barrier Barrier { get; } = new(size);

        public object?[] Sent { get; } = new object?[size];
    }

    readonly Meeting _meeting;
    readonly Dictionary<nint, (nint Values, int Count, ReduceKind Kind)> _begun = [];
    nint _next;

    ThreadRanks(Meeting meeting, int rank, int size) => (_meeting, Rank, Size) = (meeting, rank, size);

    public override int Rank { get; }

    public override int Size { get; }

    public override PredictionResults Predictions => PredictionResults.OnRankZero;

    public override TimeSpan Waiting => default;

    /// <summary>The number of sums started, and of their values.</summary>
    public List<int> Sums { get; } = [];

    /// <summary>Runs the same on all ranks at once.</summary>
    /// <returns>The result of each rank, in order.</returns>
    public static T[] Run<T>(int size, Func<ThreadRanks, T> work)
    {
        var meeting = new Meeting(size);
        var results = new T[size];
        var failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadRanks(meeting, rank, size));
            }
            catch (Exception e)
            {
                failures[rank] = e;
                meeting.Barrier.RemoveParticipant();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return failures.All(f => f is null) ? results : throw new AggregateException(failures.OfType<Exception>());
    }

    internal override nint Begin(float* values, int count, ReduceKind kind)
    {
        Sums.Add(count);
        _begun[++_next] = ((nint)values, count, kind);
        return _next;
    }

    internal override void Progress()
    {
    }

    internal override void End(nint begun)
    {
        (nint address, int count, ReduceKind kind) = _begun[begun];
        _begun.Remove(begun);
        var own = new Span<float>((float*)address, count);
        float[][] parts = Exchange(own.ToArray());
        parts[0].CopyTo(own);
        foreach (float[] part in parts.AsSpan(1))
        {
            switch (kind)
            {
                case ReduceKind.Sum: TensorPrimitives.Add<float>(own, part, own); break;
                case ReduceKind.Max: TensorPrimitives.Max<float>(own, part, own); break;
                case ReduceKind.Min: TensorPrimitives.Min<float>(own, part, own); break;
                default: TensorPrimitives.Multiply<float>(own, part, own); break;
            }
        }
    }

    internal override void Broadcast(Span<byte> bytes) => Exchange(bytes.ToArray())[0].CopyTo(bytes);

    internal override void Collect(ReadOnlySpan<long> own, Span<long> all) =>
        Exchange(own.ToArray()).SelectMany(p => p).ToArray().CopyTo(all);

    internal override void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts)
    {
        float[][] parts = Exchange(own.ToArray());
        CollectionAssert.AreEqual(counts.ToArray(), parts.Select(p => p.Length).ToArray());
        if (Rank == 0) parts.SelectMany(p => p).ToArray().CopyTo(all);
    }

    /// <summary>What all ranks sent, in order.</summary>
    T[] Exchange<T>(T own)
    {
        _meeting.Sent[Rank] = own;
        _meeting.Barrier.SignalAndWait();
        T[] all = [
            .. _meeting.Sent.Select(sent => sent is T value ? value
                : throw new InvalidOperationException($"Rank {Rank} sends {own}, another {sent}."))];
        _meeting.Barrier.SignalAndWait();
        return all;
    }
}
