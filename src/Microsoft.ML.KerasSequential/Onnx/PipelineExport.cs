extern alias internals;

using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Scoring;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;
using InternalChain = internals::Microsoft.ML.Data.ITransformerChainAccessor;
using InternalExporter = internals::Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx;
using InternalScope = internals::Microsoft.ML.Data.TransformerScope;
using InternalView = internals::Microsoft.ML.Data.IDataTransform;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Writes a chain of transformers as one graph: each transformer's views write themselves; omitted columns are
/// recorded with the transformer responsible.</summary>
internal sealed class PipelineExport
{
    readonly PipelineGraph _graph = new();
    readonly HashSet<string> _made = [];

    /// <summary>Creates the ONNX model of a pipeline.</summary>
    /// <param name="transformer">The fitted pipeline.</param>
    /// <param name="data">Data with the columns that it requires; no rows are read.</param>
    /// <param name="outputs">The output columns; if there are none, all that the pipeline creates.</param>
    /// <exception cref="ArgumentException">A column does not exist, or the pipeline creates none.</exception>
    /// <exception cref="NotSupportedException">A column cannot be computed in ONNX; the message names the
    /// transformer.</exception>
    public static ModelProto Model(ITransformer transformer, IDataView data, IReadOnlyList<string> outputs)
    {
        var export = new PipelineExport();
        export.AddInputs(data.Schema);
        IDataView end = Flat(transformer).Aggregate(data, export.Write);
        foreach (DataViewSchema.Column column in export.Wanted(end.Schema, outputs)) export._graph.AddOutput(column);
        GraphProto graph = export._graph.Graph;
        graph.Name = "pipeline";
        KerasOnnx.KeepNeeded(graph);
        var model = new ModelProto
        {
            IrVersion = 7,
            ProducerName = OnnxFile.Producer,
            ProducerVersion = OnnxFile.ProducerVersion,
            ModelVersion = 1,
            Graph = graph
        };
        model.OpsetImport.AddRange(export._graph.Opsets);
        return model;
    }

    void AddInputs(DataViewSchema schema)
    {
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.IsHidden) continue;
            if (OnnxTypes.Of(column.Type) == DataType.Undefined)
                _graph.Lose(column.Name, $"its type is {column.Type}, which ONNX lacks");
            else _graph.AddInput(column);
        }
    }

    IDataView Write(IDataView source, ITransformer transformer)
    {
        IDataView result = transformer.Transform(source);
        var views = new Stack<IDataView>();
        for (IDataView view = result; view != source; view = ((InternalView)view).Source)
        {
            views.Push(view);
            if (view is not InternalView) break;
        }
        IDataView before = source;
        foreach (IDataView view in views)
        {
            Write(before, view, transformer);
            before = view;
        }
        return result;
    }

    void Write(IDataView source, IDataView view, ITransformer transformer)
    {
        DataViewSchema.Column[] made = [.. WalkBack.Made(source.Schema, view.Schema)];
        _made.UnionWith(made.Select(c => c.Name));
        Dictionary<string, string?> old = source.Schema.Concat(made).Select(c => c.Name).Distinct()
            .ToDictionary(n => n, _graph.ValueOf);
        if (view is ScoredView and InternalExporter network) network.SaveAsOnnx(_graph);
        else if (view is InternalExporter exporter && exporter.CanSaveOnnx(_graph)) Write(exporter, made, transformer);
        foreach (DataViewSchema.Column column in made)
        {
            if (_graph.ValueOf(column.Name) is { } value && value != old[column.Name] && _graph.IsComputed(value))
                continue;
            DataViewSchema.Column[] needed = view is IRowToRowMapper mapper ? [.. mapper.GetDependencies([column])]
                : [];
            string? lost = needed.Select(c => c.Name).FirstOrDefault(name => _graph.WhyLost(name) is not null);
            _graph.Lose(column.Name,
                lost is null ? $"{NameOf(transformer)} cannot be exported"
                : $"{NameOf(transformer)} needs \"{lost}\", and {_graph.WhyLost(lost)}");
        }
        // A writer that gives up removes the column that it reads, and names of inner values may equal those of
        // columns.
        foreach (string column in source.Schema.Select(c => c.Name).Except(made.Select(c => c.Name)))
            if (old[column] is { } kept) _graph.SetValue(column, kept);
    }

    /// <summary>Lets an ML.NET transformer write itself, and corrects what it writes.</summary>
    void Write(InternalExporter view, DataViewSchema.Column[] made, ITransformer transformer)
    {
        var mends = new WriterMends(_graph, transformer);
        DataViewSchema.Column[] read = view is IRowToRowMapper mapper && made.Length > 0
            ? [.. mapper.GetDependencies(made)] : [];
        mends.Before(read);
        view.SaveAsOnnx(_graph);
        mends.After(made);
    }

    IEnumerable<DataViewSchema.Column> Wanted(DataViewSchema end, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            return names.Select(name => end.GetColumnOrNull(name)
                ?? throw new ArgumentException($"The pipeline does not create a column \"{name}\"; it creates "
                    + $"{string.Join(", ", end.Where(c => !c.IsHidden).Select(c => c.Name))}.", nameof(names)));
        }
        DataViewSchema.Column[] made = [.. end.Where(c => !c.IsHidden && _made.Contains(c.Name))];
        return made.Length > 0 ? made
            : throw new ArgumentException("The pipeline does not create any columns.", nameof(names));
    }

    /// <summary>A transformer nested in its estimator has no name of its own.</summary>
    static string NameOf(ITransformer transformer) =>
        transformer.GetType().DeclaringType?.Name ?? transformer.GetType().Name;

    /// <summary>The scoring transformers, including those of nested chains.</summary>
    static IEnumerable<ITransformer> Flat(ITransformer transformer) => transformer is InternalChain chain
        ? chain.Transformers.Where((_, i) => (chain.Scopes[i] & InternalScope.Scoring) != 0).SelectMany(Flat)
        : [transformer];
}
