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
        Storage = new Storage(SizeOf(name, shape));
    }

    static int SizeOf(string name, int[] shape)
    {
        try
        {
            return Counts.Values(shape);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"{name}: {e.Message}", nameof(shape), e);
        }
    }

    readonly int[] _shape;
    IReplica? _newer;

    /// <summary>The gate of the model that writes the variable, once there is one.</summary>
    internal ModelGate? Gate { get; set; }

    /// <summary>
    /// Waits until no step of the model is at work on the value. Who has a turn already, in a step or a trace, does not:
    /// two models that share a metric or an optimizer would wait for each other for ever.
    /// </summary>
    /// <returns>The turn, which ends when it is disposed.</returns>
    internal ModelGate.Turn Enter() => Gate is { } gate && !ModelGate.IsInside ? gate.Enter() : default;

    /// <summary>The value in the processor's memory, which may be older than a device's: see <see cref="Fetch"/>.</summary>
    internal Storage Storage { get; }

    /// <summary>Grows with each change of the value, by which copies know that they are old.</summary>
    internal long Version { get; private set; }

    /// <summary>How many of the changes were made here, and not by a plan.</summary>
    internal long Rewrites { get; private set; }

    /// <summary>The value, to be read at once; <c>GC.KeepAlive</c> belongs behind the reading.</summary>
    internal ReadOnlySpan<float> Values
    {
        get
        {
            Fetch();
            return Storage.Span;
        }
    }

    /// <summary>The value, to be written at once and as a whole.</summary>
    internal Span<float> Rewrite()
    {
        _newer = null;
        Version++;
        Rewrites++;
        return Storage.Span;
    }

    /// <summary>A plan on the processor wrote the value.</summary>
    internal void Changed() => Version++;

    /// <summary>A plan on a device wrote the value: that memory holds it until it is fetched.</summary>
    internal void ChangedIn(IReplica replica)
    {
        _newer = replica;
        Version++;
    }

    /// <summary>Brings the newest value into the processor's memory.</summary>
    /// <exception cref="DeviceException">The device that holds it does not answer; the value is now what it was when it was last fetched.</exception>
    internal void Fetch()
    {
        if (_newer is not { } replica) return;
        _newer = null;
        try
        {
            replica.CopyTo(Storage);
        }
        catch
        {
            // What is left is the older value; copies have to take it from here.
            Version++;
            throw;
        }
    }

    /// <summary>Whether training may change it; a layer's <c>Trainable</c> can forbid it all the same.</summary>
    public bool Trainable { get; internal set; }

    /// <summary>The penalty on its values that is added to the loss, or null.</summary>
    public Regularizers.Regularizer? Regularizer { get; internal set; }

    /// <summary>The rule that its values are brought back to after each update, or null.</summary>
    public Constraints.Constraint? Constraint { get; internal set; }

    /// <summary>The number of values.</summary>
    public int Size => Storage.Length;

    /// <summary>
    /// A copy of the current value (Keras' <c>K.get_value</c>). While a model is trained on another thread, it is the value
    /// between two steps; <see cref="Layers.Layer.GetWeights"/> gives all weights of one moment.
    /// </summary>
    /// <returns>A new array of the variable's shape.</returns>
    public NDArray GetValue()
    {
        using ModelGate.Turn turn = Enter();
        var value = new NDArray(Values.ToArray(), _shape);
        // The span is an address alone: the collector must not free the memory while it is read.
        GC.KeepAlive(Storage);
        return value;
    }

    /// <summary>
    /// Replaces the value (Keras' <c>K.set_value</c>); while a model is trained on another thread, between two of its steps.
    /// </summary>
    /// <param name="value">An array of the variable's shape.</param>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public void SetValue(NDArray value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.Shape.SequenceEqual(_shape))
            throw new ArgumentException($"The variable {Name} has shape {KerasSequential.Shape.Format(_shape)}, but the value given has shape {KerasSequential.Shape.Format(value.Shape)}.", nameof(value));
        using ModelGate.Turn turn = Enter();
        value.Span.CopyTo(Rewrite());
        GC.KeepAlive(Storage);
    }

    internal ReadOnlySpan<int> Sizes => _shape;
}
