using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Concatenates tensors along one dimension (Keras <c>keras.layers.Concatenate</c>).</summary>
public class Concatenate : Merge
{
    readonly int _axis;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The dimension, other than the batch.</param>
    /// <param name="name">The layer's name.</param>
    public Concatenate(int axis = -1, string? name = null) : this(axis, new LayerOptions(name))
    {
    }

    internal Concatenate(int axis, LayerOptions options) : base(options)
    {
        if (axis == 0)
            throw new ArgumentException("Samples cannot be concatenated: axis 0 is the batch.", nameof(axis));
        _axis = axis;
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?> masks)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(masks);
        if (inputs.Count != masks.Count || inputs.Contains(null!))
            throw new ArgumentException($"Layer {Name} needs one mask, or null, per input; given {masks.Count} for " +
                $"{inputs.Count}.", nameof(masks));
        if (masks.All(m => m is null)) return null;
        int axis = inputs[0].Dims.Axis(_axis);
        // Along the time steps, masks are concatenated too; along the values, a step counts if it counts everywhere.
        return axis == 1 ? K.Concatenate([.. masks.Select((m, i) => m ?? Ones(inputs[i]))], 1)
            : base.ComputeMask(inputs, masks);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis;
        return config;
    }

    private protected override Tensor Merged(IReadOnlyList<Tensor> inputs) => K.Concatenate(inputs, _axis);

    static Tensor Ones(Tensor x) => new(new Ops.BroadcastTo(new(x.Dims[0], x.Dims[1])), K.Scalar(1));
}
