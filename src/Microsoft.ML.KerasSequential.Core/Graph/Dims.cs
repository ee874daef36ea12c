using System.Collections;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>The symbolic shape of a tensor in the graph.</summary>
internal sealed class Dims(params Dim[] dims) : IReadOnlyList<Dim>, IEquatable<Dims>
{
    readonly Dim[] _dims = dims;

    public static Dims Scalar { get; } = new();

    public int Rank => _dims.Length;

    public int Count => _dims.Length;

    public Dim this[int index] => (uint)index < (uint)_dims.Length ? _dims[index]
        : throw new ArgumentException($"A tensor of shape {ToShape()} has no dimension {index}.", nameof(index));

    public Dim Last => this[Rank - 1];

    /// <summary>The number of elements.</summary>
    public Dim Size => Product(0, Rank);

    public static Dims Of(Shape shape) =>
        new([.. shape.Select((d, i) => d ?? Dim.Free(i == 0 ? Symbol.Batch : new Symbol("?")))]);

    public Dim Product(int start, int end)
    {
        if (end > Rank)
            throw new ArgumentException($"A tensor of shape {ToShape()} has no dimension {end - 1}.", nameof(end));
        try
        {
            Dim product = 1;
            for (int i = start; i < end; i++) product *= _dims[i];
            return product;
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"A tensor cannot have the shape {ToShape()}: {e.Message}", e);
        }
    }

    public Dims With(int axis, Dim dim)
    {
        var copy = (Dim[])_dims.Clone();
        copy[axis] = dim;
        return new(copy);
    }

    public Dims Without(int axis) => new([.. _dims.Where((_, i) => i != axis)]);

    /// <summary>
    /// The shape that both shapes broadcast to, by NumPy's rules; null if they are incompatible. A free size may turn
    /// out equal to the other: <see cref="SizeCheck"/> verifies that when sizes are bound.
    /// </summary>
    public static Dims? Broadcast(Dims a, Dims b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        var result = new Dim[rank];
        for (int i = 0; i < rank; i++)
        {
            Dim x = i < rank - a.Rank ? 1 : a[i - (rank - a.Rank)];
            Dim y = i < rank - b.Rank ? 1 : b[i - (rank - b.Rank)];
            if (x == y || y.IsOne) result[i] = x;
            else if (x.IsOne) result[i] = y;
            else if (Dim.MayEqual(x, y)) result[i] = x.Constant is null ? x : y;
            else return null;
        }
        return new(result);
    }

    /// <summary>Whether two shapes are equal, or may be once free sizes are known.</summary>
    public static bool MayEqual(Dims a, Dims b) =>
        a.Rank == b.Rank && a.Zip(b).All(pair => Dim.MayEqual(pair.First, pair.Second));

    /// <summary>
    /// Normalizes an axis that may be negative (counted from the end); the error for one out of range shows the
    /// caller's value.
    /// </summary>
    public int Axis(int axis)
    {
        int positive = axis < 0 ? axis + Rank : axis;
        return positive >= 0 && positive < Rank ? positive
            : throw new ArgumentException($"Axis {axis} is out of range for a tensor of shape {ToShape()}.",
                nameof(axis));
    }

    public int[] Evaluate(Bindings bindings) => [.. _dims.Select(d => d.Evaluate(bindings))];

    public Shape ToShape() => new([.. _dims.Select(d => d.Constant)]);

    public bool Equals(Dims? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    public override bool Equals(object? obj) => Equals(obj as Dims);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Dim dim in _dims) hash.Add(dim);
        return hash.ToHashCode();
    }

    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)_dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"({string.Join(", ", _dims)})";
}
