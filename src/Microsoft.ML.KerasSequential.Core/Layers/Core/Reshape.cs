using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Reshapes each sample (Keras <c>keras.layers.Reshape</c>).</summary>
public class Reshape : Layer
{
    readonly int[] _targetShape;

    /// <summary>Creates the layer.</summary>
    /// <param name="targetShape">The shape without the batch; one size may be −1, to be inferred.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Reshape(int[] targetShape, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(targetShape, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Reshape(int[] targetShape, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(targetShape);
        if (targetShape.Any(d => d is 0 or < -1))
            throw new ArgumentException("The sizes of a target shape must be 1 or more, or -1 once; given " +
                $"{Shape.Format(targetShape)}.", nameof(targetShape));
        if (targetShape.Count(d => d == -1) > 1)
            throw new ArgumentException($"Can only specify one unknown dimension; given {Shape.Format(targetShape)}.",
                nameof(targetShape));
        _targetShape = (int[])targetShape.Clone();
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Dim?[] sizes = [x.Dims[0], .. _targetShape.Select(d => d == -1 ? (Dim?)null : d)];
        return K.ReshapeTo(x, sizes);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["target_shape"] = Saving.Config.Sizes(_targetShape);
        return config;
    }
}
