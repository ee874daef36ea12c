using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Runtime;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Training, evaluation, and prediction on texts, which the first layer turns into numbers.
public sealed partial class Sequential
{
    /// <summary>Trains the model on texts (Keras <c>fit</c>); the first layer must be a <see cref="TextLayer"/>, which
    /// turns them into numbers once, before the first epoch.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    public History Fit(IReadOnlyList<string> x, NDArray? y = null, int? batchSize = null, int epochs = 1,
        int verbose = 1, IEnumerable<Callback>? callbacks = null, double validationSplit = 0,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, NDArray? sampleWeight = null, int initialEpoch = 0,
        int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Fit(Numbers(x, nameof(x)), y, batchSize, epochs, verbose, callbacks, validationSplit, validationData, shuffle,
            classWeight, sampleWeight, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize,
            validationFreq, maxQueueSize,
            workers, useMultiprocessing, resumeFrom, progress, cancellationToken);

    /// <summary>Computes loss and metrics on texts (Keras <c>evaluate</c>); the first layer must be a
    /// <see cref="TextLayer"/>.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation Evaluate(IReadOnlyList<string> x, NDArray? y = null, int? batchSize = null, int verbose = 1,
        NDArray? sampleWeight = null, int? steps = null, IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        Evaluate(Numbers(x, nameof(x)), y, batchSize, verbose, sampleWeight, steps, callbacks, maxQueueSize, workers,
            useMultiprocessing, cancellationToken);

    /// <summary>Computes the outputs for texts (Keras <c>predict</c>); the first layer must be a
    /// <see cref="TextLayer"/>.</summary>
    /// <param name="x">The texts, one per sample; no texts give no outputs.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray Predict(IReadOnlyList<string> x, int? batchSize = null, int verbose = 0, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        Predict(Numbers(x, nameof(x)), batchSize, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <summary>Runs one update on one batch of texts (Keras <c>train_on_batch</c>); the first layer must be a
    /// <see cref="TextLayer"/>.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <inheritdoc cref="TrainOnBatch(NDArray, NDArray, NDArray, IReadOnlyDictionary{int, double}, bool)"/>
    public Evaluation TrainOnBatch(IReadOnlyList<string> x, NDArray? y = null, NDArray? sampleWeight = null,
        IReadOnlyDictionary<int, double>? classWeight = null, bool resetMetrics = true) =>
        TrainOnBatch(Numbers(x, nameof(x)), y, sampleWeight, classWeight, resetMetrics);

    /// <summary>Computes loss and metrics on one batch of texts (Keras <c>test_on_batch</c>); the first layer must be a
    /// <see cref="TextLayer"/>.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <inheritdoc cref="TestOnBatch(NDArray, NDArray, NDArray, bool)"/>
    public Evaluation TestOnBatch(IReadOnlyList<string> x, NDArray? y = null, NDArray? sampleWeight = null,
        bool resetMetrics = true) =>
        TestOnBatch(Numbers(x, nameof(x)), y, sampleWeight, resetMetrics);

    /// <summary>Computes the outputs for one batch of texts (Keras <c>predict_on_batch</c>); the first layer must be a
    /// <see cref="TextLayer"/>.</summary>
    /// <param name="x">The texts, one per sample.</param>
    /// <inheritdoc cref="PredictOnBatch(NDArray)"/>
    public NDArray PredictOnBatch(IReadOnlyList<string> x) => PredictOnBatch(Numbers(x, nameof(x)));

    /// <summary>The layer that takes the model's texts, or null if the model takes numbers.</summary>
    internal TextLayer? FirstText => _layers.Count == 0 ? null : TextPart(_layers[0]);

    internal static TextLayer? TextPart(Layer layer) => layer as TextLayer ?? (layer as Sequential)?.FirstText;

    /// <summary>The shape that the graph starts with, if a first layer has a shape: a shape of single texts, as Keras
    /// stores it, becomes that of their numbers.</summary>
    static Shape ShapeOfNumbers(Layer layer, Shape shape) =>
        TextPart(layer) is { KeepsShape: false } text && (shape.Rank == 1 || (shape.Rank == 2 && shape[1] == 1))
        ? text.NumbersShape : shape;

    /// <summary>Turns texts into the numbers that the model's graph takes; an unbuilt model is built.</summary>
    internal NDArray Numbers(IReadOnlyList<string> texts, string parameter)
    {
        if (texts is null) throw new ArgumentNullException(parameter);
        using ModelGate.Turn turn = WeightGate.Enter();
        RequireAlive();
        TextLayer layer = FirstText ?? throw new ArgumentException($"The model {Name} takes numbers; given " +
            $"{texts.Count} texts. A model takes texts if its first layer is a TextLayer, such as TextVectorization.",
            parameter);
        NDArray numbers = layer.Call(texts);
        if (_input is null) Build(layer.NumbersShape);
        return numbers;
    }

    /// <summary>Only a model's input can be text.</summary>
    void RequireFirst(Layer layer)
    {
        if (_layers.Count > 0 && TextPart(layer) is { } text)
            throw new ArgumentException($"Layer {text.Name} takes text, so it can only be the first layer of a " +
                $"model; {Name} already starts with {_layers[0].Name}.", nameof(layer));
    }
}
