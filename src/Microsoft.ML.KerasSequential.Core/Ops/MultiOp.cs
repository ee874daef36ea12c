using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// An op with several results, stored one after another in its memory; a <see cref="Part"/> reads one.
/// </summary>
internal abstract record MultiOp : Op
{
    /// <summary>Blocks are aligned to cache lines.</summary>
    const int Line = 16;

    /// <summary>
    /// Consecutive values of equal size, one per slot: the steps of a sequence plus <paramref name="More"/>.
    /// </summary>
    public readonly record struct Block(Dims Value, Dim Slots, int More = 0)
    {
        public long Floats(Bindings bindings) =>
            Counts.Batches((long)Value.Size.Evaluate(bindings) * (Slots.Evaluate(bindings) + (long)More), Line) * Line;
    }

    /// <summary>
    /// A result: a block starting at one of its slots. Results may overlap, since they are only read.
    /// </summary>
    public readonly record struct View(int Block, Dims Dims, Func<Bindings, int> FirstSlot);

    /// <summary>The blocks of the memory, and the results in it.</summary>
    public sealed record Layout(IReadOnlyList<Block> Blocks, IReadOnlyList<View> Views);

    public abstract Layout LayoutOf(IReadOnlyList<Tensor> inputs);

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => LayoutOf(inputs).Views[0].Dims;

    /// <summary>The size of the memory.</summary>
    /// <exception cref="ArgumentException">It is too large.</exception>
    public int Floats(IReadOnlyList<Tensor> inputs, Bindings bindings)
    {
        long all = LayoutOf(inputs).Blocks.Sum(b => b.Floats(bindings));
        return all <= Counts.Largest ? (int)all : throw new ArgumentException($"{Name} over the steps of a sequence " +
            $"needs memory for {all} values; the limit is {Counts.Largest}. Use a smaller batch.");
    }

    /// <summary>Where a block starts.</summary>
    public int BlockOffset(IReadOnlyList<Tensor> inputs, int block, Bindings bindings) =>
        BlockOffset(LayoutOf(inputs), block, bindings);

    /// <summary>Where a result starts.</summary>
    public int Offset(IReadOnlyList<Tensor> inputs, int view, Bindings bindings)
    {
        Layout layout = LayoutOf(inputs);
        View wanted = layout.Views[view];
        return BlockOffset(layout, wanted.Block, bindings)
            + wanted.FirstSlot(bindings) * layout.Blocks[wanted.Block].Value.Size.Evaluate(bindings);
    }

    static int BlockOffset(Layout layout, int block, Bindings bindings) =>
        (int)layout.Blocks.Take(block).Sum(b => b.Floats(bindings));
}

/// <summary>One result of a <see cref="MultiOp"/>, read in place.</summary>
internal sealed record Part(int Index) : Op
{
    public override bool IsView => true;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        ((MultiOp)inputs[0].Op).LayoutOf(inputs[0].Inputs).Views[Index].Dims;
}
