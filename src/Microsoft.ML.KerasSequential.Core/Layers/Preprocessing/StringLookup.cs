using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Looks up texts in a vocabulary (Keras 3 <c>keras.layers.StringLookup</c>), which is given or learned by
/// <see cref="Adapt(IEnumerable{string})"/>. The indices of the mask token, if there is one and the output consists of
/// indices, and of unknown texts precede those of the vocabulary.
/// </summary>
public class StringLookup : TextLayer, IWeighsTokens, IAdaptsToTexts
{
    readonly LookupVocabulary<string> _vocabulary;
    readonly LookupVocabulary<string>.Settings _settings;
    readonly long[]? _salt;

    /// <summary>Creates the layer.</summary>
    /// <param name="maxTokens">The largest size of the vocabulary, including mask and unknown indices; any size by
    /// default.</param>
    /// <param name="numOovIndices">
    /// The number of indices of unknown texts, to which they are assigned by a hash. If it is 0, an unknown text is an
    /// error.
    /// </param>
    /// <param name="maskToken">
    /// A text that stands for nothing: index 0, or in other output modes than <c>int</c>, nothing in the vector.
    /// </param>
    /// <param name="oovToken">The text for unknown indices if <paramref name="invert"/> is true.</param>
    /// <param name="vocabulary">The vocabulary, instead of learning it.</param>
    /// <param name="idfWeights">A weight for each text of the vocabulary; for <c>tf_idf</c> only.</param>
    /// <param name="invert">Whether to map indices to texts, with <see cref="Call(NDArray)"/>.</param>
    /// <param name="outputMode">
    /// <c>int</c>: the index. <c>one_hot</c>: a vector for each text. <c>multi_hot</c>: for each sample, a vector with
    /// 1 for each text that occurs in it. <c>count</c>: a vector with the number of times that each text occurs.
    /// <c>tf_idf</c>: these numbers times the weights.
    /// </param>
    /// <param name="padToMaxTokens">Whether vectors have the size <paramref name="maxTokens"/>, whatever the size of
    /// the vocabulary is.</param>
    /// <param name="encoding">The encoding of the texts whose hashes are computed, <c>utf-8</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="salt">One or two numbers from which SipHash computes the index of an unknown text; FarmHash64 by
    /// default.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample: <c>[1]</c>, one text.</param>
    /// <param name="batchInputShape">The shape of a batch.</param>
    /// <param name="batchSize">A fixed batch size.</param>
    /// <exception cref="ArgumentException">An argument is invalid, or the vocabulary contains a text twice.</exception>
    public StringLookup(int? maxTokens = null, int numOovIndices = 1, string? maskToken = null,
        string oovToken = "[UNK]", IReadOnlyList<string>? vocabulary = null, IReadOnlyList<double>? idfWeights = null,
        bool invert = false, string outputMode = "int", bool padToMaxTokens = false, string encoding = "utf-8",
        string? name = null, IReadOnlyList<long>? salt = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(maxTokens, numOovIndices, maskToken, oovToken, vocabulary, idfWeights, invert, outputMode,
            padToMaxTokens, encoding, salt, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal StringLookup(int? maxTokens, int numOovIndices, string? maskToken, string oovToken,
        IReadOnlyList<string>? vocabulary, IReadOnlyList<double>? idfWeights, bool invert, string outputMode,
        bool padToMaxTokens, string encoding, IReadOnlyList<long>? salt, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(oovToken);
        CheckEncoding(encoding);
        string mode = CategoryOutput.Mode(outputMode, CategoryOutput.Int, CategoryOutput.OneHot,
            CategoryOutput.MultiHot, CategoryOutput.Count, CategoryOutput.TfIdf);
        _settings = new(maxTokens, numOovIndices, maskToken is null ? [] : [maskToken], oovToken, mode, padToMaxTokens,
            invert);
        _settings.Check();
        _salt = TextHash.Key(salt, nameof(salt));
        _vocabulary = new(this, _settings, Utf8Order.Instance);
        if (idfWeights is not null && vocabulary is null)
            throw new ArgumentException("`idfWeights` need a `vocabulary`.", nameof(idfWeights));
        if (vocabulary is not null) _vocabulary.Set(vocabulary, idfWeights, isGiven: true);
    }

    NDArray? IWeighsTokens.IdfWeights => _vocabulary.Weights;

    bool IAdaptable.NeedsData => _vocabulary.IsEmpty && !_settings.Invert;

    void IAdaptsToTexts.AdaptTo(IEnumerable<IReadOnlyList<string>> samples) => _vocabulary.Adapt(samples);

    /// <summary>The number of indices: the vocabulary with mask and unknown indices.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <inheritdoc/>
    protected internal override (int Start, int End)? NumbersRange =>
        (_settings.OutputMode == CategoryOutput.Int ? 0 : -1, Math.Max(1, _vocabulary.Size));

    internal override bool KeepsShape => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <summary>Learns the vocabulary: the most frequent texts first, equally frequent ones in descending order (Keras
    /// <c>adapt</c>). Replaces an earlier vocabulary.</summary>
    /// <param name="data">The texts; for <c>tf_idf</c>, each is a document.</param>
    /// <exception cref="ArgumentException">There are no texts.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary was given to the constructor, or its size would
    /// change after a model has used it as the size of an output.</exception>
    public void Adapt(IEnumerable<string> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _vocabulary.Adapt(data.Select(text => new[] { text }));
    }

    /// <summary>Learns the vocabulary of documents that consist of several texts (Keras <c>adapt</c>).</summary>
    /// <param name="data">The texts of each document.</param>
    /// <exception cref="ArgumentException">There are no texts.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary was given to the constructor, or its size would
    /// change after a model has used it as the size of an output.</exception>
    public void Adapt(IEnumerable<IReadOnlyList<string>> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _vocabulary.Adapt(data);
    }

    /// <summary>The vocabulary (Keras <c>get_vocabulary</c>).</summary>
    /// <param name="includeSpecialTokens">Whether to include mask and unknown tokens, so that a text's position is its
    /// index.</param>
    /// <returns>A new list.</returns>
    public IReadOnlyList<string> GetVocabulary(bool includeSpecialTokens = true) =>
        _vocabulary.All(includeSpecialTokens);

    /// <summary>Replaces the vocabulary (Keras <c>set_vocabulary</c>).</summary>
    /// <param name="vocabulary">The texts, with or without mask and unknown tokens in front.</param>
    /// <param name="idfWeights">A weight for each of them; for <c>tf_idf</c> only.</param>
    /// <exception cref="ArgumentException">The vocabulary is empty, too large, or contains a text twice, or the weights
    /// do not match.</exception>
    /// <exception cref="InvalidOperationException">The size would change after a model has used it as the size of an
    /// output.</exception>
    public void SetVocabulary(IReadOnlyList<string> vocabulary, IReadOnlyList<double>? idfWeights = null) =>
        _vocabulary.Set(vocabulary, idfWeights);

    internal override Onnx.OnnxLookup? ForOnnx(int opset, out string obstacle)
    {
        obstacle = _settings.NumOovIndices == 0
            ? "with `numOovIndices: 0`, unknown texts are errors, which ONNX has no operator for"
            : _settings.NumOovIndices > 1
            ? $"with `numOovIndices: {_settings.NumOovIndices}`, unknown texts are assigned by a hash, which ONNX has "
                + "no operator for" : "";
        return obstacle.Length > 0 ? null : _vocabulary.Known().ForOnnx();
    }

    /// <summary>Looks up texts.</summary>
    /// <param name="texts">The texts, one per sample.</param>
    /// <returns>Indices (samples, 1); −1 for the mask token in other output modes than <c>int</c>.</returns>
    public override NDArray Call(IReadOnlyList<string> texts)
    {
        RequireForward();
        return Column(texts, Number);
    }

    /// <summary>Looks up samples of several texts.</summary>
    /// <param name="samples">The texts of each sample, the same number for all.</param>
    /// <returns>Indices (samples, texts); −1 for the mask token in other output modes than <c>int</c>.</returns>
    /// <exception cref="ArgumentException">A text is null or unknown, or the numbers of texts differ.</exception>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet, or the layer maps indices to
    /// texts.</exception>
    public NDArray Call(IReadOnlyList<IReadOnlyList<string>> samples)
    {
        RequireForward();
        return Rows(samples, Number);
    }

    /// <summary>Maps indices to texts, if the layer was created with <c>invert: true</c>.</summary>
    /// <param name="indices">Indices of any shape.</param>
    /// <returns>A text for each index, in order; the unknown token for an index without a text.</returns>
    /// <exception cref="InvalidOperationException">There is no vocabulary yet, or the layer maps texts to
    /// indices.</exception>
    public string[] Call(NDArray indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (!_settings.Invert)
            throw new InvalidOperationException($"Layer {Name} maps texts to indices: create it with `invert: true` " +
                "to map indices to texts.");
        List<string> all = _vocabulary.Known().All(withSpecial: true);
        return [.. indices.ToArray().Select(i => i >= 0 && i < all.Count && i == MathF.Floor(i) ? all[(int)i]
            : _settings.Oov)];
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireForward();
        return _vocabulary.Encode(x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["encoding"] = "utf-8";
        config["invert"] = _settings.Invert;
        config["max_tokens"] = _settings.MaxTokens;
        config["num_oov_indices"] = _settings.NumOovIndices;
        config["oov_token"] = _settings.Oov;
        config["mask_token"] = _settings.Mask is [string mask] ? mask : null;
        config["output_mode"] = _settings.OutputMode;
        config["sparse"] = false;
        config["pad_to_max_tokens"] = _settings.PadToMaxTokens;
        Write(config, _vocabulary, token => token);
        config["oov_method"] = "floormod";
        config["salt"] = Json(_salt);
        return config;
    }

    /// <summary>Adds a vocabulary to a configuration; learned and given ones alike.</summary>
    internal static void Write<T>(JsonObject config, LookupVocabulary<T> vocabulary, Func<T, JsonNode> token)
        where T : notnull
    {
        bool isEmpty = vocabulary.Tokens.Count == 0;
        config["idf_weights"] = isEmpty || vocabulary.Idf is not { } idf ? null
            : new JsonArray([.. idf.Select(w => (JsonNode)w)]);
        config["vocabulary"] =
            isEmpty ? null : new JsonArray([.. vocabulary.All(withSpecial: true).Select(token)]);
        config["vocabulary_size"] = isEmpty ? null : vocabulary.Size;
    }

    internal static void CheckEncoding(string encoding)
    {
        if (!string.Equals(encoding, "utf-8", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"`encoding` must be \"utf-8\"; given \"{encoding}\".", nameof(encoding));
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        _vocabulary.Release();
    }

    void RequireForward()
    {
        if (_settings.Invert)
            throw new InvalidOperationException($"Layer {Name} maps indices to texts, which a model cannot: call it " +
                "with an array.");
    }

    float Number(string text)
    {
        if (_vocabulary.Known().IsMask(text)) return _settings.OutputMode == CategoryOutput.Int ? 0 : -1;
        int index = _vocabulary.IndexOf(text);
        if (index >= 0) return index;
        return _settings.NumOovIndices switch
        {
            0 => throw new ArgumentException($"Layer {Name} does not know the text \"{text}\", and has no index for " +
                "unknown ones: set `numOovIndices` to 1 or more.", nameof(text)),
            1 => _vocabulary.OovStart,
            var buckets => _vocabulary.OovStart + TextHash.Bucket(text, buckets, _salt),
        };
    }
}
