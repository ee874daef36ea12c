using System.Text;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>What a file of Keras contains; <see cref="object.ToString"/> gives it as text.</summary>
/// <param name="Format">The kind of file.</param>
/// <param name="KerasVersion">The version of Keras that wrote the file, or null if the file does not state it.</param>
/// <param name="ModelClass">The class of the model; empty if the file contains only weights.</param>
/// <param name="Layers">The layers of the model, in order.</param>
/// <param name="Arrays">All arrays: weights, and the state of the optimizer.</param>
/// <param name="Problem">Why the model as a whole cannot be loaded, or null.</param>
public sealed record KerasFileDescription(string Format, string? KerasVersion, string ModelClass,
    IReadOnlyList<KerasFileLayer> Layers, IReadOnlyList<KerasFileArray> Arrays, string? Problem)
{
    /// <summary>Whether every layer can be loaded. Shapes of weights are checked only by loading.</summary>
    public bool CanLoad => Problem is null && Layers.All(l => l.CanLoad);

    /// <summary>Gets a table of the layers and arrays.</summary>
    /// <returns>The text, in several lines.</returns>
    public override string ToString()
    {
        var text = new StringBuilder(Format);
        if (KerasVersion is not null) text.Append($", Keras {KerasVersion}");
        if (ModelClass.Length > 0) text.Append($", {ModelClass}");
        if (Problem is not null) text.Append($"\ncannot be loaded: {Problem}");
        foreach (KerasFileLayer layer in Layers)
        {
            text.Append($"\n{(layer.CanLoad ? "  " : "! ")}{layer.Name} ({layer.ClassName})");
            if ((layer.Problem ?? layer.Note) is { } remark) text.Append($": {remark}");
        }
        foreach (KerasFileArray array in Arrays)
            text.Append($"\n  {array.Path} ({string.Join(", ", array.Shape)}) {array.Type}");
        return text.ToString();
    }
}

/// <summary>A layer in a file of Keras.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="ClassName">The layer's class.</param>
/// <param name="Problem">Why the layer cannot be loaded, or null.</param>
public sealed record KerasFileLayer(string Name, string ClassName, string? Problem)
{
    /// <summary>Whether the layer can be loaded.</summary>
    public bool CanLoad => Problem is null;

    /// <summary>What is worth knowing about the layer before it is used, such as that it takes text, or that the file
    /// does not contain its vocabulary; null for most layers.</summary>
    public string? Note { get; init; }
}

/// <summary>An array in a file of Keras.</summary>
/// <param name="Path">The path of the dataset in the file.</param>
/// <param name="Shape">The sizes; empty for a single number.</param>
/// <param name="Type">The kind of the values, such as <c>FloatingPoint</c>.</param>
public sealed record KerasFileArray(string Path, IReadOnlyList<long> Shape, string Type);
