using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A network of dense layers, described by a point of <see cref="KerasSequentialSearchSpace"/>.</summary>
internal sealed class SweptDenseNetwork(KerasSequentialNetwork network, Action<KerasSequentialOptions>? configure)
    : SweptNetwork
{
    public override Regularizer? Regularizer => network.Regularizer;

    public override int PatienceFor(long rows) => Math.Max(network.Patience, EpochsFor(network.MinUpdates / 10, rows));

    public override Sequential Build(SweptTask.Output output) => new([.. network.Hidden(), .. output.Layers]);

    public override void Configure(KerasSequentialOptions options, long rows)
    {
        network.ApplyTo(options);
        options.Epochs = Math.Max(network.Epochs, EpochsFor(network.MinUpdates, rows));
        configure?.Invoke(options);
    }

    public override long? CountWeights(int features, SweptTask.Output output)
    {
        (long inputs, long weights) = (features, 0);
        foreach (int units in network.Widths().Concat(output.Layers.OfType<Dense>().Select(layer => layer.Units)))
        {
            weights += (inputs + 1) * units;
            inputs = units;
        }
        return weights;
    }

    /// <summary>The number of epochs for a number of updates.</summary>
    int EpochsFor(int updates, long rows)
    {
        long updatesAnEpoch = Math.Max(1, (rows + network.BatchSize - 1) / network.BatchSize);
        return (int)((updates + updatesAnEpoch - 1) / updatesAnEpoch);
    }
}
