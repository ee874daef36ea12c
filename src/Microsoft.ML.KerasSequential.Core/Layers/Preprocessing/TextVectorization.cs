using System.Text;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Splits texts into tokens and looks them up in a vocabulary (Keras 3 <c>keras.layers.TextVectorization</c>), which is
/// given or learned by <see cref="Adapt"/>. Index 0 is padding, 1 an unknown token, and the others are those of the
/// vocabulary; in other output modes than <c>int</c>, there is no padding.
/// </summary>
public class TextVectorization : TextLayer, IWeighsTokens, IAdaptsToTexts
{
    const string Padding = "", Unknown = "[UNK]", Punctuation = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";
    static readonly string?[] s_standardize = ["lower_and_strip_punctuation", "lower", "strip_punctuation", null],
        s_split = ["whitespace", "character", null];
    /// <summary>What TensorFlow takes for white space.</summary>
    static readonly char[] s_spaces = [' ', '\t', '\n', '\v', '\f', '\r'];

    readonly LookupVocabulary<string> _vocabulary;
    readonly LookupVocabulary<string>.Settings _settings;
    readonly string? _standardize, _split;
    readonly Func<string, string>? _standardizeFunction;
    readonly Func<string, IEnumerable<string>>? _splitFunction;
    readonly int[]? _ngrams;
    readonly int? _outputSequenceLength;

    /// <summary>Creates the layer.</summary>
    /// <param name="maxTokens">The largest size of the vocabulary, including padding and the unknown token; any size by
    /// default.</param>
    /// <param name="standardize">
    /// What happens to a text first: <c>lower_and_strip_punctuation</c>, <c>lower</c>, <c>strip_punctuation</c>, or
    /// null for nothing. As in TensorFlow, only the letters A through Z become lowercase, and punctuation is that of
    /// ASCII.
    /// </param>
    /// <param name="split">How a text is split: at <c>whitespace</c>, into each <c>character</c>, or null for not at
    /// all.</param>
    /// <param name="ngrams">The largest number of consecutive tokens that are joined to further tokens, or a list of
    /// such numbers; none by default.</param>
    /// <param name="outputMode">
    /// <c>int</c>: an index for each token. <c>one_hot</c>: a vector for each token. <c>multi_hot</c>: for each text, a
    /// vector with 1 for each token that occurs in it. <c>count</c>: a vector with the number of times that each token
    /// occurs. <c>tf_idf</c>: these numbers times the weights.
    /// </param>
    /// <param name="outputSequenceLength">
    /// The number of indices for each text, which is cut or padded with 0; for <c>int</c> only. By default, texts are
    /// padded to the longest one that is passed with them.
    /// </param>
    /// <param name="padToMaxTokens">Whether vectors have the size <paramref name="maxTokens"/>, whatever the size of
    /// the vocabulary is.</param>
    /// <param name="vocabulary">The vocabulary, instead of learning it.</param>
    /// <param name="idfWeights">A weight for each token of the vocabulary; for <c>tf_idf</c> only.</param>
    /// <param name="encoding">The encoding, <c>utf-8</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="standardizeFunction">A function instead of <paramref name="standardize"/>. A layer with a function
    /// cannot be saved.</param>
    /// <param name="splitFunction">A function instead of <paramref name="split"/>.</param>
    /// <exception cref="ArgumentException">An argument is invalid, or the vocabulary contains a token
    /// twice.</exception>
    public TextVectorization(int? maxTokens = null, string? standardize = "lower_and_strip_punctuation",
        string? split = "whitespace", Sizes? ngrams = null, string outputMode = "int", int? outputSequenceLength = null,
        bool padToMaxTokens = false, IReadOnlyList<string>? vocabulary = null, IReadOnlyList<double>? idfWeights = null,
        string encoding = "utf-8", string? name = null, bool trainable = true,
        Func<string, string>? standardizeFunction = null,
        Func<string, IEnumerable<string>>? splitFunction = null)
        : this(maxTokens, standardize, split, ngrams?.ToArray() is [int most] ? Upto(most) : ngrams?.ToArray(),
            outputMode, outputSequenceLength, padToMaxTokens, vocabulary, idfWeights, encoding, standardizeFunction,
            splitFunction, new LayerOptions(name, trainable))
    {
    }

