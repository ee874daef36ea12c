using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// Judging the model on arrays.
public sealed partial class Sequential
{
    /// <summary>Loss and metrics on data (Keras <c>evaluate</c>); the weights stay as they are.</summary>
    /// <param name="x">The inputs, a sample a row.</param>
    /// <param name="y">The targets, a sample a row.</param>
    /// <param name="batchSize">Samples at a time; 32 by default.</param>
    /// <param name="verbose">0 for silence, 1 for a progress bar.</param>
    /// <param name="sampleWeight">A factor for each sample, or for each step.</param>
    /// <param name="steps">How many times to go over all the data; instead of a batch size.</param>
    /// <param name="callbacks">Accepted for Keras' sake; evaluation has no epochs to hook into.</param>
    /// <param name="cancellationToken">Ends the evaluation between two batches.</param>
    /// <returns>The values in the order of <see cref="MetricsNames"/>; the loss is the mean over all samples.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">Data or arguments do not fit.</exception>
    public Evaluation Evaluate(NDArray x, NDArray y, int? batchSize = null, int verbose = 1, NDArray? sampleWeight = null, int? steps = null,
        IEnumerable<Callback>? callbacks = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            RequireCompiled();
            CheckBatchSize(batchSize, nameof(batchSize));
            CheckVerbose(verbose, nameof(verbose));
            if (steps is < 1) throw new ArgumentOutOfRangeException(nameof(steps), $"`steps` must be 1 or more; given {steps}.");
            if (steps is not null && batchSize is not null) throw new ArgumentException("If steps is set, the `batch_size` must be None.", nameof(batchSize));
            Data data = Checked(() => CheckData(x, y, sampleWeight, null, nameof(x), nameof(y), nameof(sampleWeight)));
            double[] values = steps is int count
                ? EvaluateSteps(data, count, verbose, cancellationToken)
                : EvaluateBatches(data, batchSize ?? DefaultBatchSize, verbose, cancellationToken);
            return new(MetricsNames, values);
        }
    }

    double[] EvaluateBatches(Data data, int batchSize, int verbose, CancellationToken token = default)
    {
        int[] order = [.. Enumerable.Range(0, data.Count)];
        int batches = (data.Count + batchSize - 1) / batchSize;
        return Judge(data, verbose, data.Count, batches, b => order.AsMemory(b * batchSize, Math.Min(batchSize, data.Count - b * batchSize)), perStep: false, token);
    }

    double[] EvaluateSteps(Data data, int steps, int verbose, CancellationToken token = default)
    {
        int[] order = [.. Enumerable.Range(0, data.Count)];
        return Judge(data, verbose, steps, steps, _ => order, perStep: true, token);
    }

    double[] Judge(Data data, int verbose, int target, int batches, Func<int, ReadOnlyMemory<int>> rowsOf, bool perStep, CancellationToken token)
    {
        StepFunction function = Function(Mode.Test, data);
        ResetMetrics();
        Progbar? bar = verbose == 1 ? new Progbar(target, perStep: perStep) : null;
        double sum = 0;
        int seen = 0;
        for (int b = 0; b < batches; b++)
        {
            token.ThrowIfCancellationRequested();
            ReadOnlyMemory<int> rows = rowsOf(b);
            function.Run(data.Arrays, rows.Span);
            int counted = perStep ? 1 : rows.Length;
            sum += function.Results[0] * counted;
            seen += counted;
            if (seen < target) bar?.Update(seen, new Dictionary<string, double>(), []);
        }
        bar?.Finish(new Dictionary<string, double>(), []);
        double[] values = (double[])function.Results.Clone();
        values[0] = sum / seen;
        return values;
    }
}
