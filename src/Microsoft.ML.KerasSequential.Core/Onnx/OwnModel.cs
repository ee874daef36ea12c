using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// Recreates a model from a file that this library wrote: the layers from the configuration in its metadata, the
/// weights from its tensors. To find where each value belongs, the new model is exported with weights that are their
/// own position numbers.
/// </summary>
internal static class OwnModel
{
    // A position number in parts that float32 represents exactly; only the last may be larger than a digit.
    const int Digit = 1 << 12, Digits = 2;

    // In a model with integers of 8 bits, each part must be one of them.
    const int SmallDigit = 1 << 7, SmallDigits = 5;

    public static Sequential Read(ModelProto file, OnnxArrays arrays, string configuration, string source)
    {
        Sequential model;
        using (WeightBudget.Limit(arrays.Count, source)) model = Made(file, configuration, source);
        try
        {
            Fill(model, file, arrays, source);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    static Sequential Made(ModelProto file, string configuration, string source)
    {
        try
        {
            Sequential model = Sequential.FromJson(configuration);
            if (!model.Built)
                model.Build(model.FirstText is { KeepsShape: false } text ? text.NumbersShape
                    : OnnxReader.InputShape(file.Graph, source));
            return model;
        }
        // A configuration may name classes that only the caller knows, which is not damage; everything else is.
        catch (Exception e) when (e is InvalidOperationException or OverflowException or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{source} is damaged: its configuration does not create a model ({e.Message}).", e);
        }
    }

    static void Fill(Sequential model, ModelProto file, OnnxArrays arrays, string source)
    {
        Variable[] weights = [.. model.Weights.Distinct()];
        var options = new OnnxOptions
        {
            Opset = (int)Math.Clamp(file.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 17,
                OnnxOptions.MinOpset, OnnxOptions.MaxOpset),
            TextInput = false,
            InputShape = model.FirstText is { KeepsShape: false }
                || model.InputShape.WithoutBatch().All(d => d is not null) ? null
                : OnnxReader.InputShape(file.Graph, source).WithoutBatch(),
        };
        bool isPacked = weights.Any(w => w.Format == ValueFormat.Int8);
        (int digit, int digits) = isPacked ? (SmallDigit, SmallDigits) : (Digit, Digits);
        var parts = new Dictionary<string, (NDArray Places, int Axis)>[digits];
        long power = 1;
        for (int i = 0; i < digits; i++, power *= digit)
        {
            long unit = power, limit = i == digits - 1 ? long.MaxValue : digit;
            parts[i] = Numbered(place => place / unit % limit);
        }
        float[][] values = [.. weights.Select(w => new float[w.Size])];
        bool[][] filled = [.. weights.Select(w => new bool[w.Size])];
        long[] starts = new long[weights.Length];
        for (int i = 1; i < weights.Length; i++) starts[i] = starts[i - 1] + weights[i - 1].Size;
        foreach ((string name, (NDArray places, int axis)) in parts[0])
        {
            NDArray given = arrays.Weights(name, axis);
            if (!given.Shape.SequenceEqual(places.Shape))
                throw new InvalidDataException($"{source} is damaged: the tensor \"{name}\" has shape "
                    + $"{Shape.Format(given.Shape)}, but its layer has {Shape.Format(places.Shape)}.");
            for (int i = 0; i < places.Size; i++)
            {
                double place = 0;
                for (int part = digits - 1; part >= 0; part--)
                    place = place * digit + parts[part][name].Places.Span[i];
                if (place == 0) continue;
                int weight = place >= 1 && place == Math.Floor(place) ? Array.FindLastIndex(starts, s => s < place)
                    : -1;
                long at = weight < 0 ? -1 : (long)place - 1 - starts[weight];
                if (at < 0 || at >= values[weight].Length)
                    throw new InvalidDataException(
                        $"{source} cannot be read back: the tensor \"{name}\" was computed from weights, not copied.");
                (values[weight][at], filled[weight][at]) = (given.Span[i], true);
            }
        }
        for (int i = 0; i < weights.Length; i++)
        {
            if (!filled[i].All(f => f))
                throw new InvalidDataException(
                    $"{source} cannot be read back: it does not contain all of the weight {weights[i].Name}.");
            weights[i].SetValue(new NDArray(values[i], weights[i].Sizes.ToArray()));
        }

        Dictionary<string, (NDArray, int)> Numbered(Func<long, long> part)
        {
            long place = 1;
            foreach (Variable weight in weights)
            {
                var numbers = new NDArray(weight.Sizes.ToArray());
                foreach (ref float n in numbers.Span) n = part(place++);
                weight.SetValue(numbers);
            }
            OnnxGraph graph = model.OnnxGraph(options);
            var own = new OnnxArrays(new GraphProto { Initializer = { graph.Initializers } }, null, source);
            return graph.Weights.ToDictionary(w => w.Key, w => (own.Floats(w.Key), w.Value));
        }
    }
}
