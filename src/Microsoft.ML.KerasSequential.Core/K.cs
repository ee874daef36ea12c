using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Keras' backend functions over symbolic tensors, with which layers, losses, metrics and lambdas are written. Each
/// adds nodes to the graph; <see cref="Function(IReadOnlyList{Tensor}, IReadOnlyList{Tensor})"/> computes values.
/// </summary>
public static partial class K
{
    /// <summary>The fuzz factor 1e-7 (Keras <c>K.epsilon()</c>).</summary>
    public const double Epsilon = 1e-7;

    /// <summary>
    /// Sets the seed from which models draw their own seeds, like seeding NumPy in Keras: the same program produces the
    /// same weights, bit for bit.
    /// </summary>
    /// <param name="seed">The seed.</param>
    public static void SetRandomSeed(int seed) => GlobalRandom.SetSeed((uint)seed);

    /// <summary>A constant array (Keras <c>K.constant</c>).</summary>
    /// <param name="value">The values; later changes to the array have no effect.</param>
    /// <returns>The tensor.</returns>
    public static Tensor Constant(NDArray value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Rank == 0 ? Scalar(value.Span[0])
            : new(new Constant(new NDArray(value.ToArray(), value.Shape.ToArray())));
    }

    /// <summary>An input whose values are provided at each run (Keras <c>K.placeholder</c>).</summary>
    /// <param name="shape">The sizes, batch first; null for a variable size. A variable first size is the batch, which
    /// all placeholders share.</param>
    /// <returns>The tensor.</returns>
    public static Tensor Placeholder(params int?[] shape) => Placeholder(Dims.Of(new Shape(shape)));

    /// <summary>A variable that keeps its value between runs (Keras <c>K.variable</c>).</summary>
    /// <param name="value">The initial value.</param>
    /// <param name="name">A name.</param>
    /// <returns>The variable.</returns>
    public static Variable Variable(NDArray value, string name = "variable")
    {
        ArgumentNullException.ThrowIfNull(value);
        var variable = new Variable(name, value.Shape.ToArray(), trainable: true);
        variable.SetValue(value);
        return variable;
    }

    /// <summary>The gradients of the sum of a tensor (Keras <c>K.gradients</c>).</summary>
    /// <param name="loss">The tensor to differentiate.</param>
    /// <param name="wrt">The tensors to differentiate with respect to; each may be any node of the graph.</param>
    /// <returns>A gradient in the shape of each tensor; zeros if the loss does not depend on it.</returns>
    public static Tensor[] Gradients(Tensor loss, IReadOnlyList<Tensor> wrt)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(wrt);
        return Graphs.Gradients.Of(loss, wrt);
    }

    /// <summary>A function from placeholders to tensors (Keras <c>K.function</c>).</summary>
    /// <param name="inputs">Placeholders.</param>
    /// <param name="outputs">The tensors to compute.</param>
    /// <returns>A function that runs on the default device.</returns>
    /// <exception cref="ArgumentException">An input is not a placeholder, or the outputs depend on one that is not
    /// among the inputs.</exception>
    public static Function Function(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs) =>
        new(inputs, outputs);

    /// <summary>Whether a layer is being traced for training (Keras <c>K.learning_phase()</c>).</summary>
    /// <returns>True in the training graph, false in the test and prediction graphs.</returns>
    public static bool LearningPhase() => TraceScope.Current?.Training ?? false;

    /// <summary>Selects one tensor in training and another otherwise (Keras <c>K.in_train_phase</c>).</summary>
    /// <param name="x">The tensor in training.</param>
    /// <param name="alt">The tensor otherwise.</param>
    /// <returns>One of the two.</returns>
    public static Tensor InTrainPhase(Tensor x, Tensor alt) => LearningPhase() ? x : alt;

    /// <summary>Uniform random numbers in the shape of a tensor, drawn anew at each run (Keras
    /// <c>K.random_uniform</c>).</summary>
    /// <param name="like">The tensor whose shape is used.</param>
    /// <param name="minval">The lower end.</param>
    /// <param name="maxval">The upper end, excluded.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    public static Tensor RandomUniform(Tensor like, double minval = 0, double maxval = 1, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(like);
        return new Tensor(new RandomUniform(like.Dims, TraceScope.NextRandomKey(seed))) * (maxval - minval) + minval;
    }

    /// <summary>Normal random numbers in the shape of a tensor, drawn anew at each run (Keras
    /// <c>K.random_normal</c>).</summary>
    /// <param name="like">The tensor whose shape is used.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="stddev">The standard deviation.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    public static Tensor RandomNormal(Tensor like, double mean = 0, double stddev = 1, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(like);
        return new Tensor(new RandomNormal(like.Dims, TraceScope.NextRandomKey(seed))) * stddev + mean;
    }

    /// <summary>Sets a fraction of the elements to 0 and scales up the others, so that the mean is unchanged (Keras
    /// <c>K.dropout</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="level">The fraction, in [0, 1).</param>
    /// <param name="noiseShape">The shape of the mask, which broadcasts to the shape of x; null entries are x's sizes.
    /// Null for the shape of x.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">The noise shape does not broadcast to the shape of x.</exception>
    public static Tensor Dropout(Tensor x, double level, Shape? noiseShape = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!(level >= 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level),
                $"The dropout level must be in [0, 1); given {level}.");
        Dims dims = x.Dims;
        if (noiseShape is not null)
        {
            if (noiseShape.Rank != x.Rank)
                throw new ArgumentException(
                    $"Dropout: the noise shape {noiseShape} must have as many dimensions as the input {x.Shape}.",
                    nameof(noiseShape));
            dims = new([.. noiseShape.Select((d, i) => d ?? x.Dims[i])]);
            if (Dims.Broadcast(dims, x.Dims)?.Equals(x.Dims) != true)
                throw new ArgumentException(
                    $"Dropout: the noise shape {noiseShape} does not broadcast to the input {x.Shape}.",
                    nameof(noiseShape));
        }
        return x * new Tensor(new DropoutMask(dims, TraceScope.NextRandomKey(seed), (float)level));
    }

    /// <summary>The value of a tensor that needs no input.</summary>
    internal static NDArray Evaluate(Tensor tensor)
    {
        using Function function = Function([], [tensor]);
        return function.Run()[0];
    }

    internal static Tensor Scalar(double value) => new(new Scalar((float)value));

    internal static Tensor Placeholder(Dims dims, string? name = null)
    {
        var tensor = new Tensor(new Placeholder(dims, Interlocked.Increment(ref s_placeholders)));
        if (name is not null) tensor.Name = name;
        return tensor;
    }

    static long s_placeholders;
}
