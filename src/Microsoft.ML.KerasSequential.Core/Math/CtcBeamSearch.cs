namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// The likeliest labels by a beam search over their beginnings: of each it is kept how likely it is so far with a blank
/// at its end, and with its last label (A. Graves 2012, section 7.5.3; the order of
/// TensorFlow's <c>ctc_beam_search_decoder</c>).
/// </summary>
/// <param name="width">How many beginnings are kept.</param>
/// <param name="top">How many results are given.</param>
/// <param name="mergeRepeated">Whether equal labels in a row of a result become one.</param>
internal sealed class CtcBeamSearch(int width, int top, bool mergeRepeated)
{
    /// <summary>As in Keras, added to the probabilities, which are then scaled to sum to 1.</summary>
    const float Epsilon = (float)K.Epsilon;

    /// <summary>A beginning: its last label behind a shorter one.</summary>
    sealed class Beam(Beam? parent, int label)
    {
        public Beam? Parent => parent;

        public int Label => label;

        public Dictionary<int, Beam> Longer { get; } = [];

        /// <summary>Log probabilities with a blank at the end and with the label, before the step and behind
        /// it.</summary>
        public double OldBlank = double.NegativeInfinity, OldTotal = double.NegativeInfinity,
            Blank = double.NegativeInfinity, Ending = double.NegativeInfinity;

        public double Total => Sum(Blank, Ending);

        /// <summary>Whether it is among those that are kept.</summary>
        public bool Kept;
    }

    /// <summary>Decodes all samples.</summary>
    /// <param name="probabilities">(samples, steps, classes); the last class is the blank.</param>
    /// <param name="lengths">How many steps each sample has.</param>
    /// <param name="shape">The shape of the probabilities.</param>
    /// <param name="paths">(samples, results, steps + 1): labels, −1 behind them, and the log probability.</param>
    public void Run(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> lengths, ReadOnlySpan<int> shape,
        Span<float> paths)
    {
        (int samples, int steps, int classes) = (shape[0], shape[1], shape[2]);
        double[] logs = new double[classes];
        for (int sample = 0; sample < samples; sample++)
        {
            List<Beam> beams = [new(null, -1) { Blank = 0, Kept = true }];
            int length = (int)Math.Clamp(lengths[sample], 0, steps);
            for (int step = 0; step < length; step++)
            {
                ReadOnlySpan<float> row = probabilities.Slice((sample * steps + step) * classes, classes);
                double sum = 0;
                foreach (float p in row) sum += p + Epsilon;
                for (int c = 0; c < classes; c++) logs[c] = Math.Log((row[c] + Epsilon) / sum);
                beams = Next(beams, logs);
            }
            for (int path = 0; path < top; path++) Write(
                path < beams.Count ? beams[path] : null, paths.Slice((sample * top + path) * (steps + 1), steps + 1));
        }
    }

    /// <summary>The likeliest beginnings behind one more step, the likeliest first.</summary>
    List<Beam> Next(List<Beam> beams, double[] logs)
    {
        int blank = logs.Length - 1;
        foreach (Beam beam in beams) (beam.OldBlank, beam.OldTotal) = (beam.Blank, beam.Total);
        var candidates = new List<Beam>(beams);
        foreach (Beam beam in beams)
        {
            double label = double.NegativeInfinity;
            if (beam.Parent is { } parent)
            {
                // The label again, or for the first time behind the shorter beginning: behind an equal label only after
                // a blank.
                if (parent.Kept) label = beam.Label == parent.Label ? parent.OldBlank : parent.OldTotal;
                label = Sum(beam.Ending, label) + logs[beam.Label];
            }
            beam.Ending = label;
            beam.Blank = beam.OldTotal + logs[blank];
        }
        foreach (Beam beam in beams)
        {
            for (int c = 0; c < blank; c++)
            {
                if (!beam.Longer.TryGetValue(c, out Beam? longer)) beam.Longer[c] = longer = new(beam, c);
                if (longer.Kept) continue;
                longer.Blank = double.NegativeInfinity;
                longer.Ending = (c == beam.Label ? beam.OldBlank : beam.OldTotal) + logs[c];
                if (longer.Ending > double.NegativeInfinity) candidates.Add(longer);
            }
        }
        List<Beam> best = [.. candidates.OrderByDescending(b => b.Total).Take(width)];
        foreach (Beam beam in candidates) beam.Kept = false;
        foreach (Beam beam in best) beam.Kept = true;
        return best;
    }

    void Write(Beam? beam, Span<float> path)
    {
        path.Fill(-1);
        path[^1] = (float)(beam?.Total ?? double.NegativeInfinity);
        var labels = new Stack<int>();
        int behind = -1;
        for (; beam?.Parent is { } parent; beam = parent)
        {
            if (!mergeRepeated || beam.Label != behind) labels.Push(beam.Label);
            behind = beam.Label;
        }
        int at = 0;
        foreach (int label in labels) path[at++] = label;
    }

    /// <summary>log(eᵃ + eᵇ).</summary>
    static double Sum(double a, double b)
    {
        double max = Math.Max(a, b);
        return double.IsNegativeInfinity(max) ? max : max + Math.Log(Math.Exp(a - max) + Math.Exp(b - max));
    }
}
