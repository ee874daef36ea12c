using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// One model in several processes.
public sealed partial class Sequential
{
    Distribution? _distribution;
    bool _sharesState;

    /// <summary>
    /// The processes that train and run this model together; null (the default) for this process only. Each trains on
    /// its part of every batch, and all have the same weights, losses and metrics. Callbacks that write files or show
    /// progress run on rank 0 only (see <see cref="Callback.RunsOnEveryRank"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The model is being trained.</exception>
    public Distribution? Distribute
    {
        get => _distribution;
        set
        {
            using (Change())
            {
                DropExecutables();
                (_distribution, _sharesState) = (value, false);
            }
        }
    }

    /// <summary>All processes, if there are several.</summary>
    Distribution? Ranks => _distribution is { Size: > 1 } several ? several : null;

    bool IsFirstRank => Ranks is null or { Rank: 0 };

    /// <summary>Trains on rows that are divided among the ranks.</summary>
    internal History FitDealt(DealtRows training, DealtRows? validation, int batchSize, int epochs, int verbose,
        IEnumerable<Callback> callbacks, Shuffle? shuffle, int initialEpoch, ValidationFreq? validationFreq,
        string? resumeFrom, CancellationToken token, IProgress<TrainingProgress>? progress = null)
    {
        using (BeginTraining())
        {
            Distribution ranks = Ranks ?? throw new InvalidOperationException("There are no ranks to deal rows to.");
            FitOptions options = Options(epochs, verbose, callbacks, initialEpoch, null, null, null,
                validationFreq, 1, 0, resumeFrom, progress, token);
            // A rank's part of a whole batch, if batches are shuffled.
            int own = Math.Max(1, batchSize / ranks.Size);
            return Open(options,
                () => new Opened(Dealt(training, order => (shuffle ?? true).Reorder(order, own, NextShuffle)),
                    validation is null ? null : Dealt(validation, null))).Train(this, options);

            DealtSource Dealt(DealtRows rows, Action<int[]>? reorder) =>
                new(CheckData(reorder is null ? Mode.Test : Mode.Train, rows.X, rows.Y, rows.Weights, null, "x", "y",
                    "sampleWeight"), rows, batchSize, ranks, reorder);
        }
    }

    /// <summary>The callbacks of this process: those with outside effects run on rank 0 only.</summary>
    IReadOnlyList<Callback> OwnHooks(IReadOnlyList<Callback> hooks) =>
        IsFirstRank ? hooks : [.. hooks.Where(h => h.RunsOnEveryRank)];

    /// <summary>Divides a step's graph among the ranks if possible; otherwise each computes all of it.</summary>
    (Graph Graph, Distribution? Ranks) Divide(Graph graph, Mode mode)
    {
        if (Ranks is not { } ranks || mode is not (Mode.Train or Mode.Test)) return (graph, null);
        (Graph? divided, string? reason) = Sharding.Of(graph);
        if (divided is not null) return (divided, ranks);
        if (ranks.Rank == 0)
            Device.Log?.Invoke($"KerasSequential: each rank computes whole batches of {Name} because {reason}.");
        return (graph, null);
    }

    /// <summary>Random numbers start with rank 0's.</summary>
    void ShareRandom()
    {
        if (Ranks is not { } ranks) return;
        ulong seed = _seed;
        Span<ulong> numbers = [_seed, _shuffles, _trainSteps];
        ranks.Broadcast(MemoryMarshal.AsBytes(numbers));
        (_seed, _shuffles, _trainSteps) = (numbers[0], numbers[1], numbers[2]);
        if (seed == _seed) return;
        using (WeightGate.Enter()) DropExecutables();
    }

    /// <summary>Weights start with rank 0's.</summary>
    void ShareWeights()
    {
        if (Ranks is not { } ranks) return;
        using ModelGate.Turn turn = WeightGate.Enter();
        foreach (Variable weight in LayerWeights)
        {
            float[] values = weight.Values.ToArray();
            ranks.Broadcast(MemoryMarshal.AsBytes(values.AsSpan()));
            if (!values.AsSpan().SequenceEqual(weight.Values)) weight.Write(values);
            GC.KeepAlive(weight.Storage);
        }
        _sharesState = true;
    }

    /// <summary>Makes the ranks' models equal on first use.</summary>
    void ShareOnce()
    {
        if (_sharesState) return;
        ShareRandom();
        ShareWeights();
    }

    /// <summary>Starts something on all ranks or on none.</summary>
    T Together<T>(Func<T> begin)
    {
        if (Ranks is not { } ranks) return begin();
        T begun;
        try
        {
            begun = begin();
        }
        catch
        {
            ranks.Largest(1);
            throw;
        }
        if (ranks.Largest(0) == 0) return begun;
        (begun as IDisposable)?.Dispose();
        throw new InvalidOperationException("Another rank could not start; its own message says why.");
    }

    /// <summary>Checks that each rank gets samples of a batch.</summary>
    void RequireShares(int? batchSize)
    {
        if (batchSize < Ranks?.Size)
            throw new ArgumentException($"A batch of {batchSize} samples cannot be divided among {Ranks.Size} ranks; "
                + "batch sizes apply to the whole batch.", nameof(batchSize));
    }

