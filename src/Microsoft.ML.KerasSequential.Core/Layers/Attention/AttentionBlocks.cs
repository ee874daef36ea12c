using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Which keys a query attends to; all by default.</summary>
/// <param name="Queries">1 for queries that count, else 0 (batch, queries). One that does not attends to all.</param>
/// <param name="Keys">1 for keys that count, else 0 (batch, keys).</param>
/// <param name="Pairs">1 where a query may attend to a key, else 0; broadcasts to (batch, heads, queries,
/// keys).</param>
/// <param name="Causal">Whether a query attends only to keys up to its own position.</param>
/// <param name="Window">A query attends only to keys less than this many positions away; null for any.</param>
internal sealed record Visible(Tensor? Queries = null, Tensor? Keys = null, Tensor? Pairs = null, bool Causal = false,
    int? Window = null);

/// <summary>
/// softmax(scores)·values, for some queries at a time: all scores of long sequences are never in memory at once, in
/// training either, because the gradient of a loop computes the forward pass of each step again (the idea of Rabe and
/// Staats 2021, "Self-attention does not need O(n²) memory"). Memory is linear in the number of queries.
/// </summary>
internal static class AttentionBlocks
{
    /// <summary>What replaces the scores of keys that a query does not attend to.</summary>
    const double Hidden = -1e9;

    /// <param name="queries">(batch, heads, queries, size).</param>
    /// <param name="values">(batch, heads, keys, size).</param>
    /// <param name="scores">From (batch, heads, some queries, size) to (batch, heads, these, keys).</param>
    /// <param name="visible">Which keys a query attends to.</param>
    /// <param name="dropout">The fraction of the attention weights set to 0 in training.</param>
    /// <param name="seed">The seed of the dropout.</param>
    /// <param name="whole">Up to this many queries, one block is faster and small enough.</param>
    /// <param name="largest">The most queries in one of several blocks.</param>
    /// <returns>(batch, heads, queries, size of values).</returns>
    public static Tensor Attend(Tensor queries, Tensor values, Func<Tensor, Tensor> scores, Visible visible,
        double dropout, int? seed, int whole = 512, int largest = 128)
    {
        DropoutMask? mask = null;
        if (dropout > 0 && K.LearningPhase())
            mask = new(queries.Dims, TraceScope.NextRandomKey(seed), (float)dropout);
        return queries.Dims[2].Constant is int count && count > whole ? InBlocks(count)
            : Block(queries, Positions(queries.Dims[2]), visible.Queries, visible.Pairs, null);

        Tensor InBlocks(int count)
        {
            int blocks = (count + largest - 1) / largest, rows = (count + blocks - 1) / blocks;
            List<Tensor> read = [Rows(queries, 2), K.Reshape(K.Arange(blocks * rows), blocks, rows), K.Arange(blocks)];
            if (visible.Queries is not null) read.Add(Rows(visible.Queries, 1));
            bool cutsPairs = visible.Pairs is { } pairs && !pairs.Dims[2].IsOne;
            if (cutsPairs) read.Add(Rows(visible.Pairs!, 2));
            Tensor blocked = K.Map(places => Block(places[0], places[1], visible.Queries is null ? null : places[3],
                cutsPairs ? places[^1] : visible.Pairs, places[2]), [.. read]);
            Tensor inOrder = K.PermuteDimensions(blocked, 1, 2, 0, 3, 4);
            Dims dims = inOrder.Dims;
            return K.Slice(Reshaped(inOrder, dims[0], dims[1], blocks * rows, dims[4]), 2, 0, count);

            // Cuts an axis into blocks, which become the first dimension.
            Tensor Rows(Tensor x, int axis)
            {
                Tensor full = blocks * rows == count ? x : new Tensor(new Pad(axis, 0, blocks * rows), x);
                Tensor cut = Reshaped(full, [.. x.Dims.Take(axis), blocks, rows, .. x.Dims.Skip(axis + 1)]);
                return K.PermuteDimensions(cut,
                    [axis, .. Enumerable.Range(0, cut.Rank).Where(i => i != axis)]);
            }
        }

        Tensor Block(Tensor some, Tensor positions, Tensor? counting, Tensor? pairs, Tensor? index)
        {
            Tensor all = scores(some);
            if (Seen(positions, counting, pairs, all.Dims) is { } seen) all = K.Where(seen, all, Hidden);
            Tensor weights = K.Softmax(all);
            if (mask is not null)
                weights *= new Tensor(mask with { Dims = all.Dims }, index is null ? [] : [index]);
            return new Tensor(new BatchMatMul(false, false), weights, values);
        }

        Tensor? Seen(Tensor positions, Tensor? counting, Tensor? pairs, Dims dims)
        {
            Dim rows = dims[2], keys = dims[3];
            Tensor? seen = visible.Keys is { } k ? Reshaped(k, k.Dims[0], 1, 1, keys) : null;
            void And(Tensor more) => seen = seen is null ? more : seen * more;
            if (counting is not null) And(Reshaped(counting, counting.Dims[0], 1, rows, 1));
            if (pairs is not null) And(pairs);
            if (visible.Causal || visible.Window is not null)
            {
                Tensor ahead = Reshaped(Positions(keys), 1, keys) - Reshaped(positions, rows, 1);
                if (visible.Causal) And(K.LessEqual(ahead, 0));
                if (visible.Window is int window) And(K.Less(K.Abs(ahead), window));
            }
            return seen is null ? null : new Tensor(new BroadcastTo(dims), seen);
        }
    }

    /// <summary>The numbers from 0 for a size that may be free.</summary>
    static Tensor Positions(Dim count) => count.Constant is int known ? K.Arange(known)
        : K.Cumsum(new Tensor(new BroadcastTo(new(count)), K.Scalar(1))) - 1;

    static Tensor Reshaped(Tensor x, params Dim[] dims) => new(new Ops.Reshape(new(dims)), x);
}
