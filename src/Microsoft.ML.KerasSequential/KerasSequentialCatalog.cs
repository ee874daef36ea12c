using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Tasks;
using Microsoft.ML.KerasSequential.Templates;

namespace Microsoft.ML;

/// <summary>Keras networks among ML.NET's trainers and transforms.</summary>
/// <remarks>
/// The layers are a template: each <c>Fit</c> trains a network of its own, and neither the estimator nor the layers change. Layers that have weights
/// already start from them.
/// </remarks>
public static class KerasSequentialCatalog
{
    /// <summary>Trains a network to tell classes apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output a class, its probability: <c>softmax</c>. The label is a key, a class number from 0 as a number, or a vector with an entry a class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, IReadOnlyList<Layer> layers, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new MulticlassTask(), options);

    /// <summary>Trains a network to tell classes apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">Makes a new network for each training: for layers that cannot be copied, such as a lambda without a name.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output a class, its probability: <c>softmax</c>. The label is a key, a class number from 0 as a number, or a vector with an entry a class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Func<Sequential> factory, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new MulticlassTask(), options);

    /// <summary>Trains a network to tell classes apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights are the start, such as a loaded one; it stays as it is. Options that are null are those it was compiled with.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output a class, its probability: <c>softmax</c>. The label is a key, a class number from 0 as a number, or a vector with an entry a class.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Sequential model, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new MulticlassTask(), options);

    /// <summary>Trains a network to tell yes and no apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output, the probability of yes (<c>sigmoid</c>), or in two. The label is a Boolean, a number (above 0 is yes), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, IReadOnlyList<Layer> layers, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new BinaryTask(), options);

    /// <summary>Trains a network to tell yes and no apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">Makes a new network for each training: for layers that cannot be copied, such as a lambda without a name.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output, the probability of yes (<c>sigmoid</c>), or in two. The label is a Boolean, a number (above 0 is yes), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, Func<Sequential> factory, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new BinaryTask(), options);

    /// <summary>Trains a network to tell yes and no apart.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights are the start, such as a loaded one; it stays as it is. Options that are null are those it was compiled with.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output, the probability of yes (<c>sigmoid</c>), or in two. The label is a Boolean, a number (above 0 is yes), or a key of 2 values.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, Sequential model, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new BinaryTask(), options);

    /// <summary>Trains a network to predict numbers.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output for a label of numbers, or in several for a label of vectors.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog, IReadOnlyList<Layer> layers, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new RegressionTask(), options);

    /// <summary>Trains a network to predict numbers.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">Makes a new network for each training: for layers that cannot be copied, such as a lambda without a name.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output for a label of numbers, or in several for a label of vectors.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog, Func<Sequential> factory, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new RegressionTask(), options);

    /// <summary>Trains a network to predict numbers.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights are the start, such as a loaded one; it stays as it is. Options that are null are those it was compiled with.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The network ends in one output for a label of numbers, or in several for a label of vectors.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this RegressionCatalog.RegressionTrainers catalog, Sequential model, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new RegressionTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (auto-encoder, embedding, several numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss takes; a network with <c>Epochs = 0</c> needs none.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, IReadOnlyList<Layer> layers, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new LayersTemplate(layers), new RawTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (auto-encoder, embedding, several numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="factory">Makes a new network for each training: for layers that cannot be copied, such as a lambda without a name.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss takes; a network with <c>Epochs = 0</c> needs none.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, Func<Sequential> factory, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new FactoryTemplate(factory), new RawTask(), options);

    /// <summary>Trains a network to transform rows: its raw output is the result (auto-encoder, embedding, several numbers, a sequence).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A network whose weights are the start, such as a loaded one; it stays as it is. Options that are null are those it was compiled with.</param>
    /// <param name="options">How it is trained; Keras' defaults if null.</param>
    /// <returns>The estimator.</returns>
    /// <remarks>The output column is a vector in the shape of the output. The label is whatever the loss takes; a network with <c>Epochs = 0</c> needs none.</remarks>
    /// <exception cref="ArgumentException">There are no layers, or an option is out of its range.</exception>
    public static KerasSequentialTrainer KerasSequential(this TransformsCatalog catalog, Sequential model, KerasSequentialOptions? options = null) =>
        new(MLNet.Environment(catalog), new TrainedTemplate(model), new RawTask(), options);
}
