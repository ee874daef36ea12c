using Microsoft.ML.KerasSequential.Layers;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Weights as Keras 1 stored them: recurrent layers have three for each gate, and convolution kernels have other
/// dimension orders (Keras' <c>preprocess_weights_for_loading</c>). They are identified only by their order.
/// </summary>
internal static class OlderWeights
{
    /// <summary>
    /// The positions of today's gates in Keras 1: i, c, f, o became i, f, c, o; z, r, h is the same.
    /// </summary>
    static readonly int[] s_four = [0, 2, 1, 3], s_three = [0, 1, 2];

    /// <summary>Whether a group of weights is from Keras 1, which at first did not write its version.</summary>
    public static bool AreIn(IH5Group weights) =>
        H5.Text(weights, "keras_version") is not { } version || version == "1"
        || version.StartsWith("1.", StringComparison.Ordinal);

    /// <summary>Converts the weights to the layer's order and shapes.</summary>
    /// <param name="layer">The layer that reads the weights.</param>
    /// <param name="stored">The layer's weights in the file, in order.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="ArgumentException">
    /// A kernel does not have the number of dimensions of Keras 1.
    /// </exception>
    public static List<StoredNumbers> Read(Layer layer, IReadOnlyList<StoredNumbers> stored, string path)
    {
        switch (layer)
        {
            case Bidirectional when stored.Count % 2 == 0:
                int half = stored.Count / 2;
                return
                [
                    .. Read(layer.Inner[0], [.. stored.Take(half)], path),
                    .. Read(layer.Inner[1], [.. stored.Skip(half)], path),
                ];
            case TimeDistributed:
                return Read(layer.Inner[0], stored, path);
            case Sequential model:
                return Parts(model, stored, path);
        }
        string kind = layer.ClassName;
        int gates = kind switch { "LSTM" or "ConvLSTM2D" => 4, "GRU" => 3, _ => 0 };
        if (gates > 0 && stored.Count == 3 * gates)
            return [.. Enumerable.Range(0, 3).Select(weight => Joined(layer, stored, weight, gates))];
        List<StoredNumbers> own = [.. stored];
        if (own.Count == 0 || layer.Weights.Count == 0) return own;
        int[]? order = Order(layer, own[0].Shape);
        // Without a version, weights that already fit are current.
        if (order is null
            || (own[0].Shape.Length != order.Length && own[0].Shape.AsSpan().SequenceEqual(layer.Weights[0].Sizes)))
            return own;
        if (own[0].Shape.Length != order.Length)
        {
            throw new ArgumentException(
                $"Layer {layer.Name}: {path} has a kernel of shape {Shape.Format(own[0].Shape)} for it, "
                + $"but a Keras 1 kernel has {order.Length} dimensions.", nameof(path));
        }
        own[0] = Transposed(own[0], order);
        // The kernel of a 1D convolution had a second dimension of size 1.
        if (kind == "Conv1D") own[0] = own[0].As([own[0].Shape[0], .. own[0].Shape[2..]], v => v.ToArray());
        return own;
    }

    /// <summary>The weights of a model's layers: first the trainable ones, then the others.</summary>
    static List<StoredNumbers> Parts(Sequential model, IReadOnlyList<StoredNumbers> stored, string path)
    {
        Layer[] layers = [.. model.Layers.Distinct()];
        (int Trained, int Fixed)[] counts = [.. layers.Select(Counts)];
        int trained = 0, others = counts.Sum(c => c.Trained);
        if (others + counts.Sum(c => c.Fixed) != stored.Count) return [.. stored];
        var values = new Dictionary<Variable, StoredNumbers>();
        for (int i = 0; i < layers.Length; i++)
        {
            (int count, int rest) = counts[i];
            StoredNumbers[] its = [.. stored.Skip(trained).Take(count), .. stored.Skip(others).Take(rest)];
            List<StoredNumbers> own = Read(layers[i], its, path);
            (trained, others) = (trained + count, others + rest);
            foreach ((Variable weight, StoredNumbers value) in layers[i].Weights.Zip(own)) values[weight] = value;
        }
        return model.Weights.All(values.ContainsKey) ? [.. model.Weights.Select(w => values[w])] : [.. stored];
    }

    /// <summary>The number of weights that a layer had in Keras 1.</summary>
    static (int Trained, int Fixed) Counts(Layer layer)
    {
        int more = layer.WithInner().Sum(l => l.ClassName switch { "LSTM" or "ConvLSTM2D" => 9, "GRU" => 6, _ => 0 });
        int trained = layer.TrainableWeights.Count, rest = layer.Weights.Count - trained;
        return trained > 0 ? (trained + more, rest) : (0, rest + more);
    }

    /// <summary>Joins the gates' kernels, recurrent kernels or biases to one weight.</summary>
    static StoredNumbers Joined(Layer layer, IReadOnlyList<StoredNumbers> stored, int weight, int gates)
    {
        int[] order = gates == 4 ? s_four : s_three;
        StoredNumbers[] parts = [.. order.Select(gate => stored[3 * gate + weight])];
        int[] own = layer.Weights.Count > weight ? layer.Weights[weight].Sizes.ToArray() : parts[0].Shape;
        int[] part = [.. own[..^1], own[^1] / gates];
        // Kernels of images with channels first: (filters, channels, rows, columns).
        int[] first = [2, 3, 1, 0];
        if (part.Length == 4 && !parts[0].Shape.SequenceEqual(part))
            parts = [.. parts.Select(p => p.Shape.Length == 4 ? Transposed(p, first) : p)];
        int[] shape = parts[0].Shape;
        if (shape.Length == 0 || parts.Any(p => !p.Shape.SequenceEqual(shape))) return parts[0];
        return new([.. shape[..^1], shape[^1] * gates], () => Beside([.. parts.Select(p => p.Read())]));
    }

    /// <summary>Concatenates arrays of the same shape along the last dimension.</summary>
    static float[] Beside(NDArray[] parts)
    {
        int width = parts[0].Shape[^1];
        float[] result = new float[parts.Length * parts[0].Size];
        for (int i = 0; i < parts.Length; i++)
            for (int row = 0; row < parts[i].Size / Math.Max(1, width); row++)
                parts[i].Span.Slice(row * width, width).CopyTo(result.AsSpan((row * parts.Length + i) * width));
        return result;
    }

    /// <summary>The dimension of the stored kernel for each dimension; null if nothing changes.</summary>
    static int[]? Order(Layer layer, int[] stored) => (layer, layer is ConvBase { ChannelsFirst: true }) switch
    {
        // Keras 1.1 had the filters first; later ones had them last.
        (Conv1D conv, _) when stored is [var first, var second, _, var last] =>
            first != conv.Weights[0].Sizes[0] || second != 1
            || last != conv.Weights[0].Sizes[2] ? [2, 3, 1, 0] : [0, 1, 2, 3],
        (Conv1D, _) => [0, 1, 2, 3],
        (Conv2D, true) => [2, 3, 1, 0],
        (Conv2DTranspose, false) => [0, 1, 3, 2],
        (Conv2DTranspose, true) => [2, 3, 0, 1],
        (Conv3D, true) => [2, 3, 4, 1, 0],
        _ => null,
    };

    static StoredNumbers Transposed(StoredNumbers numbers, int[] order) =>
        numbers.As([.. order.Select(d => numbers.Shape[d])],
            v => K.Evaluate(K.PermuteDimensions(K.Constant(v), order)).ToArray());
}
