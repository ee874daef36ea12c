using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Tasks;
using Microsoft.ML.KerasSequential.Templates;

namespace Microsoft.ML;

/// <summary>Adds Keras networks to ML.NET's trainers and transforms.</summary>
/// <remarks>
/// The layers are a template: each <c>Fit</c> trains a new network, and neither the estimator nor the layers change. If
/// layers already have weights, training starts from them.
/// </remarks>
public static class KerasSequentialCatalog
{
    /// <summary>Trains a network for multiclass classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output per class, its probability (<c>softmax</c>). The label is a key, a
    /// class index from 0 as a number, or a vector with one entry per class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, IReadOnlyList<Layer> layers,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new MulticlassTask(), options);

    /// <summary>Trains a network for multiclass classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">A function that creates a new network for each training run: for layers that cannot be
    /// copied, such as a lambda without a name.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output per class, its probability (<c>softmax</c>). The label is a key, a
    /// class index from 0 as a number, or a vector with one entry per class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Func<Sequential> factory,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new MulticlassTask(), options);

    /// <summary>Trains a network for multiclass classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights training starts from, such as a loaded one; it is not changed.
    /// Options that are null default to those it was compiled with.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output per class, its probability (<c>softmax</c>). The label is a key, a
    /// class index from 0 as a number, or a vector with one entry per class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Sequential model,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new MulticlassTask(), options);

    /// <summary>Trains a network for binary classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output, the probability of true (<c>sigmoid</c>), or two. The label is a
    /// Boolean, a number (above 0 is true), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, IReadOnlyList<Layer> layers,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new BinaryTask(), options);

    /// <summary>Trains a network for binary classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">A function that creates a new network for each training run: for layers that cannot be
    /// copied, such as a lambda without a name.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output, the probability of true (<c>sigmoid</c>), or two. The label is a
    /// Boolean, a number (above 0 is true), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, Func<Sequential> factory,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new BinaryTask(), options);

    /// <summary>Trains a network for binary classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights training starts from, such as a loaded one; it is not changed.
    /// Options that are null default to those it was compiled with.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output, the probability of true (<c>sigmoid</c>), or two. The label is a
    /// Boolean, a number (above 0 is true), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, Sequential model,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new BinaryTask(), options);

    /// <summary>Trains a network for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output for a numeric label, or several for a vector label.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog,
        IReadOnlyList<Layer> layers, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new RegressionTask(), options);

    /// <summary>Trains a network for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">A function that creates a new network for each training run: for layers that cannot be
    /// copied, such as a lambda without a name.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output for a numeric label, or several for a vector label.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog,
        Func<Sequential> factory, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new RegressionTask(), options);

    /// <summary>Trains a network for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights training starts from, such as a loaded one; it is not changed.
    /// Options that are null default to those it was compiled with.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network must have one output for a numeric label, or several for a vector label.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog,
        Sequential model, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new RegressionTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (autoencoder, embedding, several
    /// numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss accepts; with
    /// <c>Epochs = 0</c>, none is needed.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, IReadOnlyList<Layer> layers,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new RawTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (autoencoder, embedding, several
    /// numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">A function that creates a new network for each training run: for layers that cannot be
    /// copied, such as a lambda without a name.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss accepts; with
    /// <c>Epochs = 0</c>, none is needed.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, Func<Sequential> factory,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new RawTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (autoencoder, embedding, several
    /// numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights training starts from, such as a loaded one; it is not changed.
    /// Options that are null default to those it was compiled with.</param>
    /// <param name="options">The training options; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss accepts; with
    /// <c>Epochs = 0</c>, none is needed.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, Sequential model,
        KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new RawTask(), options);
}
