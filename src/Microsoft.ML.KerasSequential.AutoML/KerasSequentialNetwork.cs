using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A network of dense layers and its training options: one point of a
/// <see cref="KerasSequentialSearchSpace"/>, which a trial trains.</summary>
public sealed class KerasSequentialNetwork
{
    /// <summary>The number of hidden layers; 0 is a linear model.</summary>
    public int HiddenLayers { get; set; } = 1;

    /// <summary>The units of the first hidden layer.</summary>
    public int Width { get; set; } = 64;

    /// <summary>The factor of the width from each hidden layer to the next.</summary>
    public double Taper { get; set; } = 1;

    /// <summary>The activation of the hidden layers, by its Keras name.</summary>
    public string Activation { get; set; } = "relu";

    /// <summary>The dropout rate of each hidden layer in training; 0 for no dropout.</summary>
    public double Dropout { get; set; }

    /// <summary>The L2 regularization factor.</summary>
    public double L2 { get; set; } = 1e-6;

    /// <summary>Whether batch normalization follows each hidden layer's matrix product.</summary>
    public bool BatchNormalization { get; set; }

    /// <summary>The optimizer, by its Keras name; <c>sgd</c> has a Nesterov momentum of 0.9.</summary>
    public string Optimizer { get; set; } = "adam";

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; set; } = 0.003;

    /// <summary>The number of samples per update.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>The maximum number of epochs; early stopping may end training earlier.</summary>
    public int Epochs { get; set; } = 60;

    /// <summary>How many epochs may pass without a better validation loss.</summary>
    public int Patience { get; set; } = 10;

    /// <summary>The minimum number of updates allowed: on a small table, with few updates per epoch,
    /// <see cref="Epochs"/> and <see cref="Patience"/> are increased.</summary>
    public int MinUpdates { get; set; } = 1000;

    /// <summary>The units of each hidden layer.</summary>
    internal IEnumerable<int> Widths() => Enumerable.Range(0, HiddenLayers)
        .Select(layer => (int)Math.Max(1, Math.Round(Width * Math.Pow(Taper, layer))));

    /// <summary>The hidden layers, without the output.</summary>
    internal IEnumerable<Layer> Hidden()
    {
        foreach (int units in Widths())
        {
            if (BatchNormalization)
            {
                yield return new Dense(units, useBias: false, kernelRegularizer: Regularizer);
                yield return new BatchNormalization();
                yield return new Activation(Activation);
            }
            else
            {
                yield return new Dense(units, Activation, kernelRegularizer: Regularizer);
            }
            if (Dropout > 0) yield return new Dropout(Dropout);
        }
    }

    /// <summary>The regularizer of each layer's weights.</summary>
    internal Regularizer? Regularizer => L2 > 0 ? new L1L2(l2: L2) : null;

    /// <summary>Sets the training options.</summary>
    /// <exception cref="ArgumentException">The optimizer's name is unknown.</exception>
    internal void ApplyTo(KerasSequentialOptions options)
    {
        options.Optimizer = MakeOptimizer();
        options.BatchSize = BatchSize;
        options.Epochs = Epochs;
    }

    Optimizer MakeOptimizer()
    {
        if (Optimizer == "sgd") return new SGD(LearningRate, momentum: 0.9, nesterov: true);
        Optimizer optimizer = Optimizer;
        optimizer.LearningRate = (float)LearningRate;
        return optimizer;
    }
}
