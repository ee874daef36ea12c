using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A network of dense layers, as a point of <see cref="KerasSequentialSearchSpace"/> describes it.</summary>
internal sealed class SweptDenseNetwork(KerasSequentialNetwork network, Action<KerasSequentialOptions>? configure) : SweptNetwork
{
    public override Regularizer? Regularizer => network.Regularizer;

    public override int Patience => network.Patience;

    public override Sequential Build(SweptTask.Output output) => new([.. network.Hidden(), .. output.Layers]);

    public override void Configure(KerasSequentialOptions options)
    {
        options.Optimizer = network.MakeOptimizer();
        options.BatchSize = network.BatchSize;
        options.Epochs = network.Epochs;
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
}
