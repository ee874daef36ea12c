using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Merges several tensors into one (the base class of Keras' merge layers). A Sequential passes one tensor from layer
/// to layer, so merges belong where branches meet: in <see cref="Branches"/>, <see cref="Residual"/>, or in layers of
/// your own.
/// </summary>
public abstract class Merge : Layer
{
    static readonly NameRegistry<Func<Merge>> s_known = new("merge")
    {
        ["add"] = () => new Add(),
        ["sum"] = () => new Add(),
        ["subtract"] = () => new Subtract(),
        ["multiply"] = () => new Multiply(),
        ["mul"] = () => new Multiply(),
        ["average"] = () => new Average(),
        ["ave"] = () => new Average(),
        ["maximum"] = () => new Maximum(),
        ["max"] = () => new Maximum(),
        ["minimum"] = () => new Minimum(),
        ["min"] = () => new Minimum(),
        ["concatenate"] = () => new Concatenate(),
        ["concat"] = () => new Concatenate(),
        ["dot"] = () => new Dot(-1),
    };

    private protected Merge(LayerOptions options) : base(options)
    {
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <summary>The minimum number of tensors.</summary>
    private protected virtual int MinInputs => 2;

    /// <summary>The maximum number of tensors.</summary>
    private protected virtual int MaxInputs => int.MaxValue;

    /// <summary>Gets a merge by the name of its Keras function, such as <c>add</c> or <c>concatenate</c>.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Merge(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_known.Get(name, nameof(name))();
    }

    /// <summary>Merges tensors.</summary>
    /// <param name="inputs">The tensors, batch first.</param>
    /// <returns>One tensor.</returns>
    /// <exception cref="ArgumentException">Their number or their shapes are invalid.</exception>
    public Tensor Call(IReadOnlyList<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count < MinInputs || inputs.Count > MaxInputs)
            throw new ArgumentException($"A {ClassName} layer should be called on " +
                $"{(MinInputs == MaxInputs ? $"exactly {MinInputs}" : $"at least {MinInputs}")} inputs. Got " +
                $"{inputs.Count} inputs.", nameof(inputs));
        if (inputs.Contains(null!))
            throw new ArgumentException($"An input of the {ClassName} layer {Name} is null.", nameof(inputs));
        using IDisposable scope = TraceScope.Name(Name, policy: DtypePolicy);
        return Merged(inputs);
    }

    /// <summary>A merge takes several tensors.</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>Nothing.</returns>
    /// <exception cref="ArgumentException">Always.</exception>
    public sealed override Tensor Call(Tensor x) =>
        throw new ArgumentException($"A merge layer should be called on a list of inputs; layer {Name} got one. Use " +
            "it where branches meet: in a Branches or a Residual layer.", nameof(x));

    /// <summary>The mask of the result: a step counts if it counts in all inputs that have a mask.</summary>
    /// <param name="inputs">The tensors.</param>
    /// <param name="masks">Their masks, or null where there is none.</param>
    /// <returns>The mask, or null.</returns>
    public virtual Tensor? ComputeMask(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?> masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        return masks.OfType<Tensor>().Distinct()
            .Aggregate((Tensor?)null, (all, mask) => all is null ? mask : all * mask);
    }

    private protected abstract Tensor Merged(IReadOnlyList<Tensor> inputs);
}
