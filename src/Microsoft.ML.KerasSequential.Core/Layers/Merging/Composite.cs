namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Layers on several paths from one input to one output (the base class of <see cref="Branches"/> and
/// <see cref="Residual"/>).
/// </summary>
public abstract class Composite : Layer
{
    private protected Composite(IReadOnlyList<Layer> layers, Merge merge, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Layers = [.. layers.Select(Track)];
        Merge = Track(merge);
    }

    /// <summary>The layers: one per branch, or in sequence.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>How the outputs of the paths are merged.</summary>
    public Merge Merge { get; }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Apply(new Masked(x, mask)).Value;
    }

    /// <summary>The merged outputs, with the merged masks.</summary>
    private protected Masked Merged(IReadOnlyList<Masked> outputs)
    {
        Tensor[] values = [.. outputs.Select(o => o.Value)];
        return new(Merge.Call(values), Merge.ComputeMask(values, [.. outputs.Select(o => o.Mask)]));
    }
}