    internal TextVectorization(int? maxTokens, string? standardize, string? split, int[]? ngrams, string outputMode,
        int? outputSequenceLength, bool padToMaxTokens, IReadOnlyList<string>? vocabulary,
        IReadOnlyList<double>? idfWeights, string encoding, Func<string, string>? standardizeFunction,
        Func<string, IEnumerable<string>>? splitFunction, LayerOptions options) : base(options)
    {
        if (!s_standardize.Contains(standardize))
            throw new ArgumentException("`standardize` must be \"lower_and_strip_punctuation\", \"lower\", " +
                $"\"strip_punctuation\", or null; given \"{standardize}\".", nameof(standardize));
        if (!s_split.Contains(split))
            throw new ArgumentException($"`split` must be \"whitespace\", \"character\", or null; given \"{split}\".",
                nameof(split));
        if (ngrams is not null && (ngrams.Length == 0 || ngrams.Any(n => n < 1)))
            throw new ArgumentException($"`ngrams` must be 1 or more; given {string.Join(", ", ngrams)}.",
                nameof(ngrams));
        StringLookup.CheckEncoding(encoding);
        string mode = CategoryOutput.Mode(outputMode, CategoryOutput.Int, CategoryOutput.OneHot,
            CategoryOutput.MultiHot, CategoryOutput.Count, CategoryOutput.TfIdf);
        if (outputSequenceLength is not null && mode != CategoryOutput.Int)
            throw new ArgumentException("`outputSequenceLength` is for the `outputMode` \"int\" only; given " +
                $"\"{outputMode}\".", nameof(outputSequenceLength));
        if (outputSequenceLength is < 1)
            throw new ArgumentOutOfRangeException(nameof(outputSequenceLength),
                $"`outputSequenceLength` must be 1 or more; given {outputSequenceLength}.");
        (_standardize, _split, _ngrams, _outputSequenceLength) = (standardize, split, ngrams, outputSequenceLength);
        (_standardizeFunction, _splitFunction) = (standardizeFunction, splitFunction);
        _settings = new(maxTokens, NumOovIndices: 1, [Padding], Unknown, mode, padToMaxTokens, Invert: false);
        _settings.Check();
        _vocabulary = new(this, _settings, Utf8Order.Instance);
        if (idfWeights is not null && vocabulary is null)
            throw new ArgumentException("`idfWeights` need a `vocabulary`.", nameof(idfWeights));
        if (vocabulary is not null) _vocabulary.Set(vocabulary, idfWeights, isGiven: true);
    }

    NDArray? IWeighsTokens.IdfWeights => _vocabulary.Weights;

    bool IAdaptable.NeedsData => _vocabulary.IsEmpty;

    void IAdaptsToTexts.AdaptTo(IEnumerable<IReadOnlyList<string>> samples) => Adapt(samples.Select(s => s[0]));

    /// <summary>The number of indices: the vocabulary with padding and the unknown token.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <inheritdoc/>
    protected internal override Shape NumbersShape => new([null, _outputSequenceLength]);

    /// <inheritdoc/>
    protected internal override (int Start, int End)? NumbersRange =>
        (_settings.OutputMode == CategoryOutput.Int ? 0 : -1, Math.Max(1, _vocabulary.Size));

    internal override bool IsVector => _settings.OutputMode != CategoryOutput.Int;

    /// <inheritdoc/>
    protected override int? InputRank => 2;

    /// <summary>Learns the vocabulary: the most frequent tokens first, equally frequent ones in descending order (Keras
    /// <c>adapt</c>). Replaces an earlier vocabulary.</summary>
    /// <param name="data">The texts.</param>
    /// <exception cref="ArgumentException">There are no tokens, or a text is null.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary was given to the constructor, or its size would
    /// change after a model has used it as the size of an output.</exception>
    public void Adapt(IEnumerable<string> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _vocabulary.Adapt(data.Select(text =>
            Tokens(text ?? throw new ArgumentException("A text is null.", nameof(data)))));
    }

    /// <summary>The vocabulary (Keras <c>get_vocabulary</c>).</summary>
    /// <param name="includeSpecialTokens">Whether to include padding and the unknown token, so that a token's position
    /// is its index.</param>
    /// <returns>A new list.</returns>
    public IReadOnlyList<string> GetVocabulary(bool includeSpecialTokens = true) =>
        _vocabulary.All(includeSpecialTokens);

    /// <summary>Replaces the vocabulary (Keras <c>set_vocabulary</c>).</summary>
    /// <param name="vocabulary">The tokens, with or without padding and the unknown token in front.</param>
    /// <param name="idfWeights">A weight for each of them; for <c>tf_idf</c> only.</param>
    /// <exception cref="ArgumentException">The vocabulary is empty, too large, or contains a token twice, or the
    /// weights do not match.</exception>
    /// <exception cref="InvalidOperationException">The size would change after a model has used it as the size of an
    /// output.</exception>
    public void SetVocabulary(IReadOnlyList<string> vocabulary, IReadOnlyList<double>? idfWeights = null) =>
        _vocabulary.Set(vocabulary, idfWeights);

