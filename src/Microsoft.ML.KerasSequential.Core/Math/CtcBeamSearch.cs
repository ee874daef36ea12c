namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// The most likely labelings, by a prefix beam search: each prefix has a probability of ending in a blank and one of
/// ending in its last label (A. Graves 2012, section 7.5.3; the order of TensorFlow's <c>ctc_beam_search_decoder</c>).
/// </summary>
/// <param name="width">The beam width: the number of prefixes kept.</param>
/// <param name="top">The number of results.</param>
/// <param name="mergeRepeated">Whether to merge consecutive equal labels of a result.</param>
internal sealed class CtcBeamSearch(int width, int top, bool mergeRepeated)
{
    /// <summary>As in Keras, added to the probabilities, which are then scaled to sum to 1.</summary>
    const float Epsilon = (float)K.Epsilon;

    /// <summary>A prefix: a shorter prefix and its last label.</summary>
    sealed class Beam(Beam? parent, int label)
    {
        public Beam? Parent => parent;

        public int Label => label;

        public Dictionary<int, Beam> Longer { get; } = [];

        /// <summary>
        /// Log probabilities of ending in a blank and in the label, before the time step and after it.
        /// </summary>
        public double OldBlank = double.NegativeInfinity, OldTotal = double.NegativeInfinity,
            Blank = double.NegativeInfinity, Ending = double.NegativeInfinity;

        public double Total => Sum(Blank, Ending);

        /// <summary>Whether the prefix is in the beam.</summary>
        public bool Kept;
    }

    /// <summary>Decodes all samples.</summary>
    /// <param name="probabilities">(samples, steps, classes); the last class is the blank.</param>
    /// <param name="lengths">The number of time steps of each sample.</param>
    /// <param name="shape">The shape of the probabilities.</param>
    /// <param name="paths">(samples, results, steps + 1): labels, padded with −1, and the log probability.</param>
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

    /// <summary>The most likely prefixes after one more time step, most likely first.</summary>
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
                // The label again, or for the first time after the shorter prefix: after an equal label, only if a
                // blank comes between.
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
