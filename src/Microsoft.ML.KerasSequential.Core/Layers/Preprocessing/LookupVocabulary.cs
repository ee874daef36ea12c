namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The vocabulary of a lookup layer (Keras' <c>IndexLookup</c>): the mask token, if it has an index, then the indices
/// of unknown tokens, then the tokens.
/// </summary>
/// <param name="owner">The layer.</param>
/// <param name="settings">Its settings.</param>
/// <param name="order">The order of tokens that are equally frequent, which is reversed.</param>
internal sealed class LookupVocabulary<T>(Layer owner, LookupVocabulary<T>.Settings settings, IComparer<T> order)
    where T : notnull
{
    readonly Dictionary<T, int> _positions = [];
    T[] _tokens = [];
    double[]? _idf;
    bool _isGiven;
    int? _usedDepth;

    /// <param name="MaxTokens">The largest size of the vocabulary, or null.</param>
    /// <param name="NumOovIndices">The number of indices of unknown tokens.</param>
    /// <param name="Mask">The mask token, or nothing.</param>
    /// <param name="Oov">The text for unknown tokens.</param>
    /// <param name="OutputMode">The output mode.</param>
    /// <param name="PadToMaxTokens">Whether vectors have the largest size.</param>
    /// <param name="Invert">Whether indices are mapped to tokens.</param>
    public sealed record Settings(int? MaxTokens, int NumOovIndices, T[] Mask, T Oov, string OutputMode,
        bool PadToMaxTokens, bool Invert)
    {
        public void Check()
        {
            if (MaxTokens is <= 1)
                throw new ArgumentOutOfRangeException("maxTokens",
                    $"`maxTokens` must be more than 1; given {MaxTokens}.");
            if (PadToMaxTokens && MaxTokens is null)
                throw new ArgumentException("`padToMaxTokens` needs `maxTokens`.", "padToMaxTokens");
            if (NumOovIndices < 0)
                throw new ArgumentOutOfRangeException("numOovIndices",
                    $"`numOovIndices` must be 0 or more; given {NumOovIndices}.");
            if (Invert && OutputMode != CategoryOutput.Int)
                throw new ArgumentException("`outputMode` must be \"int\" if `invert` is true; given " +
                    $"\"{OutputMode}\".", "outputMode");
        }
    }

    /// <summary>The index of the first unknown token.</summary>
    public int OovStart => settings.Mask.Length > 0 && settings.OutputMode == CategoryOutput.Int ? 1 : 0;

    /// <summary>The index of the first token.</summary>
    public int TokenStart => OovStart + settings.NumOovIndices;

    public IReadOnlyList<T> Tokens => _tokens;

    /// <summary>Whether there is no vocabulary yet.</summary>
    public bool IsEmpty => _tokens.Length == 0;

    /// <summary>The number of indices.</summary>
    public int Size => TokenStart + _tokens.Length;

    /// <summary>The size of the vectors.</summary>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet.</exception>
    public int Depth => settings.PadToMaxTokens ? settings.MaxTokens!.Value : Known().Size;

    /// <summary>The vocabulary as it is, which must not be empty.</summary>
    public LookupVocabulary<T> Known() => _tokens.Length > 0 ? this
        : throw new InvalidOperationException($"Layer {owner.Name} has no vocabulary yet: give it `vocabulary`, or " +
            "call Adapt or SetVocabulary before it is used.");

    /// <summary>The index of a token; −1 if it is unknown.</summary>
    public int IndexOf(T token) => _positions.TryGetValue(token, out int position) ? TokenStart + position : -1;

    public bool IsMask(T token) => settings.Mask is [T mask] && mask.Equals(token);

    /// <summary>All tokens by index.</summary>
    public List<T> All(bool withSpecial) => withSpecial ? [.. Special, .. _tokens] : [.. _tokens];

    /// <summary>The weights of the indices, or null if they have none.</summary>
    public IReadOnlyList<double>? Idf => _idf;

    /// <summary>The weights of all elements of a vector, or null if there are none.</summary>
    public NDArray? Weights
    {
        get
        {
            if (_idf is null) return null;
            var weights = new NDArray(Depth);
            for (int i = 0; i < _idf.Length; i++) weights.Span[i] = (float)_idf[i];
            return weights;
        }
    }

    IEnumerable<T> Special =>
        settings.Mask.Take(OovStart).Concat(Enumerable.Repeat(settings.Oov, settings.NumOovIndices));

    /// <summary>Replaces the vocabulary.</summary>
    /// <param name="vocabulary">The tokens, with or without the special ones in front.</param>
    /// <param name="idfWeights">A weight for each of them, in the mode <c>tf_idf</c> only.</param>
    /// <param name="isGiven">Whether it is an argument of the constructor, so that the layer cannot be adapted.</param>
    public void Set(IReadOnlyList<T> vocabulary, IReadOnlyList<double>? idfWeights, bool isGiven = false)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        bool weighs = settings.OutputMode == CategoryOutput.TfIdf;
        if (weighs != idfWeights is not null)
            throw new ArgumentException(weighs ? "`idfWeights` are needed if `outputMode` is \"tf_idf\"."
                : $"`idfWeights` are for the `outputMode` \"tf_idf\" only; given \"{settings.OutputMode}\".",
                nameof(idfWeights));
        if (vocabulary.Count == 0) throw new ArgumentException("The vocabulary is empty.", nameof(vocabulary));
        bool hasSpecial = vocabulary.Take(TokenStart).SequenceEqual(Special);
        T[] tokens = [.. vocabulary.Skip(hasSpecial ? TokenStart : 0)];
        string[] repeated = [.. tokens.GroupBy(t => t).Where(g => g.Count() > 1).Select(g => $"{g.Key}").Take(5)];
        if (repeated.Length > 0)
            throw new ArgumentException("The vocabulary contains tokens more than once: " +
                $"{string.Join(", ", repeated)}.", nameof(vocabulary));
        foreach (T reserved in settings.Invert ? [.. settings.Mask, settings.Oov] : settings.Mask)
            if (tokens.Contains(reserved))
                throw new ArgumentException($"The vocabulary contains the reserved token \"{reserved}\" at an " +
                    "unexpected position: leave out mask and unknown tokens, or start with them, in this order: " +
                    $"{string.Join(", ", Special.Select(s => $"\"{s}\""))}.", nameof(vocabulary));
        if (idfWeights is not null && idfWeights.Count != vocabulary.Count)
            throw new ArgumentException("There must be one weight for each token; given " +
                $"{idfWeights.Count} weights for {vocabulary.Count} tokens.", nameof(idfWeights));
        double[]? idf = idfWeights is null ? null
            : hasSpecial ? [.. idfWeights] : WithFront([.. idfWeights]);
        Take(tokens, idf, nameof(vocabulary));
        _isGiven |= isGiven;
    }

    /// <summary>Learns the vocabulary of documents: the most frequent tokens first.</summary>
    public void Adapt(IEnumerable<IEnumerable<T>> documents)
    {
        if (_isGiven)
            throw new InvalidOperationException($"Layer {owner.Name} has a vocabulary from its constructor, so it " +
                "cannot be adapted.");
        var counts = new Dictionary<T, (long Times, long Documents)>();
        long total = 0;
        foreach (IEnumerable<T> document in documents)
        {
            total++;
            foreach (IGrouping<T, T> token in document.GroupBy(t => t))
            {
                (long times, long seen) = counts.GetValueOrDefault(token.Key);
                counts[token.Key] = (times + token.Count(), seen + 1);
            }
        }
        foreach (T special in settings.Mask.Append(settings.Oov)) counts.Remove(special);
        if (counts.Count == 0)
            throw new ArgumentException($"Layer {owner.Name} cannot be adapted: the data contains no tokens.");
        T[] tokens = [.. counts.Keys.OrderByDescending(t => counts[t].Times).ThenByDescending(t => t, order)
            .Take(settings.MaxTokens is int most ? Math.Max(0, most - TokenStart) : int.MaxValue)];
        Take(tokens, settings.OutputMode != CategoryOutput.TfIdf ? null
            : WithFront([.. tokens.Select(t => Math.Log(1 + (double)total / (1 + counts[t].Documents)))]), "data");
    }

    /// <summary>The numbers of all tokens; one index is that of all unknown ones.</summary>
    public Onnx.OnnxLookup ForOnnx() => new([.. settings.Mask.Concat(_tokens).Select(t => $"{t}")],
        [.. settings.Mask.Select(_ => settings.OutputMode == CategoryOutput.Int ? 0f : -1f),
            .. Enumerable.Range(TokenStart, _tokens.Length).Select(i => (float)i)], OovStart);

    /// <summary>Encodes indices; −1 adds nothing.</summary>
    public Tensor Encode(Tensor indices)
    {
        if (settings.OutputMode == CategoryOutput.Int) return indices;
        int depth = Depth;
        _usedDepth = depth;
        if (settings.OutputMode != CategoryOutput.TfIdf)
            return CategoryOutput.Encode(indices, settings.OutputMode, depth);
        return CategoryOutput.Encode(indices, CategoryOutput.Count, depth) * K.Constant(Weights!);
    }

    /// <summary>Forgets that a model relies on the size.</summary>
    public void Release() => _usedDepth = null;

    void Take(T[] tokens, double[]? idf, string parameter)
    {
        if (TokenStart + tokens.Length > settings.MaxTokens)
            throw new ArgumentException($"The vocabulary has {TokenStart + tokens.Length} tokens, with mask and " +
                $"unknown ones; `maxTokens` is {settings.MaxTokens}.", parameter);
        using Runtime.ModelGate.Turn turn = owner.WeightGate.Enter();
        if (!settings.PadToMaxTokens && _usedDepth is int used && used != TokenStart + tokens.Length)
            throw new InvalidOperationException($"Layer {owner.Name} is part of a model with a vocabulary of {used} " +
                $"tokens, so it cannot change to {TokenStart + tokens.Length}: use a new layer.");
        (_tokens, _idf) = (tokens, idf);
        _positions.Clear();
        for (int i = 0; i < tokens.Length; i++) _positions[tokens[i]] = i;
        owner.WeightGate.OutdatePlans();
    }

    /// <summary>The weight of unknown tokens, which cannot be computed, is the mean.</summary>
    double[] WithFront(double[] idf) => [.. Enumerable.Repeat(idf.Length == 0 ? 0 : idf.Average(), TokenStart), .. idf];
}
