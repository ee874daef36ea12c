namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// What a node of the graph computes, with its attributes and without its inputs. Ops are records: two nodes with equal
/// ops and the same inputs are the same node (<see cref="Simplify"/>). An op knows its shape rule but no device.
/// </summary>
internal abstract record Op
{
    /// <summary>The op's standard name, shown in plans and error messages.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The output's shape; throws <see cref="ArgumentException"/> if the inputs are incompatible.</summary>
    public abstract Dims Infer(IReadOnlyList<Tensor> inputs);

    /// <summary>Whether the output is the input's memory, read with another shape.</summary>
    public virtual bool IsView => false;

    /// <summary>Whether the value is not computed but exists before the plan runs.</summary>
    public virtual bool IsSource => false;

    /// <summary>How the output is stored.</summary>
    public virtual ValueFormat FormatOf(IReadOnlyList<Tensor> inputs) => ValueFormat.Float32;

    /// <summary>Whether the op's kernels read an input that is stored in a format.</summary>
    public virtual bool Reads(int input, ValueFormat format) => format == ValueFormat.Float32;
}

/// <summary>States why an op has no gradient: comparisons, indices, random numbers.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field)]
internal sealed class NoGradientAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}

/// <summary>A list of axes with value equality, so that ops that hold one stay comparable.</summary>
internal sealed class Axes(params int[] values) : IEquatable<Axes>
{
    public IReadOnlyList<int> Values { get; } = values;

    public int Count => Values.Count;

    public int this[int index] => Values[index];

    public bool Contains(int axis) => Values.Contains(axis);

    public bool Equals(Axes? other) => other is not null && Values.SequenceEqual(other.Values);

    public override bool Equals(object? obj) => Equals(obj as Axes);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int value in Values) hash.Add(value);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", Values)}]";
}
