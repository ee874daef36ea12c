using System.Globalization;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The base class of layers that take text (Keras' <c>TextVectorization</c>, <c>StringLookup</c>, <c>Hashing</c>). A
/// tensor contains numbers only, so the layer has two parts: <see cref="Call(IReadOnlyList{string})"/> turns texts into
/// numbers, outside of the graph, and <see cref="Layer.Call(Tensor)"/> computes the output from these numbers. It can
/// only be the first layer of a model, which then takes texts in <c>Fit</c>, <c>Evaluate</c>, and <c>Predict</c>, or
/// numbers that the first part returned.
/// </summary>
public abstract class TextLayer : Layer
{
    /// <summary>Creates a layer with the arguments that every Keras layer has.</summary>
    /// <param name="options">The name, trainability, input shape and initial weights.</param>
    protected TextLayer(in LayerOptions options = default) : base(options)
    {
    }

    /// <summary>The shape of the numbers that <see cref="Call(IReadOnlyList{string})"/> returns, batch first; by
    /// default, one number for each text.</summary>
    protected internal virtual Shape NumbersShape => new([null, 1]);

    /// <summary>The range of the numbers that <see cref="Call(IReadOnlyList{string})"/> returns: the smallest one, and
    /// the largest one plus 1. Null, the default, if they can be any numbers.</summary>
    protected internal virtual (int Start, int End)? NumbersRange => null;

    /// <summary>Whether there is one number for each text, so that the numbers have the shape of the input in
    /// Keras.</summary>
    internal virtual bool KeepsShape => false;

    /// <summary>Whether the output is a vector that does not depend on how far the numbers are padded with
    /// −1.</summary>
    internal virtual bool IsVector => false;

    /// <summary>Gets what the layer does with texts in ONNX.</summary>
    /// <param name="opset">The operator set version.</param>
    /// <param name="obstacle">The setting for which ONNX has no operators.</param>
    /// <returns>Null if ONNX has no operators for it.</returns>
    internal virtual Onnx.OnnxLookup? ForOnnx(int opset, out string obstacle)
    {
        obstacle = "its texts are turned into numbers by code, for which ONNX has no operators";
        return null;
    }

    /// <summary>Turns the texts of samples into numbers, one row for each sample.</summary>
    /// <exception cref="ArgumentException">The layer takes one text for each sample, and there are several.</exception>
    internal NDArray CallRows(IReadOnlyList<IReadOnlyList<string>> samples) => this switch
    {
        StringLookup lookup => lookup.Call(samples),
        Hashing hashing => hashing.Call(samples),
        _ => Call([.. samples.Select(s => s is [var only] ? only
            : throw new ArgumentException($"Layer {Name} takes one text for each sample; given {s.Count}."))]),
    };

    /// <summary>Turns texts into the numbers from which the layer computes its output.</summary>
    /// <param name="texts">The texts, one per sample.</param>
    /// <returns>A new array (samples, …).</returns>
    /// <exception cref="ArgumentException">A text is null or cannot be looked up.</exception>
    /// <exception cref="InvalidOperationException">The layer has no vocabulary yet.</exception>
    public abstract NDArray Call(IReadOnlyList<string> texts);

    /// <summary>Checks numbers that a model with this layer was given instead of texts.</summary>
    internal void CheckNumbers(NDArray x, string parameter)
    {
        if (NumbersRange is not var (start, end)) return;
        foreach (float value in x.Span)
        {
            if (value >= start && value < end && value == MathF.Floor(value)) continue;
            throw new ArgumentException($"Layer {Name} takes text: pass an IReadOnlyList<string>, or the numbers " +
                $"that the layer's Call returns for it, integers from {start} to {end - 1}; given " +
                $"{value.ToString(CultureInfo.InvariantCulture)}.", parameter);
        }
    }

    private protected static void CheckTexts(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        for (int i = 0; i < texts.Count; i++)
            if (texts[i] is null) throw new ArgumentException($"Text {i} is null.", nameof(texts));
    }

    /// <summary>One row of numbers for each sample; all samples must have the same number of texts.</summary>
    private protected static NDArray Rows(IReadOnlyList<IReadOnlyList<string>> samples, Func<string, float> number)
    {
        ArgumentNullException.ThrowIfNull(samples);
        int width = samples.Count == 0 ? 1 : (samples[0] ?? []).Count;
        var numbers = new NDArray(samples.Count, width);
        for (int i = 0; i < samples.Count; i++)
        {
            CheckTexts(samples[i]);
            if (samples[i].Count != width)
                throw new ArgumentException($"All samples must have the same number of texts; sample {i} has " +
                    $"{samples[i].Count}, and sample 0 has {width}.", nameof(samples));
            for (int k = 0; k < width; k++) numbers[i, k] = number(samples[i][k]);
        }
        return numbers;
    }

    private protected static NDArray Column(IReadOnlyList<string> texts, Func<string, float> number)
    {
        CheckTexts(texts);
        return new([.. texts.Select(number)], texts.Count, 1);
    }

    private protected static JsonArray? Json(IReadOnlyList<long>? numbers) =>
        numbers is null ? null : [.. numbers.Select(n => (JsonNode)n)];
}
