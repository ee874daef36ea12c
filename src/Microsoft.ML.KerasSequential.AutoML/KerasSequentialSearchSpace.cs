using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// The search space of an experiment for a network of dense layers and its training. The defaults suit tables of a few
/// hundred to a few hundred thousand rows; each can be replaced by another range, a number or a list, whose first value
/// is tried first.
/// </summary>
public sealed class KerasSequentialSearchSpace
{
    /// <summary>The number of hidden layers; 0 to 3.</summary>
    public SweepRange<int> HiddenLayers { get; set; } = new(0, 3, 1);

    /// <summary>The units of the first hidden layer; 8 to 256, on a log scale.</summary>
    public SweepRange<int> Width { get; set; } = new(8, 256, 64, LogScale: true);

    /// <summary>The factor of the width from each hidden layer to the next; 0.5 to 1.</summary>
    public SweepRange<double> Taper { get; set; } = new(0.5, 1, 1);

    /// <summary>The activations of the hidden layers, by their Keras names.</summary>
    public IReadOnlyList<string> Activations { get; set; } = ["relu", "tanh", "selu", "gelu"];

    /// <summary>The dropout rate after each hidden layer; 0 to 0.5.</summary>
    public SweepRange<double> Dropout { get; set; } = new(0, 0.5, 0);

    /// <summary>The L2 regularization factor; 1e−7 to 0.01, on a log scale.</summary>
    public SweepRange<double> L2 { get; set; } = new(1e-7, 1e-2, 1e-5, LogScale: true);

    /// <summary>Whether to use batch normalization; both are tried.</summary>
    public IReadOnlyList<bool> BatchNormalization { get; set; } = [false, true];

    /// <summary>The optimizers, by their Keras names.</summary>
    public IReadOnlyList<string> Optimizers { get; set; } = ["adam", "rmsprop", "sgd"];

    /// <summary>The learning rate; 3e−4 to 0.03, on a log scale.</summary>
    public SweepRange<double> LearningRate { get; set; } = new(3e-4, 3e-2, 3e-3, LogScale: true);

    /// <summary>The number of samples per update.</summary>
    public IReadOnlyList<int> BatchSizes { get; set; } = [32, 16, 64, 128];

    /// <summary>The maximum number of epochs; 20 to 200, on a log scale.</summary>
    public SweepRange<int> Epochs { get; set; } = new(20, 200, 60, LogScale: true);

    /// <summary>How many epochs may pass without a better validation loss; 10. It is not swept.</summary>
    public int Patience { get; set; } = 10;

    /// <summary>The minimum number of updates allowed; 1000. On a small table, with few updates per epoch, the epochs
    /// and the patience are increased. It is not swept; 0 leaves both unchanged.</summary>
    public int MinUpdates { get; set; } = 1000;

    /// <summary>Converts the space to ML.NET's form.</summary>
    /// <returns>A space over <see cref="KerasSequentialNetwork"/>. Fixed values are not dimensions of it.</returns>
    /// <exception cref="ArgumentException">A range is invalid, or a list is empty.</exception>
    public SearchSpace<KerasSequentialNetwork> ToSearchSpace()
    {
        HiddenLayers.Check(nameof(HiddenLayers), 0, 100);
        Width.Check(nameof(Width), 1, 1 << 20);
        Taper.Check(nameof(Taper), 0.01, 4);
        Dropout.Check(nameof(Dropout), 0, 0.99);
        L2.Check(nameof(L2), 0, 1e3);
        LearningRate.Check(nameof(LearningRate), double.Epsilon, 1e3);
        Epochs.Check(nameof(Epochs), 1, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(MinUpdates);
        var start = new KerasSequentialNetwork
        {
            HiddenLayers = HiddenLayers.Start,
            Width = Width.Start,
            Taper = Taper.Start,
            Activation = First(Activations, nameof(Activations)),
            Dropout = Dropout.Start,
            L2 = L2.Start,
            BatchNormalization = First(BatchNormalization, nameof(BatchNormalization)),
            Optimizer = First(Optimizers, nameof(Optimizers)),
            LearningRate = LearningRate.Start,
            BatchSize = First(BatchSizes, nameof(BatchSizes)),
            Epochs = Epochs.Start,
            Patience = Patience,
            MinUpdates = MinUpdates,
        };
        foreach (string activation in Activations) _ = (Activations.Activation)activation;
        foreach (string optimizer in Optimizers) _ = (KerasSequential.Optimizers.Optimizer)optimizer;
        if (BatchSizes.Any(size => size < 1))
            throw new ArgumentException("A batch size must be 1 or more.", nameof(BatchSizes));

        var space = new SearchSpace<KerasSequentialNetwork>(start);
        Add(space, nameof(start.HiddenLayers), HiddenLayers);
        Add(space, nameof(start.Width), Width);
        Add(space, nameof(start.Taper), Taper);
        Add(space, nameof(start.Activation), Activations);
        Add(space, nameof(start.Dropout), Dropout);
        Add(space, nameof(start.L2), L2);
        Add(space, nameof(start.BatchNormalization), BatchNormalization);
        Add(space, nameof(start.Optimizer), Optimizers);
        Add(space, nameof(start.LearningRate), LearningRate);
        Add(space, nameof(start.BatchSize), BatchSizes);
        Add(space, nameof(start.Epochs), Epochs);
        return space;
    }

    static T First<T>(IReadOnlyList<T> values, string name) =>
        values is { Count: > 0 } ? values[0]
        : throw new ArgumentException($"{name} must contain at least one value.", name);

    static void Add(SearchSpace<KerasSequentialNetwork> space, string name, SweepRange<int> range)
    {
        if (!range.IsFixed) space[name] = new WholeNumberOption(range);
    }

    static void Add(SearchSpace<KerasSequentialNetwork> space, string name, SweepRange<double> range)
    {
        if (!range.IsFixed) space[name] = new UniformDoubleOption(range.Min, range.Max, range.LogScale, range.Start);
    }

    static void Add<T>(SearchSpace<KerasSequentialNetwork> space, string name, IReadOnlyList<T> values)
        where T : notnull
    {
        object[] choices = [.. values.Distinct().Cast<object>()];
        if (choices.Length > 1) space[name] = new ChoiceOption(choices, choices[0]);
    }
}
