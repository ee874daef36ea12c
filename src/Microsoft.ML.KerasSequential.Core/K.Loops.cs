using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Loops. Outer tensors that their functions read are computed once, before the loop.
public static partial class K
{
    /// <summary>
    /// Applies a function of a step's input and the states over the time steps of sequences (Keras <c>K.rnn</c>). A
    /// masked step keeps the states and repeats the previous output, initially 0.
    /// </summary>
    /// <param name="stepFunction">A function from the input of a step, batch first, and the states followed by the
    /// constants, to the output and the next states. It is called once.</param>
    /// <param name="inputs">The sequences (batch, steps, …).</param>
    /// <param name="initialStates">The states before the first step, batch first.</param>
    /// <param name="goBackwards">Whether the sequences are processed backward; outputs are in the order of
    /// processing.</param>
    /// <param name="mask">The steps to include, (batch, steps) or (batch, steps, 1) of 1 and 0; null for all.</param>
    /// <param name="constants">Tensors passed to the function after the states, the same at all steps; null for
    /// none.</param>
    /// <param name="unroll">Accepted for compatibility with Keras; loops are always unrolled before they run.</param>
    /// <param name="inputLength">Accepted for compatibility with Keras; the number of steps is that of the
    /// inputs.</param>
    /// <returns>The output of the last step, the outputs of all steps (batch, steps, …), and the states after the last
    /// step.</returns>
    /// <exception cref="ArgumentException">The shapes or the number of states do not match.</exception>
    public static (Tensor LastOutput, Tensor Outputs, IReadOnlyList<Tensor> NewStates) Rnn(
        Func<Tensor, IReadOnlyList<Tensor>, (Tensor Output, IReadOnlyList<Tensor> NewStates)> stepFunction,
        Tensor inputs, IReadOnlyList<Tensor> initialStates, bool goBackwards = false,
        Tensor? mask = null, IReadOnlyList<Tensor>? constants = null, bool unroll = false, int? inputLength = null)
    {
        ArgumentNullException.ThrowIfNull(stepFunction);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(initialStates);
        if (inputs.Rank < 2)
            throw new ArgumentException($"Rnn requires inputs (batch, steps, …); given {inputs.Shape}.",
                nameof(inputs));
        if (inputLength is int length && !Dim.MayEqual(length, inputs.Dims[1]))
            throw new ArgumentException(
                $"Rnn: the inputs of shape {inputs.Shape} do not have {length} steps.", nameof(inputLength));
        if (mask is { Rank: 3 } && mask.Dims[2].IsOne) mask = Squeeze(mask, 2);
        if (mask is not null && (mask.Rank != 2 || !Dim.MayEqual(mask.Dims[1], inputs.Dims[1])))
            throw new ArgumentException(
                $"Rnn: a mask for inputs of shape {inputs.Shape} must be (batch, steps); given {mask.Shape}.",
                nameof(mask));
        if (initialStates.Contains(null!) || constants?.Contains(null!) == true)
            throw new ArgumentException("Rnn: states and constants cannot be null.", nameof(initialStates));

        Tensor Read(Tensor x) => goBackwards ? Reverse(StepsFirst(x), 0) : StepsFirst(x);
        WholeSequence whole =
            StepLoop.Over(Read(inputs), initialStates, constants ?? [], mask is null ? null : Read(mask),
            fromZero: mask is null, Step, "Rnn");
        return (whole.LastOutput, StepsFirst(whole.Outputs), whole.LastStates);

        CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
        {
            (Tensor output, IReadOnlyList<Tensor> next) = stepFunction(x, [.. states, .. shared]);
            if (output is null || next is null || next.Contains(null!))
                throw new ArgumentException(
                    "Rnn: a step must return an output and the next states.", nameof(stepFunction));
            for (int i = 0; i < Math.Min(states.Count, next.Count); i++)
            {
                if (!Dims.MayEqual(states[i].Dims, next[i].Dims))
                    throw new ArgumentException(
                        $"Rnn: state {i} has shape {states[i].Shape}, but after a step {next[i].Shape}.",
                        nameof(stepFunction));
            }
            return new(output, next);
        }
    }

    /// <summary>Applies a function to each element along the first dimension (Keras <c>K.map_fn</c>).</summary>
    /// <param name="fn">A function from an element, without the first dimension, to a tensor. It is called
    /// once.</param>
    /// <param name="elems">A tensor of at least one dimension.</param>
    /// <returns>The results, stacked along the first dimension.</returns>
    /// <exception cref="ArgumentException">The tensor has no dimensions.</exception>
    public static Tensor MapFn(Func<Tensor, Tensor> fn, Tensor elems)
    {
        ArgumentNullException.ThrowIfNull(fn);
        return Map(places => fn(places[0]) ?? throw new ArgumentException("MapFn: the function returned null.",
            nameof(fn)), [elems]);
    }

