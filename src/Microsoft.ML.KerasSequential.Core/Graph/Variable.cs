using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>A tensor that keeps its value between runs: a weight, an optimizer slot, a metric's state.</summary>
public sealed class Variable : Tensor
{
    static long s_keys;

    internal Variable(string name, int[] shape, bool trainable = false, ValueFormat format = ValueFormat.Float32)
        : base(new ReadVariable(new Dims([.. shape.Select(d => (Dim)d)]), Interlocked.Increment(ref s_keys), format))
    {
        Name = name;
        Trainable = trainable;
        _shape = shape;
        Size = SizeOf(name, shape);
        Storage = new Storage(format.Words(Size));
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
    /// Waits until no step of the model is using the value. A thread that already has a turn, in a step or a trace,
    /// does not wait: two models that share a metric or an optimizer would deadlock.
    /// </summary>
    /// <returns>The turn, which ends when it is disposed.</returns>
    internal ModelGate.Turn Enter() => Gate is { } gate && !ModelGate.IsInside ? gate.Enter() : default;

    /// <summary>The value in CPU memory, which may be older than a device's: see <see cref="Fetch"/>.</summary>
    internal Storage Storage { get; }

    /// <summary>Grows with each change of the value; copies compare it to detect that they are stale.</summary>
    internal long Version { get; private set; }

    /// <summary>The number of changes made here rather than by a plan.</summary>
    internal long Rewrites { get; private set; }

    /// <summary>
    /// The value, to be read at once; call <c>GC.KeepAlive</c> after the read. A packed value is copied.
    /// </summary>
    internal ReadOnlySpan<float> Values
    {
        get
        {
            Fetch();
            return Format == ValueFormat.Float32 ? Storage.Span : Unpack();
        }
    }

    unsafe float[] Unpack()
    {
        float[] values = new float[Size];
        if (Size > 0) Format.Unpack(Storage.Pointer, 0, values);
        return values;
    }

    /// <summary>The value of a variable that is not packed, to be overwritten at once and completely.</summary>
    internal Span<float> Rewrite()
    {
        if (Format != ValueFormat.Float32)
            throw new InvalidOperationException($"The values of {Name} are stored as {Format}: use Write.");
        MarkRewritten();
        return Storage.Span;
    }

    /// <summary>Overwrites the value; if it is packed, values are rounded.</summary>
    internal unsafe void Write(ReadOnlySpan<float> values)
    {
        MarkRewritten();
        if (Size > 0) Format.Pack(values, Storage.Pointer);
        GC.KeepAlive(Storage);
    }

    /// <summary>Overwrites the value with what a function writes to a span; if it is packed, values are
    /// rounded.</summary>
    internal void Write(Filler fill)
    {
        if (Format == ValueFormat.Float32)
        {
            fill(Rewrite());
            GC.KeepAlive(Storage);
            return;
        }
        float[] values = new float[Size];
        fill(values);
        Write(values);
    }

    /// <summary>Writes all values of a span.</summary>
    internal delegate void Filler(Span<float> values);

    void MarkRewritten()
    {
        _newer = null;
        Version++;
        Rewrites++;
    }

    /// <summary>A plan on the CPU wrote the value.</summary>
    internal void Changed() => Version++;

    /// <summary>A plan on a device wrote the value, which stays in that memory until it is fetched.</summary>
    internal void ChangedIn(IReplica replica)
    {
        _newer = replica;
        Version++;
    }

    /// <summary>Copies the newest value to CPU memory.</summary>
    /// <exception cref="DeviceException">
    /// The device that holds it does not respond; the value reverts to the one last fetched.
    /// </exception>
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
            // What remains is the older value; copies must take it from here.
            Version++;
            throw;
        }
    }

    /// <summary>Whether training may change it; a layer's <c>Trainable</c> can override it.</summary>
    public bool Trainable { get; internal set; }

    /// <summary>The penalty on its values that is added to the loss, or null.</summary>
    public Regularizers.Regularizer? Regularizer { get; internal set; }

    /// <summary>The constraint applied after each update, or null.</summary>
    public Constraints.Constraint? Constraint { get; internal set; }

    /// <summary>The number of values.</summary>
    public int Size { get; }

    /// <summary>
    /// A copy of the current value (Keras' <c>K.get_value</c>). While a model is trained on another thread, it is the
    /// value between two steps; <see cref="Layers.Layer.GetWeights"/> returns a consistent copy of all weights.
    /// </summary>
    /// <returns>A new array of the variable's shape.</returns>
    public NDArray GetValue()
    {
        using ModelGate.Turn turn = Enter();
        var value = new NDArray(Values.ToArray(), _shape);
        // The span is a mere address: the garbage collector must not free the memory while it is read.
        GC.KeepAlive(Storage);
        return value;
    }

    /// <summary>
    /// Replaces the value (Keras' <c>K.set_value</c>); while a model is trained on another thread, between two of its
    /// steps.
    /// </summary>
    /// <param name="value">An array of the variable's shape.</param>
    /// <exception cref="ArgumentException">
    /// The shape differs, or the variable holds integers and a value is not one.
    /// </exception>
    public void SetValue(NDArray value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.Shape.SequenceEqual(_shape))
            throw new ArgumentException($"The variable {Name} has shape {KerasSequential.Shape.Format(_shape)}, but " +
                $"the given value has shape {KerasSequential.Shape.Format(value.Shape)}.", nameof(value));
        if (Format != ValueFormat.Float32) CheckHeld(value);
        using ModelGate.Turn turn = Enter();
        Write(value.Span);
    }

    void CheckHeld(NDArray value)
    {
        foreach (float number in value.Span)
        {
            if (!Format.Holds(number))
                throw new ArgumentException($"The variable {Name} holds integers from -128 to 127; the given value " +
                    $"contains {number}.", nameof(value));
        }
    }

    internal ReadOnlySpan<int> Sizes => _shape;
}
