extern alias internals;

using Microsoft.ML.Data;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;
using InternalExporter = internals::Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx;
using InternalView = internals::Microsoft.ML.Data.IDataTransform;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// ML.NET's own exporter walks back from the last transformer to the first that it cannot write, and omits it and
/// everything before it. A column that one of those created is then taken from the data by name.
/// </summary>
internal static class WalkBack
{
    /// <summary>Checks that the exporter includes the transformers that create a network's columns.</summary>
    /// <param name="source">The view before the network.</param>
    /// <param name="columns">The columns that the network reads.</param>
    /// <param name="graph">The exporter's graph.</param>
    /// <exception cref="NotSupportedException">The exporter has omitted a transformer that creates one of
    /// them.</exception>
    public static void Check(IDataView source, IEnumerable<DataViewSchema.Column> columns, InternalContext graph)
    {
        string? stop = null;
        HashSet<string> needed = [.. columns.Select(c => c.Name)];
        for (IDataView view = source; view is InternalView link; view = link.Source)
        {
            bool isWritten = view is InternalExporter exporter && exporter.CanSaveOnnx(graph);
            if (!isWritten) stop ??= NameOf(view);
            DataViewSchema.Column[] made =
                [.. Made(link.Source.Schema, view.Schema).Where(c => needed.Contains(c.Name))];
            if (stop is not null && made.Length > 0)
            {
                throw new NotSupportedException($"The network needs \"{made[0].Name}\", which ML.NET's exporter omits: "
                    + $"it cannot write {stop}, nor what comes before it. SaveAsOnnx names the transformer.");
            }
            if (made.Length == 0) continue;
            needed.ExceptWith(made.Select(c => c.Name));
            needed.UnionWith((view is IRowToRowMapper mapper ? mapper.GetDependencies(made) : link.Source.Schema)
                .Select(c => c.Name));
        }
    }

    /// <summary>The columns that a view adds to the previous one; one may hide another of the same name.</summary>
    public static IEnumerable<DataViewSchema.Column> Made(DataViewSchema before, DataViewSchema after) =>
        after.Where(c => !c.IsHidden && after.Count(o => o.Name == c.Name) > before.Count(o => o.Name == c.Name));

    /// <summary>The name of a view's transformer, as far as it is known.</summary>
    static string NameOf(IDataView view) => view.GetType().DeclaringType?.Name ?? view.GetType().Name;
}
