namespace Microsoft.ML.KerasSequential;

// One step at a time.
public sealed partial class Sequential
{
    /// <summary>One update on one batch (Keras <c>train_on_batch</c>).</summary>
    /// <param name="x">The inputs, a sample a row.</param>
    /// <param name="y">The targets, a sample a row.</param>
    /// <param name="sampleWeight">A factor for each sample, or for each step.</param>
    /// <param name="classWeight">A factor for the samples of each class.</param>
    /// <param name="resetMetrics">Whether the metrics are forgotten afterwards; else they go on collecting.</param>
    /// <returns>The batch's loss before the update, and the metrics.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">The data do not fit; the model is as before.</exception>
    public Evaluation TrainOnBatch(NDArray x, NDArray y, NDArray? sampleWeight = null, IReadOnlyDictionary<int, double>? classWeight = null, bool resetMetrics = true)
    {
        lock (_gate)
        {
            RequireCompiled();
            Data data = Checked(() => CheckData(x, y, sampleWeight, classWeight, nameof(x), nameof(y), nameof(sampleWeight)));
            StepFunction function = Function(Mode.Train, data);
            function.Executable.Runs = _trainSteps++;
            Optimizer!.BeginStep();
            return OnBatch(function, data, resetMetrics);
        }
    }

    /// <summary>Loss and metrics on one batch (Keras <c>test_on_batch</c>).</summary>
    /// <param name="x">The inputs, a sample a row.</param>
    /// <param name="y">The targets, a sample a row.</param>
    /// <param name="sampleWeight">A factor for each sample, or for each step.</param>
    /// <param name="resetMetrics">Whether the metrics are forgotten afterwards; else they go on collecting.</param>
    /// <returns>The batch's loss, and the metrics.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">The data do not fit.</exception>
    public Evaluation TestOnBatch(NDArray x, NDArray y, NDArray? sampleWeight = null, bool resetMetrics = true)
    {
        lock (_gate)
        {
            RequireCompiled();
            Data data = Checked(() => CheckData(x, y, sampleWeight, null, nameof(x), nameof(y), nameof(sampleWeight)));
            return OnBatch(Function(Mode.Test, data), data, resetMetrics);
        }
    }

    Evaluation OnBatch(StepFunction function, Data data, bool resetMetrics)
    {
        if (_rows.Length < data.Count) _rows = [.. Enumerable.Range(0, data.Count)];
        function.Run(data.Arrays, _rows.AsSpan(0, data.Count));
        var result = new Evaluation(MetricsNames, (double[])function.Results.Clone());
        if (resetMetrics) ResetMetrics();
        return result;
    }

    int[] _rows = [];
}
