using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Converts weights between conventions for convolutions (Keras <c>keras.utils.layer_utils</c>).</summary>
public static class LayerUtils
{
    /// <summary>
    /// Flips the kernels of all convolutions in a model, to convert from or to Theano; a second call undoes the first
    /// (Keras <c>convert_all_kernels_in_model</c>). Files that Keras wrote with Theano are converted when they are
    /// read.
    /// </summary>
    /// <param name="model">
    /// The model. Only its own layers are converted, not those of nested models, as in Keras.
    /// </param>
    public static void ConvertAllKernelsInModel(Sequential model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (Layer layer in model.Layers.Distinct().Where(l => l is ConvBase))
        {
            if (Kernels(layer) is not [Variable kernel]) continue;
            NDArray[] weights = [.. layer.GetWeights()];
            for (int i = 0; i < weights.Length; i++)
                if (layer.Weights[i] == kernel) weights[i] = ConvUtils.ConvertKernel(weights[i]);
            layer.SetWeights(weights);
        }
    }

    /// <summary>
    /// Reorders the kernel of the dense layer after a <see cref="Flatten"/> when a convolutional network changes its
    /// data format (Keras <c>convert_dense_weights_data_format</c>).
    /// </summary>
    /// <param name="dense">The layer.</param>
    /// <param name="previousFeatureMapShape">
    /// The shape of the flattened tensor, without the batch, in the target's order: channels, rows, columns for
    /// <c>channels_first</c>; rows, columns, channels for <c>channels_last</c>.
    /// </param>
    /// <param name="targetDataFormat">
    /// The data format to convert to: <c>channels_first</c> or <c>channels_last</c>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The data format is unknown, or the shape does not have 3 sizes, or its number of values differs from the number
    /// of kernel rows.
    /// </exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    public static void ConvertDenseWeightsDataFormat(Dense dense, int[] previousFeatureMapShape,
        string targetDataFormat = "channels_first")
    {
        ArgumentNullException.ThrowIfNull(dense);
        ArgumentNullException.ThrowIfNull(previousFeatureMapShape);
        bool isFirst = Saving.DataFormat.IsChannelsFirst(targetDataFormat);
        NDArray[] weights = [.. dense.GetWeights()];
        if (weights.Length == 0)
            throw new InvalidOperationException($"Layer {dense.Name} has no weights yet: build its model first.");
        NDArray kernel = weights[0];
        if (previousFeatureMapShape.Length != 3
            || previousFeatureMapShape.Aggregate(1.0, (p, d) => p * d) != kernel.Shape[0])
        {
            throw new ArgumentException(
                $"The shape of the feature map must have 3 sizes and {kernel.Shape[0]} values in total, "
                + $"one for each row of the kernel; given {Shape.Format(previousFeatureMapShape)}.",
                nameof(previousFeatureMapShape));
        }
        int channels = previousFeatureMapShape[isFirst ? 0 : 2], width = kernel.Shape[1];
        int places = channels == 0 ? 0 : kernel.Shape[0] / channels;
        var result = new NDArray(kernel.Shape.ToArray());
        for (int place = 0; place < places; place++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int first = channel * places + place, last = place * channels + channel;
                (int from, int to) = isFirst ? (last, first) : (first, last);
                kernel.Span.Slice(from * width, width).CopyTo(result.Span[(to * width)..]);
            }
        }
        weights[0] = result;
        dense.SetWeights(weights);
    }

    /// <summary>The kernels of a layer that Keras flips between Theano and other backends.</summary>
    internal static IReadOnlyList<Variable> Kernels(Layer layer) => layer switch
    {
        Conv1D or Conv2D or Conv3D or Conv2DTranspose when layer.Weights.Count > 0 => [layer.Weights[0]],
        ConvLSTM2D when layer.Weights.Count > 1 => [layer.Weights[0], layer.Weights[1]],
        _ => [],
    };
}
