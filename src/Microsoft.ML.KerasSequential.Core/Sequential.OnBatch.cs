using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Runtime;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// One step at a time.
public sealed partial class Sequential
{
    /// <summary>Runs one update on one batch (Keras <c>train_on_batch</c>). While <c>Fit</c> runs, called in a callback
    /// or on another thread, it is one more step between two training steps.</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <param name="y">The targets, one sample per row; null for the <c>targetTensors</c> of <see cref="Compile"/>, or
    /// for a model without a loss.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    /// <param name="classWeight">
    /// A weight for the samples of each class, the column of the largest target; <see cref="OneHotClassWeights"/>
    /// rejects samples with several labels.
    /// </param>
    /// <param name="resetMetrics">Whether to reset the metrics afterwards; otherwise they continue to
    /// accumulate.</param>
    /// <returns>The batch's loss before the update, and the metrics.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is
    /// disposed.</exception>
    /// <exception cref="ArgumentException">The data is invalid; the model is unchanged.</exception>
    [OverloadResolutionPriority(1)]
    public Evaluation TrainOnBatch(NDArray x, NDArray? y = null, NDArray? sampleWeight = null,
        IReadOnlyDictionary<int, double>? classWeight = null, bool resetMetrics = true)
    {
        using (WeightGate.Enter(forStep: true))
        {
            RequireCompiled();
            RequireOwnThread();
            ModelData data = Checked(
                () => CheckData(Mode.Train, x, y, sampleWeight, classWeight, nameof(x), nameof(y),
                    nameof(sampleWeight)));
            ShareOnce();
            StepFunction function = Function(Mode.Train, data);
            function.Executable.Runs = _trainSteps;
            Optimizer!.BeginStep();
            Evaluation result = OnBatch(function, data, resetMetrics, trains: true);
            _trainSteps++;
            return result;
        }
    }

    /// <summary>Computes loss and metrics on one batch (Keras <c>test_on_batch</c>). While <c>Fit</c> runs, its metrics
    /// and those of such calls accumulate separately.</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <param name="y">The targets, one sample per row; null for the <c>targetTensors</c> of <see cref="Compile"/>, or
    /// for a model without a loss.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    /// <param name="resetMetrics">Whether to reset the metrics afterwards; otherwise they continue to
    /// accumulate.</param>
    /// <returns>The batch's loss, and the metrics.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is
    /// disposed.</exception>
    /// <exception cref="ArgumentException">The data is invalid.</exception>
    [OverloadResolutionPriority(1)]
    public Evaluation TestOnBatch(NDArray x, NDArray? y = null, NDArray? sampleWeight = null, bool resetMetrics = true)
    {
        using (WeightGate.Enter())
        {
            RequireCompiled();
            RequireOwnThread();
            ModelData data = Checked(
                () => CheckData(Mode.Test, x, y, sampleWeight, null, nameof(x), nameof(y), nameof(sampleWeight)));
            ShareOnce();
            return OnBatch(Function(Mode.Test, data), data, resetMetrics, trains: false);
        }
    }

    /// <summary>Runs one update on one batch by the names of the model's input and output.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    /// <inheritdoc cref="TrainOnBatch(NDArray, NDArray, NDArray, IReadOnlyDictionary{int, double}, bool)"/>
    public Evaluation TrainOnBatch(IReadOnlyDictionary<string, NDArray> x,
        IReadOnlyDictionary<string, NDArray>? y = null, IReadOnlyDictionary<string, NDArray>? sampleWeight = null,
        IReadOnlyDictionary<int, double>? classWeight = null, bool resetMetrics = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        return TrainOnBatch(Named(x, InputName, "input", nameof(x)),
            y is null ? null : Named(y, OutputName, "target", nameof(y)),
            sampleWeight is null ? null : Named(sampleWeight, OutputName, "sample weight", nameof(sampleWeight)),
            classWeight, resetMetrics);
    }

    /// <summary>Computes loss and metrics on one batch by the names of the model's input and output.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    /// <inheritdoc cref="TestOnBatch(NDArray, NDArray, NDArray, bool)"/>
    public Evaluation TestOnBatch(IReadOnlyDictionary<string, NDArray> x,
        IReadOnlyDictionary<string, NDArray>? y = null, IReadOnlyDictionary<string, NDArray>? sampleWeight = null,
        bool resetMetrics = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        return TestOnBatch(Named(x, InputName, "input", nameof(x)),
            y is null ? null : Named(y, OutputName, "target", nameof(y)),
            sampleWeight is null ? null : Named(sampleWeight, OutputName, "sample weight", nameof(sampleWeight)),
            resetMetrics);
    }

    Evaluation OnBatch(StepFunction function, ModelData data, bool resetMetrics, bool trains)
    {
        if (_rows.Length < data.Count) _rows = [.. Enumerable.Range(0, data.Count)];
        ReadOnlySpan<int> rows = _rows.AsSpan(0, data.Count);
        if (_resident is null)
        {
            function.Run(data.Arrays, rows);
            var result = new Evaluation(MetricsNames, (double[])function.Results.Clone());
            if (resetMetrics) ClearMetrics();
            return result;
        }
        // During training or evaluation, whose metrics are not affected. What layers keep from batch to batch belongs
        // to the weights that a step changes.
        double[] values;
        _single ??= new(this);
        using (_single.Take(trains ? [.. MetricStates] : function.Written))
            values = function.RunApart(data.Arrays, rows);
        if (resetMetrics) _single = null;
        return new(MetricsNames, values);
    }

    int[] _rows = [];
}
