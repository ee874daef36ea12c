using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// The layout of the weights of Keras' cuDNN layers: each gate's kernel as cuDNN reads it, the biases of input and
/// state concatenated. This library uses the layout of the plain layers, so they are converted when a file is written
/// or read, and can also be read by plain layers (Keras' <c>preprocess_weights_for_loading</c>).
/// </summary>
internal static class CuDnnLayout
{
    /// <summary>Converts a weight to the file's layout.</summary>
    public static NDArray ForFile(Layer layer, Variable weight)
    {
        NDArray value = weight.GetValue();
        foreach (CuDNNRNN rnn in layer.WithInner().OfType<CuDNNRNN>())
        {
            if (weight == rnn.Weights[0] || weight == rnn.Weights[1]) return Gates(value, GatesOf(rnn), Stored);
        }
        return value;
    }

    /// <summary>Converts the stored weights of recurrent layers to those of the layers that read them.</summary>
    /// <param name="layer">The layer that reads the weights.</param>
    /// <param name="values">The stored values of its weights.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="ArgumentException">A GRU with the reset gate before the product is not compatible with
    /// cuDNN's.</exception>
    public static void Convert(Layer layer, Dictionary<Variable, StoredNumbers> values, string path)
    {
        foreach (StandardRNN rnn in layer.WithInner().OfType<StandardRNN>()
            .Where(r => r is LSTM or GRU or CuDNNRNN && r.Weights.Count == 3))
        {
            (Variable kernel, Variable recurrent, Variable bias) = (rnn.Weights[0], rnn.Weights[1], rnn.Weights[2]);
            if (!values.ContainsKey(kernel) || !values.ContainsKey(recurrent) || !values.ContainsKey(bias)) continue;
            int gates = GatesOf(rnn), width = gates * rnn.Units;
            int[] stored = values[bias].Shape;
            bool ofCuDnn = stored.AsSpan().SequenceEqual([2 * width]);
            if (!ofCuDnn && rnn is not CuDNNRNN) continue;
            if (gates == 3 && ofCuDnn != rnn is CuDNNRNN && !(ofCuDnn ? bias.Sizes : stored).SequenceEqual([2, width]))
            {
                (string source, string target) = ofCuDnn ? ("CuDNNGRU", "GRU(resetAfter: false)")
                    : ("GRU(resetAfter: false)", "CuDNNGRU");
                throw new ArgumentException($"Layer {rnn.Name}: {source} in {path} is not compatible with {target}.",
                    nameof(path));
            }
            if (ofCuDnn)
            {
                values[kernel] = Turned(values[kernel], v => Gates(v, gates, Plain));
                values[recurrent] = Turned(values[recurrent], v => Gates(v, gates, Plain));
            }
            if (ofCuDnn != rnn is CuDNNRNN)
                values[bias] = values[bias]
                .As(bias.Sizes.ToArray(), v => gates == 3 ? v.ToArray() : ofCuDnn ? Summed(v) : Halved(v));
        }
    }

    static int GatesOf(StandardRNN rnn) => rnn is GRU or CuDNNGRU ? 3 : 4;

    static StoredNumbers Turned(StoredNumbers numbers, Func<NDArray, NDArray> turn) =>
        numbers.As(numbers.Shape, v => turn(v).ToArray());

    /// <summary>cuDNN reads each gate's values as (units, inputs).</summary>
    static int Plain(int row, int column, int rows, int columns) => column * rows + row;

    static int Stored(int row, int column, int rows, int columns) =>
        (row * columns + column) % rows * columns + (row * columns + column) / rows;

    /// <summary>Reorders each gate's values.</summary>
    static NDArray Gates(NDArray kernel, int gates, Func<int, int, int, int, int> from)
    {
        int rows = kernel.Shape[0], all = kernel.Shape[1], units = all / gates;
        var result = new NDArray(rows, all);
        for (int gate = 0; gate < gates; gate++)
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < units; column++)
                {
                    int place = from(row, column, rows, units);
                    result[row, gate * units + column] = kernel[place / units, gate * units + place % units];
                }
        return result;
    }

    static float[] Summed(NDArray biases)
    {
        int half = biases.Size / 2;
        return [.. Enumerable.Range(0, half).Select(i => biases.Span[i] + biases.Span[half + i])];
    }

    static float[] Halved(NDArray biases)
    {
        float[] half = [.. biases.ToArray().Select(b => b / 2)];
        return [.. half, .. half];
    }
}
