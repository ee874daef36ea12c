using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Repeats each row n times: (batch, features) becomes (batch, n, features) (Keras <c>keras.layers.RepeatVector</c>).
/// </summary>
public class RepeatVector : Layer
{
    readonly int _n;

    /// <summary>Creates the layer.</summary>
    /// <param name="n">The number of repetitions, 1 or more.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public RepeatVector(int n, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(n, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RepeatVector(int n, LayerOptions options) : base(options)
    {
        if (n < 1) throw new ArgumentOutOfRangeException(nameof(n), $"RepeatVector needs n of 1 or more; given {n}.");
        _n = n;
    }

    /// <inheritdoc/>
    protected override int? InputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => K.Repeat(x, _n);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["n"] = _n;
        return config;
    }
}
