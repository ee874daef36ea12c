using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// The flags that kernels raise for invalid indices: one slot each, which is 0 or such an index. In the order of the
/// plan, they are raised before any variable is written.
/// </summary>
internal sealed class IndexGuard
{
    readonly IndexUse[] _uses;
    readonly Dictionary<Tensor, int> _slots = new(ReferenceEqualityComparer.Instance);

    public IndexGuard(Schedule schedule)
    {
        _uses = [.. schedule.Watched];
        for (int i = 0; i < _uses.Length; i++) _slots[_uses[i].Node] = i;
    }

    /// <summary>The flags; one more than there are uses, for those that nobody checks.</summary>
    public int Count => _uses.Length + 1;

    /// <summary>Whether there is anything to check.</summary>
    public bool IsNeeded => _uses.Length > 0;

    /// <summary>The flag of an operation.</summary>
    public int SlotOf(Tensor node) => _slots.GetValueOrDefault(node, _uses.Length);

    /// <summary>Whether one of these flags is raised.</summary>
    public bool IsRaised(ReadOnlySpan<float> flags) => flags[.._uses.Length].ContainsAnyExcept(0f);

    /// <summary>The error message for flags.</summary>
    public ArgumentException Complaint(ReadOnlySpan<float> flags, Bindings bindings)
    {
        int raised = flags[.._uses.Length].IndexOfAnyExcept(0f);
        IndexUse use = _uses[Math.Max(0, raised)];
        return new(use.Complaint("indices", raised < 0 ? null : flags[raised], use.Count.Evaluate(bindings)));
    }
}

/// <summary>Checks the flags before anything is written. An error on one rank stops all.</summary>
internal sealed unsafe class IndexGuardLaunch(IndexGuard guard, float* flags, Bindings bindings, Distribution? ranks)
    : Launch
{
    public override bool Begins()
    {
        var raised = new Span<float>(flags, guard.Count);
        bool stops = guard.IsRaised(raised);
        if (ranks is not null) stops = ranks.Largest(stops ? 1 : 0) > 0;
        if (!stops) return false;
        ArgumentException complaint = guard.Complaint(raised, bindings);
        raised.Clear();
        throw complaint;
    }

    public override void Run(int chunk, float* scratch)
    {
    }
}
