using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A <see cref="ConvLSTMCell"/> over a sequence (the base class of Keras' <c>ConvLSTM1D</c>, <c>ConvLSTM3D</c>).
/// </summary>
public abstract class ConvLSTM : RNN
{
    readonly int _rank;

    private protected ConvLSTM(int rank, ConvGeometry geometry, CellOptions cell, bool unitForgetBias,
        RecurrentOptions recurrent, Regularizer? activityRegularizer, LayerOptions options)
        : base(new OwnCell(rank, geometry, cell, unitForgetBias), recurrent, activityRegularizer, options) =>
        _rank = rank;

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 3;

    private protected override void WriteCell(JsonObject config)
    {
        ((ConvLSTMCell)Cell).WriteSettings(config);
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
    }

    sealed class OwnCell(int rank, ConvGeometry geometry, CellOptions options, bool unitForgetBias)
        : ConvLSTMCell(rank, geometry, options, unitForgetBias, default)
    {
        public override string ClassName => nameof(ConvLSTMCell);
    }
}
