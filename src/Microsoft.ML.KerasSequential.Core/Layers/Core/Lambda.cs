using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Wraps a function of symbolic tensors as a layer (Keras <c>keras.layers.Lambda</c>); its gradient is derived. Keras'
/// <c>output_shape</c> is not needed, because it is inferred, nor are its <c>arguments</c>, because a lambda captures
/// what it uses.
/// </summary>
public class Lambda : Layer
{
    readonly Func<Tensor, Tensor> _function;
    readonly Func<Tensor, Tensor?, Tensor?>? _mask;

    /// <summary>Creates the layer.</summary>
    /// <param name="function">The function, built from operators and <see cref="K"/>.</param>
    /// <param name="mask">
    /// Computes the output's mask from the input and its mask; without it, the output has no mask.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Lambda(Func<Tensor, Tensor> function, Func<Tensor, Tensor?, Tensor?>? mask = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : base(new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
        ArgumentNullException.ThrowIfNull(function);
        (_function, _mask) = (function, mask);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => _mask is not null;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => _function(x ?? throw new ArgumentNullException(nameof(x)))
        ?? throw new InvalidOperationException($"The function of layer {Name} returned null.");

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => _mask?.Invoke(x, mask);

    /// <summary>A function has no configuration.</summary>
    /// <returns>Nothing.</returns>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override JsonObject GetConfig() =>
        throw new InvalidOperationException($"Layer {Name} holds a function, which cannot be written to a " +
            "configuration. Define it in code.");
}
