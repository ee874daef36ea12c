using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>A tensor that keeps its value between runs: a weight, an optimizer's slot, a metric's state.</summary>
public sealed class Variable : Tensor
{
    static long s_keys;

    internal Variable(string name, int[] shape, bool trainable = false)
        : base(new ReadVariable(new Dims([.. shape.Select(d => (Dim)d)]), Interlocked.Increment(ref s_keys)))
    {
        Name = name;
        Trainable = trainable;
        _shape = shape;
        Storage = new Storage(shape.Aggregate(1, (size, d) => checked(size * d)));
    }

    readonly int[] _shape;

    internal Storage Storage { get; }

    /// <summary>Grows with each change of the value, by which copies know that they are old.</summary>
    internal long Version { get; set; }

    /// <summary>Whether training may change it; a layer's <c>Trainable</c> can forbid it all the same.</summary>
    public bool Trainable { get; internal set; }

    /// <summary>The penalty on its values that is added to the loss, or null.</summary>
    public Regularizers.Regularizer? Regularizer { get; internal set; }

    /// <summary>The rule that its values are brought back to after each update, or null.</summary>
    public Constraints.Constraint? Constraint { get; internal set; }

    /// <summary>The number of values.</summary>
    public int Size => Storage.Length;

    /// <summary>A copy of the current value (Keras' <c>K.get_value</c>).</summary>
    /// <returns>A new array of the variable's shape.</returns>
    public NDArray GetValue()
    {
        var value = new NDArray(Storage.Span.ToArray(), _shape);
        // The span is an address alone: the collector must not free the memory while it is read.
        GC.KeepAlive(Storage);
        return value;
    }

    /// <summary>Replaces the value (Keras' <c>K.set_value</c>).</summary>
    /// <param name="value">An array of the variable's shape.</param>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public void SetValue(NDArray value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.Shape.SequenceEqual(_shape))
            throw new ArgumentException($"The variable {Name} has shape {KerasSequential.Shape.Format(_shape)}, but the value given has shape {KerasSequential.Shape.Format(value.Shape)}.", nameof(value));
        value.Span.CopyTo(Storage.Span);
        Version++;
        GC.KeepAlive(Storage);
    }

    internal ReadOnlySpan<int> Sizes => _shape;
}
