using System.Globalization;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Reports training progress to <c>MLContext.Log</c>: one line per epoch.</summary>
internal sealed class TrainingLog(IChannel channel) : Callback
{
    public override bool RunsOnEveryRank => false;

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        string values = string.Join(" - ",
            logs.Select(l => $"{l.Key}: {l.Value.ToString("G5", CultureInfo.InvariantCulture)}"));
        channel.Info(MessageSensitivity.None, "{0}", $"Epoch {epoch + 1}/{Params.Epochs} - {values}");
    }

    /// <summary>Warns about rows with missing values.</summary>
    public static void LeftOut(IChannel channel, (long Features, long Labels, long Weights) rows)
    {
        if (rows.Features > 0)
            channel.Warning(MessageSensitivity.None, "{0}",
                $"{rows.Features} rows were skipped because a feature is missing or infinite.");
        if (rows.Labels > 0)
            channel.Warning(MessageSensitivity.None, "{0}",
                $"{rows.Labels} rows were skipped because the label is missing.");
        if (rows.Weights > 0)
            channel.Warning(MessageSensitivity.None, "{0}",
                $"{rows.Weights} rows were skipped because the weight is missing.");
    }
}
