using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A symbolic array that layers, losses, metrics and lambdas work on. Operators and <see cref="K"/> build new ones;
/// nothing is computed until a plan made from them runs.
/// </summary>
public class Tensor
{
    static long s_count;

    internal Tensor(Op op, params Tensor[] inputs) : this(op, op.Infer(inputs), inputs)
    {
    }

    internal Tensor(Op op, Dims dims, Tensor[] inputs)
    {
        Op = op;
        Inputs = Readable(op, inputs);
        Dims = dims;
        Format = op.FormatOf(Inputs);
        Id = Interlocked.Increment(ref s_count);
        Name = TraceScope.NameOf(op);
    }

    internal Op Op { get; }

    internal Tensor[] Inputs { get; }

    internal Dims Dims { get; }

    /// <summary>How the values are stored.</summary>
    internal ValueFormat Format { get; }

    /// <summary>What the tensor represents under a name that other frameworks know, if there is one.</summary>
    internal Meaning? Meaning { get; private set; }

    /// <summary>Names what this tensor, the last of several operations, represents as a whole.</summary>
    internal Tensor Called(Composite composite, params Tensor[] inputs)
    {
        Meaning = new(composite, inputs);
        return this;
    }

    /// <summary>Grows with creation, so inputs have smaller ids than tensors computed from them.</summary>
    internal long Id { get; }

    /// <summary>The origin of the tensor: the traced layer, a slash, the operation.</summary>
    public string Name { get; internal set; }

    /// <summary>The sizes, batch first; <see langword="null"/> for a free size.</summary>
    public Shape Shape => Dims.ToShape();

    /// <summary>The number of dimensions.</summary>
    public int Rank => Dims.Rank;

    /// <summary>Elementwise sum, with broadcasting.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator +(Tensor a, Tensor b) => K.Add(a, b);

    /// <summary>Elementwise difference, with broadcasting.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator -(Tensor a, Tensor b) => K.Subtract(a, b);

    /// <summary>Elementwise product, with broadcasting.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator *(Tensor a, Tensor b) => K.Multiply(a, b);

    /// <summary>Elementwise quotient, with broadcasting.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator /(Tensor a, Tensor b) => K.Divide(a, b);

    /// <summary>Elementwise negation.</summary>
    /// <param name="a">The operand.</param>
    public static Tensor operator -(Tensor a) => K.Negative(a);

    /// <summary>1 where a &gt; b, else 0.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator >(Tensor a, Tensor b) => K.Greater(a, b);

    /// <summary>1 where a &lt; b, else 0.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator <(Tensor a, Tensor b) => K.Less(a, b);

    /// <summary>1 where a ≥ b, else 0.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator >=(Tensor a, Tensor b) => K.GreaterEqual(a, b);

    /// <summary>1 where a ≤ b, else 0.</summary>
    /// <param name="a">The first operand.</param>
    /// <param name="b">The second operand.</param>
    public static Tensor operator <=(Tensor a, Tensor b) => K.LessEqual(a, b);

    /// <summary>Converts a number to a tensor without dimensions.</summary>
    /// <param name="value">The number, rounded to float32.</param>
    public static implicit operator Tensor(double value) => K.Scalar(value);

    /// <summary>Unpacks the inputs that the kernels of an op do not read as they are stored.</summary>
    static Tensor[] Readable(Op op, Tensor[] inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (!op.Reads(i, inputs[i].Format))
                return [.. inputs.Select((t, n) => op.Reads(n, t.Format) ? t : t.Unpacked())];
        return inputs;
    }

    /// <summary>The tensor in float32.</summary>
    internal Tensor Unpacked() => Format == ValueFormat.Float32 ? this : new(new Unpack(), this);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Shape}";
}
