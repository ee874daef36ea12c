using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Converts sequences of different lengths to arrays, and creates samples for word vectors (Keras
/// <c>keras.preprocessing.sequence</c>).</summary>
public static class Sequence
{
    /// <summary>Converts sequences to the rows of a matrix: short ones are padded, long ones are truncated (Keras
    /// <c>pad_sequences</c>).</summary>
    /// <typeparam name="T">The type of the numbers.</typeparam>
    /// <param name="sequences">The sequences.</param>
    /// <param name="maxlen">The row length; by default, that of the longest sequence.</param>
    /// <param name="padding">Where to pad: <c>pre</c> or <c>post</c>.</param>
    /// <param name="truncating">Where to truncate: <c>pre</c> or <c>post</c>.</param>
    /// <param name="value">The padding value.</param>
    /// <returns>A matrix (sequences, length).</returns>
    /// <exception cref="ArgumentException">An option is unknown, the length is negative, or a sequence is
    /// null.</exception>
    [OverloadResolutionPriority(1)]
    public static NDArray PadSequences<T>(IReadOnlyList<IReadOnlyList<T>> sequences, int? maxlen = null,
        string padding = "pre", string truncating = "pre", double value = 0)
        where T : INumberBase<T>
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return PadSequences([.. sequences.Select(s => s is null ? null! : Numbers(s))], maxlen, padding, truncating,
            value);
    }

    /// <summary>
    /// Converts sequences of vectors to one array: short ones are padded with vectors of one value, long ones are
    /// truncated (Keras <c>pad_sequences</c>).
    /// </summary>
    /// <typeparam name="T">The type of the numbers.</typeparam>
    /// <param name="sequences">The sequences; all their vectors must have the same length.</param>
    /// <param name="maxlen">The number of steps; by default, that of the longest sequence.</param>
    /// <param name="padding">Where to pad: <c>pre</c> or <c>post</c>.</param>
    /// <param name="truncating">Where to truncate: <c>pre</c> or <c>post</c>.</param>
    /// <param name="value">The padding value.</param>
    /// <returns>An array (sequences, steps, vector length).</returns>
    /// <exception cref="ArgumentException">
    /// An option is unknown, the length is negative, a sequence is null, or a vector has another length.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public static NDArray PadSequences<T>(IReadOnlyList<IReadOnlyList<IReadOnlyList<T>>> sequences, int? maxlen = null,
        string padding = "pre", string truncating = "pre", double value = 0)
        where T : INumberBase<T>
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return PadSequences([.. sequences.Select(Rows)], maxlen, padding, truncating, value);

        NDArray Rows(IReadOnlyList<IReadOnlyList<T>> vectors, int at)
        {
            if (vectors is null) return null!;
            int width = vectors.Count == 0 ? 0 : vectors[0]?.Count ?? 0;
            foreach (IReadOnlyList<T>? vector in vectors)
            {
                if (vector?.Count == width) continue;
                string given = vector is null ? "null" : $"one of {vector.Count}";
                throw new ArgumentException(
                    $"All vectors of a sequence must have the same length; sequence {at} has one of "
                    + $"{width} values and {given}.", nameof(sequences));
            }
            return new([.. vectors.SelectMany(v => v).Select(float.CreateSaturating)], vectors.Count, width);
        }
    }

    /// <summary>
    /// Converts sequences whose steps are numbers, vectors or arrays of any shape to one array: short ones are padded,
    /// long ones are truncated (Keras <c>pad_sequences</c>).
    /// </summary>
    /// <param name="sequences">The sequences (steps, …), whose steps must all have the same shape. Sequences without
    /// steps may have any.</param>
    /// <param name="maxlen">The number of steps; by default, that of the longest sequence.</param>
    /// <param name="padding">Where to pad: <c>pre</c> or <c>post</c>.</param>
    /// <param name="truncating">Where to truncate: <c>pre</c> or <c>post</c>.</param>
    /// <param name="value">The padding value.</param>
    /// <returns>An array (sequences, steps, …).</returns>
    /// <exception cref="ArgumentException">
    /// An option is unknown, the length is negative, a sequence is null or a single number, or the steps have different
    /// shapes.
    /// </exception>
    public static NDArray PadSequences(IReadOnlyList<NDArray> sequences, int? maxlen = null, string padding = "pre",
        string truncating = "pre", double value = 0)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (sequences.Contains(null!)) throw new ArgumentException("A sequence cannot be null.", nameof(sequences));
        if (sequences.Any(s => s.Rank == 0))
            throw new ArgumentException("A sequence must have steps; given a single number.", nameof(sequences));
        if (maxlen is < 0)
            throw new ArgumentOutOfRangeException(nameof(maxlen), $"The length must be 0 or more; given {maxlen}.");
        if (padding is not ("pre" or "post"))
            throw new ArgumentException($"Padding type \"{padding}\" not understood; expected \"pre\" or \"post\".",
                nameof(padding));
        if (truncating is not ("pre" or "post"))
            throw new ArgumentException(
                $"Truncating type \"{truncating}\" not understood; expected \"pre\" or \"post\".", nameof(truncating));
        int length = maxlen ?? sequences.Select(s => s.Rows).DefaultIfEmpty(0).Max();
        int[] step = sequences.OrderByDescending(s => s.Rows > 0).Select(s => s.Shape[1..].ToArray())
            .FirstOrDefault([]);
        var result = new NDArray([sequences.Count, length, .. step]);
        result.Span.Fill((float)value);
        int size = Graphs.Counts.Values(step);
        for (int i = 0; i < sequences.Count; i++)
        {
            NDArray sequence = sequences[i];
            if (sequence.Rows == 0) continue;
            if (!sequence.Shape[1..].SequenceEqual(step))
            {
                throw new ArgumentException(
                    $"The steps of sequence {i} have shape {Shape.Format(sequence.Shape[1..])}, "
                    + $"but those of earlier sequences have {Shape.Format(step)}.", nameof(sequences));
            }
            int kept = Math.Min(sequence.Rows, length);
            int from = truncating == "pre" ? sequence.Rows - kept : 0, to = padding == "pre" ? length - kept : 0;
            sequence.Span.Slice(from * size, kept * size).CopyTo(result.Span[((i * length + to) * size)..]);
        }
        return result;
    }

    static NDArray Numbers<T>(IReadOnlyList<T> values) where T : INumberBase<T> =>
        new([.. values.Select(v => float.CreateSaturating(v))], values.Count);

    /// <summary>
    /// Creates a generator from JSON written by <see cref="TimeseriesGenerator.ToJson"/> or Keras (Keras
    /// <c>timeseries_generator_from_json</c>).
    /// </summary>
    /// <param name="json">The text.</param>
    /// <returns>A generator with the same series and settings.</returns>
    /// <exception cref="ArgumentException">The text is not the JSON of a generator.</exception>
    public static TimeseriesGenerator TimeseriesGeneratorFromJson(string json) => TimeseriesGenerator.FromJson(json);

    /// <summary>Gets the probability of keeping a word of each frequency rank as a sample, by Zipf's law (Keras
    /// <c>make_sampling_table</c>).</summary>
    /// <param name="size">The number of words, the most frequent one first.</param>
    /// <param name="samplingFactor">The factor of word2vec's rule: the smaller, the fewer frequent words are
    /// kept.</param>
    /// <returns>A vector of probabilities.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static NDArray MakeSamplingTable(int size, double samplingFactor = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        const double gamma = 0.577;
        var table = new NDArray(size);
        for (int i = 0; i < size; i++)
        {
            double rank = Math.Max(1, i), inverse = rank * (Math.Log(rank) + gamma) + 0.5 - 1 / (12 * rank);
            table.Span[i] = (float)Math.Min(1, Math.Sqrt(samplingFactor * inverse));
        }
        return table;
    }

    /// <summary>Creates pairs of nearby words, with label 1, and random pairs, with label 0 (Mikolov et al. 2013; Keras
    /// <c>skipgrams</c>).</summary>
    /// <param name="sequence">The word indices; 0 is not a word.</param>
    /// <param name="vocabularySize">The largest index plus 1.</param>
    /// <param name="windowSize">The largest distance between the words of a pair.</param>
    /// <param name="negativeSamples">The number of random pairs for each nearby pair.</param>
    /// <param name="shuffle">Whether to shuffle the pairs.</param>
    /// <param name="samplingTable">The probability of keeping each word as the first of a pair; all are kept by
    /// default.</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <returns>The pairs, and a label for each.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or there would be more pairs than a list
    /// can hold.</exception>
    public static (IReadOnlyList<(int Word, int Context)> Couples, IReadOnlyList<int> Labels) Skipgrams(
        IReadOnlyList<int> sequence, int vocabularySize, int windowSize = 4, double negativeSamples = 1,
        bool shuffle = true, NDArray? samplingTable = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(windowSize);
        if (!(negativeSamples >= 0))
            throw new ArgumentOutOfRangeException(nameof(negativeSamples),
                "The number of negative samples must be 0 or more; given "
                + $"{negativeSamples.ToString(CultureInfo.InvariantCulture)}.");
        foreach (int word in sequence)
        {
            if (word < 0 || word >= vocabularySize || (samplingTable is not null && word >= samplingTable.Size))
                throw new ArgumentOutOfRangeException(
                    nameof(sequence), "A word index must be below "
                    + $"{Math.Min(vocabularySize, samplingTable?.Size ?? int.MaxValue)}; given {word}.");
        }
        var random = new RandomSource(seed is int own ? (ulong)own : Graphs.GlobalRandom.NextSeed());
        var couples = new List<(int, int)>();
        for (int i = 0; i < sequence.Count; i++)
        {
            if (sequence[i] == 0 || (samplingTable is not null && samplingTable.Span[sequence[i]] < random.Uniform()))
                continue;
            for (int j = Math.Max(0, i - windowSize); j < Math.Min(sequence.Count, (long)i + windowSize + 1); j++)
                if (j != i && sequence[j] != 0) couples.Add((sequence[i], sequence[j]));
        }
        int near = couples.Count;
        if (near > 0)
        {
            int[] words = [.. couples.Select(c => c.Item1)];
            random.Shuffle(words);
            if (near * negativeSamples > Array.MaxLength - near)
                throw new ArgumentOutOfRangeException(
                    nameof(negativeSamples),
                    $"{near} nearby pairs with {negativeSamples.ToString(CultureInfo.InvariantCulture)} random "
                    + $"ones for each exceed the {Array.MaxLength} that fit in a list.");
            int far = (int)(near * negativeSamples);
            for (int i = 0; i < far; i++) couples.Add((words[i % words.Length], 1 + random.Below(vocabularySize - 1)));
        }
        int[] order = [.. Enumerable.Range(0, couples.Count)];
        if (shuffle) random.Shuffle(order);
        return ([.. order.Select(i => couples[i])], [.. order.Select(i => i < near ? 1 : 0)]);
    }
}
