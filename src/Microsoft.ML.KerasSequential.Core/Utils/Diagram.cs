using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>A model as boxes and connections, from which text and image diagrams are made.</summary>
internal abstract record Diagram
{
    /// <summary>A layer, with its shapes as Keras prints them.</summary>
    public sealed record Box(string Name, string ClassName, string Input, string Output) : Diagram
    {
        /// <summary>The text that Keras writes in the box.</summary>
        public string Label(bool showLayerName) => showLayerName ? $"{Name}: {ClassName}" : ClassName;
    }

    /// <summary>Parts in sequence; without parts, a pass-through path.</summary>
    public sealed record Chain(IReadOnlyList<Diagram> Parts) : Diagram;

    /// <summary>Parallel paths that meet in a box.</summary>
    public sealed record Fork(IReadOnlyList<Diagram> Ways, Box Merge) : Diagram;

    /// <summary>The parts of a nested model, in a frame.</summary>
    public sealed record Group(string Name, Diagram Inside) : Diagram;

    const string Unknown = "multiple";

    /// <summary>A layer of a model as a part of its diagram.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">The shape of its input here; null for the shape it was built with.</param>
    /// <param name="output">The shape of its output here; null for the shape it was built with.</param>
    /// <param name="expandNested">Whether nested models are expanded.</param>
    public static Diagram Of(Layer layer, Shape? input, Shape? output, bool expandNested)
    {
        (Shape? from, Shape? to) = (input ?? layer.InputShape, output ?? layer.OutputShape);
        Box Boxed(string name, string className) => new(name, className, Text(from), Text(to));
        return layer switch
        {
            Sequential nested when expandNested => new Group(nested.Name, nested.Diagram(expandNested)),
            Composite composite when expandNested => new Group(composite.Name, Parallel(composite, from, to)),
            Wrapper { Layer: Sequential nested } wrapper when expandNested => new Chain([
                Boxed(wrapper.Name, wrapper.ClassName), new Group(wrapper.InnerName, nested.Diagram(expandNested))]),
            Wrapper wrapper => Boxed(
                $"{wrapper.Name}({wrapper.InnerName})", $"{wrapper.ClassName}({wrapper.Layer.ClassName})"),
            _ => Boxed(layer.Name, layer.ClassName),
        };
    }

    public static Box InputBox(string name, Shape shape) => new(name, nameof(InputLayer), Text(shape), Text(shape));

    /// <summary>The branches of a block and the merge after them.</summary>
    static Fork Parallel(Composite composite, Shape? input, Shape? output)
    {
        IReadOnlyList<IReadOnlyList<Layer>> ways = composite is Residual residual
            ? [residual.Shortcut is { } shortcut ? [shortcut] : [], residual.Layers]
            : [.. composite.Layers.Select(l => new[] { l })];
        string ends = string.Join(", ", ways.Select(way => Text(way.Count == 0 ? input : way[^1].OutputShape)));
        return new([.. ways.Select(way => new Chain([.. way.Select(l => Of(l, null, null, expandNested: true))]))],
            new(composite.Merge.Name, composite.Merge.ClassName, $"[{ends}]", Text(output)));
    }

    static string Text(Shape? shape) => shape?.ToString() ?? Unknown;
}
