using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>A function of a time step's input and the states, over the steps of a sequence.</summary>
internal static class StepLoop
{
    /// <summary>The time step: its input, the states before it and what all steps share.</summary>
    internal delegate CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared);

    /// <summary>Runs the time steps.</summary>
    /// <param name="sequence">The inputs, (steps, batch, …).</param>
    /// <param name="first">The states before the first time step.</param>
    /// <param name="shared">What all time steps read.</param>
    /// <param name="mask">
    /// (steps, batch) of 1 and 0: where it is 0, the states are unchanged and the previous output is repeated. Null if
    /// all time steps count.
    /// </param>
    /// <param name="fromZero">Whether the initial states are 0, like the output before the first time step.</param>
    /// <param name="step">The computation of each time step; it may read tensors from outside.</param>
    /// <param name="owner">The owner of the loop, for error messages.</param>
    public static WholeSequence Over(
        Tensor sequence, IReadOnlyList<Tensor> first, IReadOnlyList<Tensor> shared, Tensor? mask, bool fromZero,
        Step step, string owner)
    {
        Tensor x = K.Placeholder(new Dims([.. sequence.Dims.Skip(1)])),
            here = K.Placeholder(new Dims(sequence.Dims[1]));
        Tensor[] states = [.. first.Select(s => K.Placeholder(s.Dims))],
            common = [.. shared.Select(s => K.Placeholder(s.Dims))];
        CellOutput result = step(x, states, common);
        if (result.States.Count != states.Length)
            throw new ArgumentException(
                $"{owner} has {states.Length} states, but its step returned {result.States.Count}.");
        List<Tensor> before = [.. states], after = [.. result.States], start = [.. first];

        // The output is also a state, unless it already is one, because a masked time step repeats it.
        int output = result.States.Select((s, i) => (s, i)).Where(
            s => s.s == result.Output && (mask is null || fromZero)).Select(s => s.i).DefaultIfEmpty(-1).First();
        if (output < 0)
        {
            output = before.Count;
            before.Add(K.Placeholder(result.Output.Dims));
            after.Add(result.Output);
            start.Add(K.Fill(0, before[^1]));
        }
        Tensor Wide(Tensor like) => K.ReshapeTo(here, [here.Dims[0], .. Enumerable.Repeat((Dim?)1, like.Rank - 1)]);
        if (mask is not null) after = [.. after.Select((s, i) => K.Where(Wide(s), s, before[i]))];

        Tensor[] sequences = mask is null ? [x] : [x, here];
        Captures captured = Captures.Of([.. sequences, .. before, .. common], after);
        var body = new ScanBody(
            sequences, [.. before], [.. common, .. captured.Inside], captured.Results, [], keepsStates: true);
        Tensor scan = Scan.Over(
            body, sequence.Dims[0], backward: false, mask is null ? [sequence] : [sequence, mask], start,
            [.. shared, .. captured.Outside]);
        return new(Scan.State(scan, output, Scan.After), Scan.State(scan, output, Scan.Last),
            [.. first.Select((_, i) => Scan.State(scan, i, Scan.Last))]);
    }
}
