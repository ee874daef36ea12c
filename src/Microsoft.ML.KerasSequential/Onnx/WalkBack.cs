extern alias internals;

using Microsoft.ML.Data;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;
using InternalExporter = internals::Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx;
using InternalView = internals::Microsoft.ML.Data.IDataTransform;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// ML.NET's own exporter walks from the last transformer back to the first that it cannot write, and leaves out that and
/// all before it. A column which one of those made is then the column of the data that has its name.
/// </summary>
internal static class WalkBack
{
    /// <summary>Makes sure that the exporter has what makes the columns of a network.</summary>
    /// <param name="source">The view before the network.</param>
    /// <param name="columns">The columns that the network reads.</param>
    /// <param name="graph">The exporter's graph.</param>
    /// <exception cref="NotSupportedException">It has left out what makes one of them.</exception>
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
                throw new NotSupportedException($"The network needs \"{made[0].Name}\", which ML.NET's exporter leaves "
                    + $"out: it cannot write {stop}, nor what comes before it. SaveAsOnnx names the transformer.");
            }
            if (made.Length == 0) continue;
            needed.ExceptWith(made.Select(c => c.Name));
            needed.UnionWith((view is IRowToRowMapper mapper ? mapper.GetDependencies(made) : link.Source.Schema)
                .Select(c => c.Name));
        }
    }

    /// <summary>The columns that a view has and the one before has not; one may hide another of its name.</summary>
    public static IEnumerable<DataViewSchema.Column> Made(DataViewSchema before, DataViewSchema after) =>
        after.Where(c => !c.IsHidden && after.Count(o => o.Name == c.Name) > before.Count(o => o.Name == c.Name));

    /// <summary>A view's transformer, as far as the view says.</summary>
    static string NameOf(IDataView view) => view.GetType().DeclaringType?.Name ?? view.GetType().Name;
}