    /// <summary>Checks that the ranks do the same.</summary>
    /// <exception cref="ArgumentException">The ranks differ; the message says which and how.</exception>
    void RequireSame(params ReadOnlySpan<(string What, long Own)> facts)
    {
        if (Ranks is not { } ranks) return;
        long[] own = new long[facts.Length], all = new long[facts.Length * ranks.Size];
        for (int i = 0; i < own.Length; i++) own[i] = facts[i].Own;
        ranks.Collect(own, all);
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i] != all[i % own.Length])
                throw new ArgumentException($"All ranks must get the same data and arguments: rank {i / own.Length} "
                    + $"has {all[i]} {facts[i % own.Length].What}, rank 0 has {all[i % own.Length]}.");
        }
    }

    /// <summary>Checks that all ranks have the same values, bit for bit.</summary>
    /// <exception cref="InvalidOperationException">The values differ; the message names the ranks.</exception>
    void RequireEqualState(IEnumerable<Variable> written, int epoch)
    {
        if (Ranks is not { } ranks) return;
        using ModelGate.Turn turn = WeightGate.Enter();
        long[] all = new long[ranks.Size];
        ranks.Collect([(long)Hash(LayerWeights.Concat(written))], all);
        int[] others = [.. Enumerable.Range(1, all.Length - 1).Where(rank => all[rank] != all[0])];
        if (others.Length > 0)
            throw new InvalidOperationException($"After epoch {epoch + 1} the weights of rank "
                + $"{string.Join(", ", others)} differ from those of rank 0. A callback, a layer or an optimizer "
                + "behaves differently there.");
    }

    static ulong Hash(IEnumerable<Variable> variables)
    {
        const ulong Apart = 0x9E37_79B9_7F4A_7C15;
        ulong hash = 0, place = 0;
        foreach (Variable variable in variables)
        {
            ReadOnlySpan<float> values = variable.Values;
            // A sum, whose terms are independent.
            foreach (ulong pair in MemoryMarshal.Cast<float, ulong>(values))
                hash += SplitMix.Mix(pair ^ (place += Apart));
            if (values.Length % 2 == 1)
                hash += SplitMix.Mix(BitConverter.SingleToUInt32Bits(values[^1]) ^ (place += Apart));
            GC.KeepAlive(variable.Storage);
        }
        return hash;
    }

    /// <summary>The rows that this rank predicts: all, if there are no other ranks.</summary>
    (int Start, int End) OwnRows(int rows) => Ranks?.ShareOf(rows) ?? (0, rows);

    /// <summary>Gathers the predictions of all ranks, batch by batch, where they are wanted; elsewhere, returns this
    /// rank's rows.</summary>
    NDArray Gathered(NDArray own, IEnumerable<int> batches)
    {
        if (Ranks is not { Predictions: PredictionResults.OnRankZero } ranks) return own;
        int row = own.RowSize;
        int rows = Counts.Fits(batches.Sum(b => (long)b), "The predicted rows of all ranks");
        // If rank 0 cannot hold the result, no rank starts to send.
        int size = Counts.Values([rows, .. own.Shape[1..]]);
        int[] counts = [.. Enumerable.Range(0, ranks.Size)
            .Select(rank => row * batches.Sum(b => ranks.First(b, rank + 1) - ranks.First(b, rank)))];
        float[] all = ranks.Rank == 0 ? new float[size] : [];
        ranks.Gather(own.Span, all, counts);
        if (ranks.Rank != 0) return own;

        var ordered = new NDArray([rows, .. own.Shape[1..]]);
        int[] next = [.. Enumerable.Range(0, ranks.Size).Select(rank => counts.Take(rank).Sum())];
        int to = 0;
        foreach (int batch in batches)
        {
            for (int rank = 0; rank < ranks.Size; rank++)
            {
                int count = row * (ranks.First(batch, rank + 1) - ranks.First(batch, rank));
                all.AsSpan(next[rank], count).CopyTo(ordered.Span[to..]);
                next[rank] += count;
                to += count;
            }
        }
        return ordered;
    }

    sealed partial class FitLoop
    {
        /// <summary>Whether this rank or another was asked to stop.</summary>
        bool Stopped => model.Ranks is null ? model.StopTraining : Stops(betweenEpochs: true);

        /// <summary>Whether training stops here. Ranks stop together: a request to one applies to all.</summary>
        /// <param name="betweenEpochs">Whether this is between epochs; between batches, the others are asked only if a
        /// request is possible.</param>
        /// <exception cref="OperationCanceledException">Training was canceled, on this rank or another.</exception>
        bool Stops(bool betweenEpochs)
        {
            if (model.Ranks is not { } ranks)
            {
                options.Token.ThrowIfCancellationRequested();
                return model.StopTraining;
            }
            if (!betweenEpochs && !_hooked && !options.Token.CanBeCanceled) return false;
            long told = ranks.Largest(options.Token.IsCancellationRequested ? 2 : model.StopTraining ? 1 : 0);
            if (told == 2) throw new OperationCanceledException(options.Token);
            return model.StopTraining = told == 1;
        }
    }
}
