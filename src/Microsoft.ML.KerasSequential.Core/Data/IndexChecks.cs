using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Checks the indices in the data that a model's layers, losses or metrics look up. Indices that are used unchanged, or
/// only reordered or reshaped, are checked in place; those computed from data alone are computed for all samples before
/// a run. So nothing has changed when an error is found.
/// </summary>
internal sealed class IndexChecks : IDisposable
{
    const int RowsAtATime = 256;

    readonly int? _fixedBatch;
    readonly Check[] _asTheyAre, _computed;
    readonly Graph? _graph;
    readonly int[] _inputs = [];
    CpuExecutable? _executable;

    /// <summary>A lookup, and the model input that its indices come from.</summary>
    readonly record struct Check(IndexUse Use, int Count, int Input);

    /// <param name="graph">The graph that a run computes.</param>
    /// <param name="fixedBatch">The number of samples in a run, if it is fixed.</param>
    public IndexChecks(Graph graph, int? fixedBatch)
    {
        _fixedBatch = fixedBatch;
        IReadOnlyList<Tensor> inputs = graph.Inputs;
        IEnumerable<Tensor> nodes = Topology.Order(graph.Roots).Where(n => n.Op is not Ops.Scan);
        Check[] checks = [.. IndexUse.In(nodes).Where(use => use.IsMadeOfInputs(inputs))
            .DistinctBy(use => (use.Indices, use.Count))
            .Select(use => new Check(use, use.Count.Constant!.Value, SourceOf(use, inputs)))];
        _asTheyAre = [.. checks.Where(c => c.Use.Data is not null)];
        _computed = [.. checks.Where(c => c.Use.Data is null)];
        if (_computed.Length == 0) return;
        Tensor[] indices = [.. _computed.Select(c => c.Use.Indices)];
        List<Tensor> read = Topology.Order(indices);
        _inputs = [.. Enumerable.Range(0, inputs.Count).Where(i => read.Contains(inputs[i]))];
        _graph = new([.. _inputs.Select(i => inputs[i])], indices, []) { IndicesAreChecked = true };
    }

    /// <summary>Checks all indices used for lookups.</summary>
    /// <exception cref="ArgumentException">An index is out of range.</exception>
    public void Verify(ModelData data, string inputParameter, string targetParameter)
    {
        foreach (Check check in _asTheyAre)
            Verify(data.Arrays[check.Input].Data, check, inputParameter, targetParameter);
        if (_graph is null || data.Count == 0) return;
        CpuExecutable executable = _executable ??= new CpuExecutable(_graph);
        int[] rows = [.. Enumerable.Range(0, data.Count)];
        int step = _fixedBatch ?? RowsAtATime;
        float[] values = [];
        for (int start = 0; start < rows.Length; start += step)
        {
            int count = Math.Min(step, rows.Length - start);
            executable.Prepare(count);
            for (int i = 0; i < _inputs.Length; i++)
                executable.Gather(i, data.Arrays[_inputs[i]], rows.AsSpan(start, count));
            executable.Run();
            for (int i = 0; i < _computed.Length; i++)
            {
                int size = Counts.Values(executable.OutputSizes(i));
                if (values.Length < size) values = new float[size];
                executable.Read(i, values.AsSpan(0, size));
                Verify(values.AsSpan(0, size), _computed[i], inputParameter, targetParameter);
            }
        }
    }

    public void Dispose() => _executable?.Dispose();

    static void Verify(ReadOnlySpan<float> numbers, Check check, string inputParameter, string targetParameter)
    {
        foreach (float number in numbers)
        {
            if (IndexUse.Contains(number, check.Count)) continue;
            (string what, string parameter) = check.Input == 0 ? ("input", inputParameter)
                : ("target", targetParameter);
            throw new ArgumentException(check.Use.Complaint(what, number, check.Count), parameter);
        }
    }

    static int SourceOf(IndexUse use, IReadOnlyList<Tensor> inputs)
    {
        List<Tensor> nodes = Topology.Order([use.Indices]);
        for (int i = 0; i < inputs.Count; i++)
            if (nodes.Contains(inputs[i])) return i;
        return 0;
    }
}
