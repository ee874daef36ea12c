namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Places all values of a plan in one arena. Values that are never live at the same time share memory: the largest are
/// placed first, each at the lowest offset that is free during its lifetime.
/// </summary>
internal sealed class MemoryPlan
{
    /// <summary>Offsets are multiples of a cache line.</summary>
    const int Line = 16;

    readonly Dictionary<Tensor, int> _offsets = new(ReferenceEqualityComparer.Instance);

    readonly record struct Block(Tensor Tensor, int First, int Last, long Size);

    MemoryPlan()
    {
    }

    /// <summary>The arena's size in values.</summary>
    public int Size { get; private set; }

    public bool Contains(Tensor tensor) => _offsets.ContainsKey(tensor);

    public int OffsetOf(Tensor tensor) => _offsets[tensor];

    static long SizeOf(Tensor tensor, Bindings bindings) =>
        tensor.Op is Ops.MultiOp several ? several.Floats(tensor.Inputs, bindings)
            : tensor.Dims.Size.Evaluate(bindings);

    /// <exception cref="ArgumentException">The values are too many for one arena.</exception>
    public static MemoryPlan Of(Graph graph, Schedule schedule, Bindings bindings)
    {
        var lifetimes = new Dictionary<Tensor, (int First, int Last)>(ReferenceEqualityComparer.Instance);
        foreach (Tensor input in graph.Inputs) lifetimes[input] = (-1, -1);
        for (int i = 0; i < schedule.Steps.Count; i++)
        {
            foreach (Tensor output in schedule.Steps[i].Outputs)
                if (!schedule.InPlace.ContainsKey(output)) lifetimes[output] = (i, i);
            foreach (Tensor origin in schedule.Steps[i].Inputs.Select(Schedule.Origin))
                if (lifetimes.TryGetValue(origin, out (int First, int Last) life)) lifetimes[origin] = (life.First, i);
        }
        foreach (Tensor output in graph.Outputs)
            if (lifetimes.TryGetValue(output, out (int First, int Last) life))
                lifetimes[output] = (life.First, int.MaxValue);

        // Where ranks or devices exchange parts, the total takes the memory of the part, if nothing else needs the
        // part.
        var places = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < schedule.Steps.Count; i++)
        {
            if (schedule.Steps[i].Macro is not { Op: Ops.AcrossDevices } whole
                || !lifetimes.TryGetValue(whole, out (int First, int Last) held))
                continue;
            Tensor part = whole.Inputs[0];
            if (!lifetimes.TryGetValue(part, out (int First, int Last) life) || life.Last != i || life.First < 0)
                continue;
            lifetimes[part] = (life.First, held.Last);
            lifetimes.Remove(whole);
            places[whole] = part;
        }

        var plan = new MemoryPlan();
        var placed = new List<(Block Block, long Offset)>();
        Block[] blocks = [.. lifetimes
            .Select(l =>
                new Block(l.Key, l.Value.First, l.Value.Last, Counts.Batches(SizeOf(l.Key, bindings), Line) * Line))
            .OrderByDescending(b => b.Size).ThenBy(b => b.First).ThenBy(b => b.Tensor.Id)];
        foreach (Block block in blocks)
        {
            long offset = 0;
            foreach ((Block other, long at) in placed.Where(p => p.Block.First <= block.Last
                && block.First <= p.Block.Last).OrderBy(p => p.Offset))
            {
                if (at >= offset + block.Size) break;
                offset = Math.Max(offset, at + other.Size);
            }
            placed.Add((block, offset));
            if (offset + block.Size > Counts.Largest)
                throw new ArgumentException($"A step needs memory for at least {offset + block.Size} values at once, " +
                    $"the largest being {blocks[0].Tensor.Name} with {blocks[0].Size}; the limit is " +
                    $"{Counts.Largest}. Use a smaller batch.");
            plan._offsets[block.Tensor] = (int)offset;
            plan.Size = Math.Max(plan.Size, (int)(offset + block.Size));
        }
        foreach ((Tensor whole, Tensor part) in places) plan._offsets[whole] = plan._offsets[part];
        return plan;
    }
}
