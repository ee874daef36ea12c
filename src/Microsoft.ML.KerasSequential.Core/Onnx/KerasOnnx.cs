using Google.Protobuf;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Utilities for ONNX files, whatever tool wrote them.</summary>
public static class KerasOnnx
{
    /// <summary>
    /// Reduces a file to what some outputs need, and renames inputs and outputs. Exported pipelines make every column
    /// of the data an input and an output, although a prediction needs only a few. Everything that this library does
    /// not know in the file stays unchanged.
    /// </summary>
    /// <param name="path">The file; it is replaced once the new one is complete.</param>
    /// <param name="outputs">The outputs to keep, by their old names and in this order; all if null.</param>
    /// <param name="names">New names of inputs and outputs, by their old names.</param>
    /// <exception cref="ArgumentException">A name is not in the graph, or would be used for two values.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or in another format.</exception>
    /// <exception cref="IOException">The file cannot be read or written; the existing file stays unchanged.</exception>
    public static void Tidy(string path, IReadOnlyList<string>? outputs = null,
        IReadOnlyDictionary<string, string>? names = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto model;
        using (FileStream stream = File.OpenRead(path)) model = OnnxReader.Read(stream, path);
        if (outputs is not null) KeepOutputs(model.Graph, outputs);
        KeepNeeded(model.Graph);
        if (names is not null) Rename(model.Graph, names);
        AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
    }

    static void KeepOutputs(GraphProto graph, IReadOnlyList<string> outputs)
    {
        if (outputs.Count == 0 || outputs.Distinct().Count() < outputs.Count)
            throw new ArgumentException("At least one output must be kept, each only once.", nameof(outputs));
        ValueInfoProto[] kept = [.. outputs.Select(name => graph.Output.FirstOrDefault(o => o.Name == name)
            ?? throw new ArgumentException(
                $"The graph has no output \"{name}\"; it has {string.Join(", ", graph.Output.Select(o => o.Name))}.",
                nameof(outputs)))];
        graph.Output.Clear();
        graph.Output.AddRange(kept);
    }

    /// <summary>Removes what the outputs do not need.</summary>
    internal static void KeepNeeded(GraphProto graph)
    {
        // Nodes come after the nodes they read from.
        var read = graph.Output.Select(o => o.Name).ToHashSet();
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(read.Contains)) read.UnionWith(Reads(graph.Node[i]));
            else graph.Node.RemoveAt(i);
        }
        Keep(graph.Initializer, t => t.Name);
        Keep(graph.Input, v => v.Name);
        var made = graph.Node.SelectMany(n => n.Output).ToHashSet();
        for (int i = graph.ValueInfo.Count - 1; i >= 0; i--)
            if (!made.Contains(graph.ValueInfo[i].Name)) graph.ValueInfo.RemoveAt(i);

        void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> items, Func<T, string> name)
        {
            for (int i = items.Count - 1; i >= 0; i--)
                if (!read.Contains(name(items[i]))) items.RemoveAt(i);
        }
    }

    /// <summary>The inputs of a node, including those read in its loops and branches.</summary>
    internal static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Concat(node.Attribute.Where(a => a.G is not null)
            .SelectMany(a => a.G.Node.SelectMany(Reads).Concat(a.G.Output.Select(o => o.Name))));

    static void Rename(GraphProto graph, IReadOnlyDictionary<string, string> names)
    {
        string[] ends = [.. graph.Input.Concat(graph.Output).Select(v => v.Name).Distinct()];
        if (names.Keys.FirstOrDefault(n => !ends.Contains(n)) is { } missing)
            throw new ArgumentException(
                $"The graph has no input or output \"{missing}\"; it has {string.Join(", ", ends)}.", nameof(names));
        string[] others = [.. graph.Node.SelectMany(n => n.Output).Concat(graph.Input.Select(i => i.Name))
            .Concat(graph.Initializer.Select(i => i.Name)).Distinct().Where(n => !names.ContainsKey(n))];
        if (names.Values.FirstOrDefault(n =>
            string.IsNullOrEmpty(n) || others.Contains(n) || names.Values.Count(v => v == n) > 1) is { } taken)
            throw new ArgumentException(
                $"The name \"{taken}\" cannot be used: it is empty, or the name of another value.", nameof(names));

        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output)) value.Name = New(value.Name);
        foreach (NodeProto node in graph.Node) Within(node);

        string New(string name) => names.GetValueOrDefault(name, name);

        void Within(NodeProto node)
        {
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = New(node.Input[i]);
            for (int i = 0; i < node.Output.Count; i++) node.Output[i] = New(node.Output[i]);
            foreach (NodeProto inner in node.Attribute.Where(a => a.G is not null).SelectMany(a => a.G.Node))
                Within(inner);
        }
    }
}
