using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Connectionist temporal classification (A. Graves et al. 2006).
public static partial class K
{
    /// <summary>The logarithm of an impossible event: finite, so that differences and gradients are numbers.</summary>
    const double Never = -1e30;

    /// <summary>
    /// −log of the probability of the labels given the time steps, for each sample (Keras
    /// <c>K.ctc_batch_cost</c>): the sum over all ways to align the labels, with repetitions and blanks in between. The
    /// last class is the blank. As in Keras, 1e-7 is added to the predictions, which are then scaled to sum to 1.
    /// </summary>
    /// <param name="yTrue">The labels (batch, maximum labels), from 0 to classes − 2; values after a sample's labels
    /// are ignored.</param>
    /// <param name="yPred">The probabilities (batch, steps, classes), such as a softmax output.</param>
    /// <param name="inputLength">The number of steps of each sample (batch, 1).</param>
    /// <param name="labelLength">The number of labels of each sample (batch, 1).</param>
    /// <returns>
    /// The loss of each sample (batch, 1), differentiable with respect to the predictions. It is infinite if the labels
    /// do not fit into the steps, where Keras fails with an error. A label that is not a class, or is the blank, causes
    /// an <see cref="ArgumentException"/> when the loss is computed.
    /// </returns>
    /// <exception cref="ArgumentException">The shapes do not match, or the number of labels or classes is
    /// unknown.</exception>
    public static Tensor CtcBatchCost(Tensor yTrue, Tensor yPred, Tensor inputLength, Tensor labelLength)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        Tensor lengths = SampleNumbers(inputLength, nameof(inputLength)),
            labels = SampleNumbers(labelLength, nameof(labelLength));
        CtcClasses(yPred);
        Tensor probabilities = yPred + Epsilon;
        return CtcOfLogs(yTrue, Log(probabilities) - Log(Sum(probabilities, -1, keepdims: true)), lengths, labels);
    }

    /// <summary>
    /// −log of the probability of the labels given the time steps, for each sample, as in Keras 3 (Keras 3
    /// <c>keras.losses.ctc</c>). The first class is the blank; it also fills up the labels.
    /// </summary>
    /// <param name="yTrue">The labels (batch, maximum labels), from 1 to classes − 1, then zeros.</param>
    /// <param name="yPred">The logits (batch, steps, classes).</param>
    /// <returns>The loss of each sample (batch).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or the number of labels or classes is
    /// unknown.</exception>
    public static Tensor CtcLoss(Tensor yTrue, Tensor yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        int classes = CtcClasses(yPred);
        if (yTrue.Rank != 2)
            throw new ArgumentException($"Expected labels (batch, labels); given {yTrue.Shape}.", nameof(yTrue));
        // The blank is the last class below.
        Tensor logs = yPred - Logsumexp(yPred, -1, keepdims: true);
        logs = Concatenate([Slice(logs, 2, 1, classes - 1), Slice(logs, 2, 0, 1)], 2);
        Tensor steps = Sum(OnesLike(Max(yPred, -1)), 1, keepdims: true),
            labels = Sum(NotEqual(yTrue, 0), 1, keepdims: true);
        return Squeeze(CtcOfLogs(yTrue - 1, logs, steps, labels), 1);
    }

    static Tensor CtcOfLogs(Tensor yTrue, Tensor logs, Tensor lengths, Tensor labels)
    {
        int classes = CtcClasses(logs);
        int most = yTrue.Rank == 2 && yTrue.Dims[1].Constant is int known and > 0 ? known
            : throw new ArgumentException(
                "CtcBatchCost needs labels (batch, labels) with a known number of labels of 1 or more; given " +
                $"{yTrue.Shape}.", nameof(yTrue));
        Dim batch = yTrue.Dims[0];
        int places = 2 * most + 1, blank = classes - 1;

        // Values after a sample's labels may be anything, but the sample's labels must be classes.
        Tensor counts = Arange(most) < labels;
        Tensor chosen = OneHot(Where(counts, yTrue, 0), blank);
        // How likely the labels are at each step, with blanks before, between and after them: (batch, steps,
        // positions).
        Tensor ofLabels = BatchDot(Slice(logs, 2, 0, blank), chosen, 2, 2), ofBlank = Slice(logs, 2, blank, 1);
        Tensor pairs = Stack([new Tensor(new BroadcastTo(ofLabels.Dims), ofBlank), ofLabels], axis: 3);
        Tensor emissions = Concatenate([new Tensor(new Reshape(new(batch, logs.Dims[1], 2 * most)), pairs), ofBlank],
            2);
        // From a label directly to the next one, unless they are the same.
        Tensor differs = most == 1 ? Filled(batch, 1, 0)
            : Concatenate([Filled(batch, 1, 0),
            NotEqual(Slice(yTrue, 1, 1, most - 1), Slice(yTrue, 1, 0, most - 1))], 1);
        Tensor skips = Interlaced(differs, 0, batch, most);

        // Before the first step only the first blank has been reached.
        Tensor start = Concatenate([Filled(batch, 1, 0), Filled(batch, places - 1, Never)], 1);
        Tensor last = Rnn(Step, emissions, [start], mask: Within(logs, lengths), constants: [skips]).NewStates[0];

        // The last label or the blank after it.
        Tensor place = Arange(places);
        Tensor ends = Maximum(Equal(place, 2 * labels), Equal(place, 2 * labels - 1));
        Tensor total = Logsumexp(Where(ends, last, Never), 1, keepdims: true);
        return Where(total < Never / 10, double.PositiveInfinity, -total);

        (Tensor, IReadOnlyList<Tensor>) Step(Tensor emission, IReadOnlyList<Tensor> states)
        {
            Tensor stay = states[0], skip = states[1];
            Tensor one = Concatenate([Filled(batch, 1, Never), Slice(stay, 1, 0, places - 1)], 1);
            Tensor two = Where(skip, Concatenate([Filled(batch, 2, Never), Slice(stay, 1, 0, places - 2)], 1), Never);
            Tensor max = StopGradient(Maximum(stay, Maximum(one, two)));
            Tensor next = max + Log(Exp(stay - max) + Exp(one - max) + Exp(two - max)) + emission;
            return (next, [next]);
        }
    }

    /// <summary>
    /// Finds the most likely labels for the time steps (Keras <c>K.ctc_decode</c>): the best class at each step, or a
    /// beam search over all alignments. The last class is the blank. Because sizes cannot depend on values here, each
    /// result has as many entries as there are steps; Keras removes those that are −1 for all samples.
    /// </summary>
    /// <param name="yPred">The probabilities (batch, steps, classes), such as a softmax output.</param>
    /// <param name="inputLength">The number of steps of each sample, (batch) or (batch, 1).</param>
    /// <param name="greedy">Whether to take the best class of each step, without repetitions and blanks; otherwise a
    /// beam search, which runs on the CPU and has no gradient.</param>
    /// <param name="beamWidth">The number of prefixes that the beam search keeps.</param>
    /// <param name="topPaths">The number of results of the beam search, the most likely first; up to
    /// <paramref name="beamWidth"/>.</param>
    /// <param name="mergeRepeated">Whether the beam search merges repeated labels.</param>
    /// <returns>
    /// The results (batch, steps), −1 after their labels; and for a greedy search −Σ log of the best probabilities
    /// (batch, 1), for a beam search the log probability of each result (batch, top paths).
    /// </returns>
    /// <exception cref="ArgumentException">The shapes do not match, or the number of steps or classes is
    /// unknown.</exception>
    public static (IReadOnlyList<Tensor> Decoded, Tensor LogProbability) CtcDecode(
        Tensor yPred, Tensor inputLength, bool greedy = true, int beamWidth = 100, int topPaths = 1,
        bool mergeRepeated = false)
    {
        Tensor lengths = SampleNumbers(inputLength, nameof(inputLength));
        int classes = CtcClasses(yPred);
        if (greedy) return Greedy(yPred, lengths, classes);
        if (topPaths < 1 || beamWidth < topPaths)
            throw new ArgumentOutOfRangeException(
                nameof(topPaths), $"CtcDecode returns 1 to `beamWidth` paths; given {topPaths} of {beamWidth}.");
        int steps = yPred.Dims[1].Constant
            ?? throw new ArgumentException(
                $"A beam search requires a known number of steps; given {yPred.Shape}.", nameof(yPred));
        var search = new CtcBeamSearch(beamWidth, topPaths, mergeRepeated);
        // A path's labels, then its log probability.
        Tensor paths = new CustomOp(
            "CtcBeamSearch", a => search.Run(a.Input(0), a.Input(1), a.InputShape(0), a.Output),
            outputShape: shapes => new(shapes[0][0], topPaths, steps + 1)).Call(yPred, lengths);
        return ([.. Enumerable.Range(0, topPaths).Select(
            i => Squeeze(Slice(Slice(paths, 1, i, 1), 2, 0, steps), 1))], Squeeze(Slice(paths, 2, steps, 1), 2));
    }

    static (IReadOnlyList<Tensor> Decoded, Tensor LogProbability) Greedy(Tensor yPred, Tensor lengths, int classes)
    {
        Tensor here = Within(yPred, lengths), best = Argmax(yPred);
        Tensor changes = Rnn(
            (x, states) => (NotEqual(x, states[0]), [x]), best,
            [new Tensor(new BroadcastTo(new(best.Dims[0])), Scalar(-1))]).Outputs;
        Tensor counts = here * changes * NotEqual(best, classes - 1);
        // Each label to keep goes to its position among them.
        Tensor place = Cumsum(counts, 1) - 1, places = Cumsum(OnesLike(best), 1) - 1;
        Tensor there = Equal(ExpandDims(place, 2), ExpandDims(places, 1));
        Tensor decoded = Sum(ExpandDims(counts * (best + 1), 2) * there, axis: 1) - 1;
        return ([decoded], -Sum(here * Log(Max(yPred, -1) + Epsilon), axis: 1, keepdims: true));
    }

    /// <summary>1 for the steps of a sample, 0 for those after them: (batch, steps).</summary>
    static Tensor Within(Tensor sequences, Tensor lengths) => Cumsum(OnesLike(Max(sequences, -1)), 1) <= lengths;

    /// <summary>Values (batch, count) with a number before, between and after them: (batch, 2·count + 1).</summary>
    static Tensor Interlaced(Tensor x, double between, Dim batch, int count)
    {
        Tensor pairs = Stack([Filled(batch, count, between), x], axis: 2);
        return Concatenate([new Tensor(new Reshape(new(batch, 2 * count)), pairs), Filled(batch, 1, between)], 1);
    }

    static Tensor Filled(Dim rows, int columns, double value) =>
        new(new BroadcastTo(new(rows, columns)), Scalar(value));

    static Tensor SampleNumbers(Tensor numbers, string name)
    {
        ArgumentNullException.ThrowIfNull(numbers, name);
        if (numbers.Rank == 1) return ExpandDims(numbers, 1);
        return numbers.Rank == 2 && numbers.Dims[1].IsOne ? numbers
            : throw new ArgumentException(
                $"Expected one number per sample, (batch, 1); given {numbers.Shape}.", name);
    }

    static int CtcClasses(Tensor yPred)
    {
        ArgumentNullException.ThrowIfNull(yPred);
        return yPred.Rank == 3 && yPred.Dims[2].Constant is int classes and > 1 ? classes
            : throw new ArgumentException(
                "Expected predictions (batch, steps, classes) with at least 2 classes, of which the last is the " +
                $"blank; given {yPred.Shape}.", nameof(yPred));
    }
}
