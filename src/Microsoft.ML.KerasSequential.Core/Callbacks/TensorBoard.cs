using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Writes files for TensorBoard (Keras <c>keras.callbacks.TensorBoard</c>): loss and metrics as curves, the prediction
/// graph, and histograms of the weights. The file is complete after each epoch, no matter how training ends.
/// </summary>
public class TensorBoard : Callback
{
    EventFile? _file;
    long _begun;

    /// <summary>Gets the path of the folder.</summary>
    public string LogDir { get; }

    /// <summary>Gets the number of epochs between histograms of the weights, or 0 for none.</summary>
    public int HistogramFreq { get; }

    /// <summary>Gets a value that indicates whether the prediction graph is written.</summary>
    public bool WriteGraph { get; }

    /// <summary>Gets the frequency at which loss and metrics are written.</summary>
    public UpdateFreq UpdateFreq { get; }

    /// <summary>
    /// Gets a value that indicates whether the number of training steps per second is written after each epoch (Keras 3
    /// <c>write_steps_per_second</c>).
    /// </summary>
    public bool WriteStepsPerSecond { get; init; }

    /// <summary>
    /// Gets the number of samples used for training so far. They are not counted if values are written once per epoch.
    /// </summary>
    public long SamplesSeen { get; private set; }

    /// <summary>Gets the number of samples at the last write within an epoch.</summary>
    public long SamplesSeenAtLastWrite { get; private set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="logDir">
    /// The path of the folder. To compare training runs, use a separate folder for each one.
    /// </param>
    /// <param name="histogramFreq">The number of epochs between histograms of the weights, or 0 for none.</param>
    /// <param name="writeGraph">true to write the prediction graph; otherwise, false.</param>
    /// <param name="updateFreq">
    /// The frequency at which loss and metrics are written: <c>"epoch"</c>, <c>"batch"</c>, or a number of samples. The
    /// default is <c>"epoch"</c>.
    /// </param>
    /// <exception cref="ArgumentException">The folder name is empty, or a frequency is negative.</exception>
    public TensorBoard(string logDir = "./logs", int histogramFreq = 0, bool writeGraph = true,
        UpdateFreq? updateFreq = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(logDir);
        ArgumentOutOfRangeException.ThrowIfNegative(histogramFreq);
        (LogDir, HistogramFreq, WriteGraph, UpdateFreq) = (logDir, histogramFreq, writeGraph, updateFreq ?? "epoch");
    }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        _file = new EventFile(LogDir);
        (SamplesSeen, SamplesSeenAtLastWrite) = (0, 0);
        if (WriteGraph) _file.Graph(Nodes());
        _file.Flush();
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => _begun = System.Diagnostics.Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (UpdateFreq.Samples is not int every) return;
        SamplesSeen += (long)logs.GetValueOrDefault("size");
        if (SamplesSeen - SamplesSeenAtLastWrite < every) return;
        SamplesSeenAtLastWrite = SamplesSeen;
        foreach ((string name, double value) in logs)
            if (name is not ("batch" or "size")) _file?.Scalar(name, value, SamplesSeen);
        _file?.Flush();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        long step = UpdateFreq.Samples is null ? epoch : SamplesSeen;
        foreach ((string name, double value) in logs) _file?.Scalar(name, value, step);
        if (WriteStepsPerSecond && Params.Steps > 0)
            _file?.Scalar("epoch_steps_per_second",
                Params.Steps / System.Diagnostics.Stopwatch.GetElapsedTime(_begun).TotalSeconds, epoch);
        if (HistogramFreq > 0 && epoch % HistogramFreq == 0)
        {
            foreach (Layer layer in Model.Layers)
                foreach (Variable weight in layer.Weights) _file?.Histogram(weight.Name, weight.GetValue().Span, epoch);
        }
        _file?.Flush();
    }

    /// <summary>
    /// Returns the nodes of the prediction graph. If several nodes have the same name, the later ones are numbered.
    /// </summary>
    IEnumerable<(string, string, IReadOnlyList<string>)> Nodes()
    {
        var names = new Dictionary<Tensor, string>();
        var used = new HashSet<string>();
        foreach (Tensor tensor in Topology.Order(Model.Outputs))
        {
            string stem = string.Concat(
                tensor.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or '-' ? c : '_')),
                name = stem;
            for (int i = 1; !used.Add(name); i++) name = $"{stem}_{i}";
            names[tensor] = name;
            yield return (name, tensor.Op.Name, [.. tensor.Inputs.Select(i => names[i])]);
        }
    }
}