    internal override Onnx.OnnxLookup? ForOnnx(int opset, out string obstacle)
    {
        obstacle = _standardizeFunction is not null || _splitFunction is not null
            ? "`standardize` or `split` is a function"
            : _standardize is not (null or "lower")
            ? $"`standardize: \"{_standardize}\"` removes punctuation, which ONNX has no operator for (it has one for "
                + "\"lower\")"
            : _split is not (null or "whitespace") ? $"ONNX has no operator for `split: \"{_split}\"`"
            : _ngrams is not null ? "ONNX has no operator for `ngrams`"
            : _split is not null && opset < Onnx.OnnxTexts.SplitsFrom
            ? $"`split: \"whitespace\"` needs ONNX opset {Onnx.OnnxTexts.SplitsFrom}; the opset is {opset}" : "";
        if (obstacle.Length > 0) return null;
        return _vocabulary.Known().ForOnnx() with
        {
            Lowers = _standardize is not null,
            Splits = _split is not null,
            Length = _outputSequenceLength,
            Padding = _settings.OutputMode == CategoryOutput.Int ? 0 : -1,
        };
    }

    /// <summary>Splits texts and looks up their tokens.</summary>
    /// <param name="texts">The texts, one per sample.</param>
    /// <returns>Indices (samples, tokens), padded with 0, or with −1 in other output modes than <c>int</c>.</returns>
    public override NDArray Call(IReadOnlyList<string> texts)
    {
        CheckTexts(texts);
        _vocabulary.Known();
        float[][] rows = [.. texts.Select(text => Tokens(text).Select(Number).ToArray())];
        // Arrays need a dimension of at least 1.
        int length = _outputSequenceLength ?? rows.Select(r => r.Length).DefaultIfEmpty(0).Max();
        var numbers = new NDArray(rows.Length, Math.Max(1, length));
        if (_settings.OutputMode != CategoryOutput.Int) numbers.Span.Fill(-1);
        for (int i = 0; i < rows.Length; i++)
            rows[i].AsSpan(0, Math.Min(rows[i].Length, length)).CopyTo(numbers.Span[(i * numbers.RowSize)..]);
        return numbers;
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return _vocabulary.Encode(x);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The layer contains a function.</exception>
    public override JsonObject GetConfig()
    {
        if (_standardizeFunction is not null || _splitFunction is not null)
            throw new InvalidOperationException($"Layer {Name} contains a function, which a configuration cannot " +
                "hold: build the model in code and load its weights.");
        JsonObject config = base.GetConfig();
        config["max_tokens"] = _settings.MaxTokens;
        config["standardize"] = _standardize;
        config["split"] = _split;
        config["ngrams"] = _ngrams is null ? null
            : _ngrams.SequenceEqual(Upto(_ngrams.Length)) ? _ngrams.Length : Saving.Config.Sizes(_ngrams);
        config["output_mode"] = _settings.OutputMode;
        config["output_sequence_length"] = _outputSequenceLength;
        config["pad_to_max_tokens"] = _settings.PadToMaxTokens;
        config["sparse"] = false;
        config["ragged"] = false;
        StringLookup.Write(config, _vocabulary, token => token);
        config["encoding"] = "utf-8";
        return config;
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        _vocabulary.Release();
    }

    internal static int[] Upto(int most) => [.. Enumerable.Range(1, Math.Max(0, most))];

    float Number(string token)
    {
        if (_vocabulary.IsMask(token)) return _settings.OutputMode == CategoryOutput.Int ? 0 : -1;
        int index = _vocabulary.IndexOf(token);
        return index >= 0 ? index : _vocabulary.OovStart;
    }

    List<string> Tokens(string text)
    {
        string standard = _standardizeFunction is null ? Standardized(text) : _standardizeFunction(text);
        List<string> tokens = _splitFunction is not null ? [.. _splitFunction(standard)] : _split switch
        {
            "whitespace" => [.. standard.Split(s_spaces, StringSplitOptions.RemoveEmptyEntries)],
            "character" => [.. standard.EnumerateRunes().Select(r => r.ToString())],
            _ => [standard],
        };
        if (_ngrams is null) return tokens;
        return [.. _ngrams.SelectMany(n => Enumerable.Range(0, Math.Max(0, tokens.Count - n + 1))
            .Select(i => string.Join(' ', tokens.GetRange(i, n))))];
    }

    string Standardized(string text)
    {
        if (_standardize is null) return text;
        bool lowers = _standardize != "strip_punctuation", strips = _standardize != "lower";
        var standard = new StringBuilder(text.Length);
        foreach (char c in text)
            if (!strips || !Punctuation.Contains(c, StringComparison.Ordinal))
                standard.Append(lowers && c is >= 'A' and <= 'Z' ? (char)(c + ('a' - 'A')) : c);
        return standard.ToString();
    }
}
