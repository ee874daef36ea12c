using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Writes files that TensorBoard shows (Keras <c>keras.callbacks.TensorBoard</c>): loss and metrics as curves, the predict graph, and
/// histograms of the weights. The file is complete after each epoch, whatever ends the training.
/// </summary>
public class TensorBoard : Callback
{
    readonly string _logDir;
    readonly int _histogramFreq;
    readonly bool _writeGraph;
    readonly UpdateFreq _updateFreq;
    EventFile? _file;
    long _samples, _written;

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="logDir">The folder; a run that is compared with others has a folder of its own.</param>
    /// <param name="histogramFreq">After how many epochs histograms of the weights are written; 0 for never.</param>
    /// <param name="writeGraph">Whether the predict graph is written.</param>
    /// <param name="updateFreq">When loss and metrics are written: after each <c>"epoch"</c>, each <c>"batch"</c>, or a number of samples.</param>
    /// <exception cref="ArgumentException">The folder's name is empty, or a frequency is negative.</exception>
    public TensorBoard(string logDir = "./logs", int histogramFreq = 0, bool writeGraph = true, UpdateFreq? updateFreq = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(logDir);
        ArgumentOutOfRangeException.ThrowIfNegative(histogramFreq);
        (_logDir, _histogramFreq, _writeGraph, _updateFreq) = (logDir, histogramFreq, writeGraph, updateFreq ?? "epoch");
    }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        _file = new EventFile(_logDir);
        (_samples, _written) = (0, 0);
        if (_writeGraph) _file.Graph(Nodes());
        _file.Flush();
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (_updateFreq.Samples is not int every) return;
        _samples += (long)logs.GetValueOrDefault("size");
        if (_samples - _written < every) return;
        _written = _samples;
        foreach ((string name, double value) in logs)
            if (name is not ("batch" or "size")) _file?.Scalar(name, value, _samples);
        _file?.Flush();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        long step = _updateFreq.Samples is null ? epoch : _samples;
        foreach ((string name, double value) in logs) _file?.Scalar(name, value, step);
        if (_histogramFreq > 0 && epoch % _histogramFreq == 0)
        {
            foreach (Layer layer in Model.Layers)
                foreach (Variable weight in layer.Weights) _file?.Histogram(weight.Name, weight.GetValue().Span, epoch);
        }
        _file?.Flush();
    }

    /// <summary>The predict graph; of nodes with the same name the later ones are numbered.</summary>
    IEnumerable<(string, string, IReadOnlyList<string>)> Nodes()
    {
        var names = new Dictionary<Tensor, string>();
        var used = new HashSet<string>();
        foreach (Tensor tensor in Topology.Order(Model.Outputs))
        {
            string stem = string.Concat(tensor.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or '-' ? c : '_')), name = stem;
            for (int i = 1; !used.Add(name); i++) name = $"{stem}_{i}";
            names[tensor] = name;
            yield return (name, tensor.Op.Name, [.. tensor.Inputs.Select(i => names[i])]);
        }
    }
}
