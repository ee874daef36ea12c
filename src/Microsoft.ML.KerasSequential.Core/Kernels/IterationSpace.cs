using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The loops over a shape, with as few dimensions as its operands allow: neighboring dimensions that every operand
/// either follows or broadcasts over form one loop. Derived from symbolic sizes, so that it does not depend on the
/// batch size.
/// </summary>
internal sealed class IterationSpace
{
    /// <summary>
    /// A loop: its size, whether it is reduced away, and which operands follow it (the others broadcast).
    /// </summary>
    public readonly record struct Loop(Dim Size, bool Reduced, bool[] Follows);

    IterationSpace(List<Loop> loops) => Loops = loops;

    /// <summary>Outermost first; at least one.</summary>
    public IReadOnlyList<Loop> Loops { get; }

    /// <param name="space">The shape that is iterated over.</param>
    /// <param name="operands">Shapes that broadcast to it.</param>
    /// <param name="reduced">The reduced axes of the space.</param>
    /// <param name="keepLast">Whether to keep the last dimension as its own loop (the columns of an epilogue).</param>
    public static IterationSpace Of(Dims space, IReadOnlyList<Dims> operands, Axes? reduced = null,
        bool keepLast = false)
    {
        var loops = new List<Loop>();
        for (int axis = 0; axis < space.Rank; axis++)
        {
            bool last = keepLast && axis == space.Rank - 1;
            if (space[axis].IsOne && !last) continue;
            bool[] follows = [.. operands.Select(o =>
                axis >= space.Rank - o.Rank && (!o[axis - (space.Rank - o.Rank)].IsOne || space[axis].IsOne))];
            bool gone = reduced?.Contains(axis) ?? false;
            if (loops.Count > 0 && !last && loops[^1].Reduced == gone
                && loops[^1].Follows.AsSpan().SequenceEqual(follows))
                loops[^1] = loops[^1] with { Size = loops[^1].Size * space[axis] };
            else
                loops.Add(new(space[axis], gone, follows));
        }
        if (loops.Count == 0) loops.Add(new(1, false, [.. operands.Select(_ => true)]));
        return new(loops);
    }

    /// <summary>The stride of an operand along each loop; 0 where it broadcasts.</summary>
    public int[] Strides(int operand, int[] sizes) => Strides(sizes, loop => Loops[loop].Follows[operand]);

    /// <summary>The strides in an array that broadcasts along no loop.</summary>
    public static int[] Dense(int[] sizes) => Strides(sizes, _ => true);

    static int[] Strides(int[] sizes, Func<int, bool> follows)
    {
        int[] strides = new int[sizes.Length];
        int stride = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            if (!follows(i)) continue;
            strides[i] = stride;
            stride *= sizes[i];
        }
        return strides;
    }
}
