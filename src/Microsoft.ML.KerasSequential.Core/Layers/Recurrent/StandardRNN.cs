using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A recurrent layer that creates its own cell (the base class of <see cref="SimpleRNN"/>, <see cref="GRU"/> and
/// <see cref="LSTM"/>); its configuration includes the cell's settings.
/// </summary>
public abstract class StandardRNN : RNN
{
    private protected StandardRNN(StandardCell cell, RecurrentOptions recurrent, Regularizer? activityRegularizer,
        LayerOptions options) : base(cell, recurrent, activityRegularizer, options)
    {
    }

    /// <summary>The size of the output.</summary>
    public int Units => ((StandardCell)Cell).Units;

    private protected override void WriteCell(JsonObject config)
    {
        ((StandardCell)Cell).WriteSettings(config);
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
    }
}
