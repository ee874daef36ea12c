using System.Globalization;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Tells <c>MLContext.Log</c> how the training goes: a line an epoch.</summary>
internal sealed class TrainingLog(IChannel channel) : Callback
{
    public override bool RunsOnEveryRank => false;

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        string values = string.Join(" - ", logs.Select(l => $"{l.Key}: {l.Value.ToString("G5", CultureInfo.InvariantCulture)}"));
        channel.Info(MessageSensitivity.None, "{0}", $"Epoch {epoch + 1}/{Params.Epochs} - {values}");
    }

    /// <summary>Warns of rows that lacked something.</summary>
    public static void LeftOut(IChannel channel, (long Features, long Labels, long Weights) rows)
    {
        if (rows.Features > 0) channel.Warning(MessageSensitivity.None, "{0}", $"{rows.Features} rows were left out because a feature is missing or infinite.");
        if (rows.Labels > 0) channel.Warning(MessageSensitivity.None, "{0}", $"{rows.Labels} rows were left out because the label is missing.");
        if (rows.Weights > 0) channel.Warning(MessageSensitivity.None, "{0}", $"{rows.Weights} rows were left out because the weight is missing.");
    }
}