    /// <summary><see cref="MapFn"/> over the elements of several tensors together.</summary>
    internal static Tensor Map(Func<Tensor[], Tensor> fn, Tensor[] elems)
    {
        Tensor[] places = [.. elems.Select(e => PlaceOf(e, nameof(MapFn)))];
        Captures captured = Captures.Of(places, [Identity(fn(places))]);
        var body = new ScanBody(places, [], captured.Inside, [], captured.Results, keepsStates: true);
        return Scan.Output(Scan.Over(body, elems[0].Dims[0], backward: false, elems, [], captured.Outside), 0);
    }

    /// <summary>Reduces the elements along the first dimension with a function, starting from an initial value (Keras
    /// <c>K.foldl</c>).</summary>
    /// <param name="fn">A function from the current value and an element, without the first dimension, to the next
    /// value. It is called once.</param>
    /// <param name="elems">A tensor of at least one dimension.</param>
    /// <param name="initializer">The initial value; null for the first element, if the number of elements is
    /// known.</param>
    /// <returns>The last value.</returns>
    /// <exception cref="ArgumentException">The tensor has no dimensions, the shapes do not match, or there is no
    /// initial value.</exception>
    public static Tensor Foldl(Func<Tensor, Tensor, Tensor> fn, Tensor elems, Tensor? initializer = null) =>
        Folded(fn, elems, initializer, nameof(Foldl));

    /// <summary>Reduces the elements along the first dimension with a function, from the last to the first (Keras
    /// <c>K.foldr</c>).</summary>
    /// <param name="fn">A function from the current value and an element, without the first dimension, to the next
    /// value. It is called once.</param>
    /// <param name="elems">A tensor of at least one dimension.</param>
    /// <param name="initializer">The initial value; null for the last element, if the number of elements is
    /// known.</param>
    /// <returns>The last value.</returns>
    /// <exception cref="ArgumentException">The tensor has no dimensions, the shapes do not match, or there is no
    /// initial value.</exception>
    public static Tensor Foldr(Func<Tensor, Tensor, Tensor> fn, Tensor elems, Tensor? initializer = null)
    {
        ArgumentNullException.ThrowIfNull(elems);
        return Folded(fn, elems.Rank == 0 ? elems : Reverse(elems, 0), initializer, nameof(Foldr));
    }

    static Tensor Folded(Func<Tensor, Tensor, Tensor> fn, Tensor elems, Tensor? initializer, string function)
    {
        ArgumentNullException.ThrowIfNull(fn);
        Tensor x = PlaceOf(elems, function);
        if (initializer is null)
        {
            int places = elems.Dims[0].Constant is int known and > 0 ? known
                : throw new ArgumentException(
                    $"{function}: a tensor of shape {elems.Shape} has no element that is known to exist, so the " +
                    "initial value must be given.", nameof(initializer));
            initializer = Squeeze(Slice(elems, 0, 0, 1), 0);
            elems = Slice(elems, 0, 1, places - 1);
        }
        Tensor value = Placeholder(initializer.Dims);
        Tensor next = fn(value, x)
            ?? throw new ArgumentException($"{function}: the function returned null.", nameof(fn));
        if (!Dims.MayEqual(next.Dims, initializer.Dims))
            throw new ArgumentException(
                $"{function}: the initial value has shape {initializer.Shape}, but the function returns " +
                $"{next.Shape}.", nameof(fn));
        Captures captured = Captures.Of([x, value], [Identity(next)]);
        var body = new ScanBody([x], [value], captured.Inside, captured.Results, [], keepsStates: true);
        return Scan.State(Scan.Over(body, elems.Dims[0], backward: false, [elems], [initializer], captured.Outside),
            0, Scan.Last);
    }

    /// <summary>A placeholder for one element along the first dimension.</summary>
    static Tensor PlaceOf(Tensor elems, string function)
    {
        ArgumentNullException.ThrowIfNull(elems);
        return elems.Rank > 0 ? Placeholder(new Dims([.. elems.Dims.Skip(1)]))
            : throw new ArgumentException($"{function} requires a tensor of one or more dimensions.", nameof(elems));
    }

    /// <summary>Swaps batch and time steps.</summary>
    static Tensor StepsFirst(Tensor x) => PermuteDimensions(x, [1, 0, .. Enumerable.Range(2, x.Rank - 2)]);
}
