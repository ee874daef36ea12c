using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Values, variables and their updates.
public static partial class K
{
    /// <summary>The value of a tensor that needs no input: a variable, a constant or a computation on them (Keras
    /// <c>K.eval</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">The tensor depends on a placeholder, whose values only
    /// <see cref="Function(IReadOnlyList{Tensor}, IReadOnlyList{Tensor})"/> can take.</exception>
    public static NDArray Eval(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x is Variable variable ? variable.GetValue() : Evaluate(x);
    }

    /// <summary>A variable of zeros (Keras <c>K.zeros</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <returns>The variable.</returns>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Variable Zeros(params int[] shape) => Variable(new NDArray(shape), "zeros");

    /// <summary>A variable of ones (Keras <c>K.ones</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <returns>The variable.</returns>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Variable Ones(params int[] shape)
    {
        var ones = new NDArray(shape);
        ones.Span.Fill(1);
        return Variable(ones, "ones");
    }

    /// <summary>A variable that holds the identity matrix (Keras <c>K.eye</c>).</summary>
    /// <param name="size">The number of rows and of columns.</param>
    /// <returns>The variable (size, size).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static Variable Eye(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var eye = new NDArray(size, size);
        for (int i = 0; i < size; i++) eye[i, i] = 1;
        return Variable(eye, "eye");
    }

    /// <summary>A variable of uniform random numbers (Keras <c>K.random_uniform_variable</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="low">The lower end.</param>
    /// <param name="high">The upper end, excluded.</param>
    /// <param name="name">A name.</param>
    /// <param name="seed">A seed, or null for one that follows <see cref="SetRandomSeed"/>.</param>
    /// <returns>The variable.</returns>
    public static Variable RandomUniformVariable(
        int[] shape, double low, double high, string name = "variable", int? seed = null) =>
        Variable(Evaluate(RandomUniform(shape, low, high, seed)), name);

    /// <summary>A variable of normal random numbers (Keras <c>K.random_normal_variable</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="scale">The standard deviation.</param>
    /// <param name="name">A name.</param>
    /// <param name="seed">A seed, or null for one that follows <see cref="SetRandomSeed"/>.</param>
    /// <returns>The variable.</returns>
    public static Variable RandomNormalVariable(
        int[] shape, double mean, double scale, string name = "variable", int? seed = null) =>
        Variable(Evaluate(RandomNormal(shape, mean, scale, seed)), name);

    /// <summary>A copy of a variable's value (Keras <c>K.get_value</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <returns>A new array.</returns>
    public static NDArray GetValue(Variable x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.GetValue();
    }

    /// <summary>Replaces a variable's value (Keras <c>K.set_value</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <param name="value">An array of its shape.</param>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public static void SetValue(Variable x, NDArray value)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.SetValue(value);
    }

    /// <summary>Copies of several variables' values (Keras <c>K.batch_get_value</c>).</summary>
    /// <param name="ops">The variables.</param>
    /// <returns>A new array for each.</returns>
    public static NDArray[] BatchGetValue(IEnumerable<Variable> ops)
    {
        ArgumentNullException.ThrowIfNull(ops);
        return [.. ops.Select(GetValue)];
    }

    /// <summary>Replaces the values of several variables (Keras <c>K.batch_set_value</c>).</summary>
    /// <param name="tuples">Each variable with an array of its shape.</param>
    /// <exception cref="ArgumentException">A shape differs; nothing is changed.</exception>
    public static void BatchSetValue(IEnumerable<(Variable Variable, NDArray Value)> tuples)
    {
        ArgumentNullException.ThrowIfNull(tuples);
        (Variable Variable, NDArray Value)[] all = [.. tuples];
        foreach ((Variable variable, NDArray value) in all)
        {
            if (variable is null || value is null)
                throw new ArgumentException(
                    "BatchSetValue takes variables and arrays, none of them null.", nameof(tuples));
            if (!value.Shape.SequenceEqual(variable.Sizes))
                throw new ArgumentException(
                    $"The variable {variable.Name} has shape {variable.Shape}, but the given value has shape " +
                    $"{KerasSequential.Shape.Format(value.Shape)}.", nameof(tuples));
        }
        foreach ((Variable variable, NDArray value) in all) variable.SetValue(value);
    }

    /// <summary>A new value for a variable, to pass to
    /// <see cref="Function(IReadOnlyList{Tensor}, IReadOnlyList{Tensor}, IReadOnlyList{ValueTuple{Variable,
    ///    Tensor}})"/>
    /// (Keras <c>K.update</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <param name="newX">Its next value, of the same shape.</param>
    /// <returns>The pair.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static (Variable Variable, Tensor Value) Update(Variable x, Tensor newX)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(newX);
        return Dims.MayEqual(x.Dims, newX.Dims) ? (x, newX)
            : throw new ArgumentException(
                $"The variable {x.Name} has shape {x.Shape}, but its new value has shape {newX.Shape}.", nameof(newX));
    }

    /// <summary>Adds to a variable, as its new value (Keras <c>K.update_add</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <param name="increment">The value to add.</param>
    /// <returns>The pair for <c>K.Function</c>.</returns>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static (Variable Variable, Tensor Value) UpdateAdd(Variable x, Tensor increment) => Update(x, x + increment);

    /// <summary>Subtracts from a variable, as its new value (Keras <c>K.update_sub</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <param name="decrement">The value to subtract.</param>
    /// <returns>The pair for <c>K.Function</c>.</returns>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static (Variable Variable, Tensor Value) UpdateSub(Variable x, Tensor decrement) => Update(x, x - decrement);

    /// <summary>A moving average as a variable's new value: x − (x − value)·(1 − momentum) (Keras
    /// <c>K.moving_average_update</c>).</summary>
    /// <param name="x">The variable.</param>
    /// <param name="value">The newest value, of the same shape.</param>
    /// <param name="momentum">The weight of the old average.</param>
    /// <returns>The pair for <c>K.Function</c>.</returns>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static (Variable Variable, Tensor Value) MovingAverageUpdate(Variable x, Tensor value, double momentum) =>
        Update(x, x - (x - value) * (1 - momentum));

    /// <summary>A function from placeholders to tensors that updates variables at the end of each run (Keras
    /// <c>K.function</c>).</summary>
    /// <param name="inputs">Placeholders.</param>
    /// <param name="outputs">The tensors to compute, from the old values of the variables.</param>
    /// <param name="updates">The new values, from <see cref="Update"/> and similar functions; one per variable.</param>
    /// <returns>A function that runs on the default device.</returns>
    /// <exception cref="ArgumentException">An input is not a placeholder, a tensor depends on a placeholder that is not
    /// among the inputs, or a variable has two new values.</exception>
    public static Function Function(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs,
        IReadOnlyList<(Variable Variable, Tensor Value)> updates)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(updates);
        if (updates.Any(u => u.Variable is null || u.Value is null))
            throw new ArgumentException("An update lacks its variable or its value.", nameof(updates));
        if (updates.GroupBy(u => u.Variable, ReferenceEqualityComparer.Instance).FirstOrDefault(
            g => g.Count() > 1) is { } twice)
            throw new ArgumentException(
                $"The variable {twice.First().Variable.Name} has several new values.", nameof(updates));
        return new(inputs, outputs,
            [.. updates.Select(u => Update(u.Variable, u.Value)).Select(u => new Update(u.Variable, u.Value))]);
    }

    /// <summary>Whether a tensor is a variable (Keras <c>K.is_variable</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsVariable(Tensor x) => x is Variable;

    /// <summary>Whether a tensor is a placeholder (Keras <c>K.is_placeholder</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsPlaceholder(Tensor x) => x?.Op is Placeholder;

    /// <summary>Whether an object is a symbolic tensor (Keras <c>K.is_tensor</c>).</summary>
    /// <param name="x">Any object.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsTensor(object? x) => x is Tensor;

    /// <summary>The number of elements of a tensor whose sizes are all known (Keras <c>K.count_params</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ArgumentException">A size is variable; <see cref="Size"/> returns the number as a
    /// tensor.</exception>
    public static int CountParams(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Dims.Size.Constant
            ?? throw new ArgumentException(
                $"CountParams requires a tensor whose sizes are known; given {x.Shape}.", nameof(x));
    }
}
