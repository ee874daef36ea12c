using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A convolutional cell over a sequence of images, (batch, steps, rows, columns, channels) (Keras
/// <c>keras.layers.ConvRNN2D</c>).
/// </summary>
public class ConvRNN2D : RNN
{
    /// <summary>Creates the layer.</summary>
    /// <param name="cell">The cell to apply at each time step.</param>
    /// <param name="returnSequences">Whether to return the outputs of all time steps rather than the last one.</param>
    /// <param name="returnState">
    /// Whether to return the last states too; only for your own layers, through <see cref="RNN.Run"/>.
    /// </param>
    /// <param name="goBackwards">Whether to read the sequence backward.</param>
    /// <param name="stateful">
    /// Whether the last states of a batch are the initial states of the next one. Needs a fixed batch size.
    /// </param>
    /// <param name="unroll">Accepted for compatibility with Keras: loops are always unrolled before they run.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public ConvRNN2D(Cell cell, bool returnSequences = false, bool returnState = false, bool goBackwards = false,
        bool stateful = false, bool unroll = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(cell, new RecurrentOptions(returnSequences, returnState, goBackwards, stateful, unroll), null,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ConvRNN2D(Cell cell, RecurrentOptions recurrent, Regularizer? activityRegularizer, LayerOptions options)
        : base(cell, recurrent, activityRegularizer, options)
    {
    }

    /// <inheritdoc/>
    protected override int? InputRank => 5;
}
