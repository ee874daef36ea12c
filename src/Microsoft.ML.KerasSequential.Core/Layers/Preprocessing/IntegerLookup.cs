using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Looks up integers in a vocabulary (Keras 3 <c>keras.layers.IntegerLookup</c>), which is given or learned by
/// <see cref="Adapt(NDArray)"/>. The indices of the mask token, if there is one and the output consists of indices, and
/// of unknown integers precede those of the vocabulary. The layer compares each integer with the whole vocabulary.
/// </summary>
public class IntegerLookup : Layer, IWeighsTokens, IAdaptsToNumbers
{
    /// <summary>From here on, float32 does not hold every integer.</summary>
    const long Largest = 1 << 24;

    readonly LookupVocabulary<long> _vocabulary;
    readonly LookupVocabulary<long>.Settings _settings;

    /// <summary>Creates the layer.</summary>
    /// <param name="maxTokens">The largest size of the vocabulary, including mask and unknown indices; any size by
    /// default.</param>
    /// <param name="numOovIndices">
    /// The number of indices of unknown integers, to which they are assigned by their remainder. If it is 0, an unknown
    /// integer is an error.
    /// </param>
    /// <param name="maskToken">
    /// An integer that stands for nothing: index 0, or in other output modes than <c>int</c>, nothing in the vector.
    /// </param>
    /// <param name="oovToken">The integer for unknown indices if <paramref name="invert"/> is true.</param>
    /// <param name="vocabulary">The vocabulary, instead of learning it. Its integers must not exceed ±2²⁴, because
    /// inputs are float32.</param>
    /// <param name="idfWeights">A weight for each integer of the vocabulary; for <c>tf_idf</c> only.</param>
    /// <param name="invert">Whether to map indices to integers.</param>
    /// <param name="outputMode">
    /// <c>int</c>: the index. <c>one_hot</c>: a vector for each integer. <c>multi_hot</c>: for each sample, the last
    /// dimension, a vector with 1 for each integer that occurs in it. <c>count</c>: a vector with the number of times
    /// that each integer occurs. <c>tf_idf</c>: these numbers times the weights.
    /// </param>
    /// <param name="padToMaxTokens">Whether vectors have the size <paramref name="maxTokens"/>, whatever the size of
    /// the vocabulary is.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">An argument is invalid, or the vocabulary contains an integer
    /// twice.</exception>
    public IntegerLookup(int? maxTokens = null, int numOovIndices = 1, long? maskToken = null, long oovToken = -1,
        IReadOnlyList<long>? vocabulary = null, IReadOnlyList<double>? idfWeights = null, bool invert = false,
        string outputMode = "int", bool padToMaxTokens = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(maxTokens, numOovIndices, maskToken, oovToken, vocabulary, idfWeights, invert, outputMode,
            padToMaxTokens, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal IntegerLookup(int? maxTokens, int numOovIndices, long? maskToken, long oovToken,
        IReadOnlyList<long>? vocabulary, IReadOnlyList<double>? idfWeights, bool invert, string outputMode,
        bool padToMaxTokens, LayerOptions options) : base(options)
    {
        string mode = CategoryOutput.Mode(outputMode, CategoryOutput.Int, CategoryOutput.OneHot,
            CategoryOutput.MultiHot, CategoryOutput.Count, CategoryOutput.TfIdf);
        _settings = new(maxTokens, numOovIndices, maskToken is long mask ? [mask] : [], oovToken, mode, padToMaxTokens,
            invert);
        _settings.Check();
        CheckSize([.. _settings.Mask, oovToken], nameof(oovToken));
        _vocabulary = new(this, _settings, Comparer<long>.Default);
        if (idfWeights is not null && vocabulary is null)
            throw new ArgumentException("`idfWeights` need a `vocabulary`.", nameof(idfWeights));
        if (vocabulary is null) return;
        CheckSize(vocabulary, nameof(vocabulary));
        _vocabulary.Set(vocabulary, idfWeights, isGiven: true);
    }

    NDArray? IWeighsTokens.IdfWeights => _vocabulary.Weights;

    bool IAdaptable.NeedsData => _vocabulary.IsEmpty && !_settings.Invert;

    void IAdaptsToNumbers.AdaptTo(IEnumerable<Batch> data) => Adapt(data);

    /// <summary>The number of indices: the vocabulary with mask and unknown indices.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <summary>Learns the vocabulary: the most frequent integers first, equally frequent ones in descending order
    /// (Keras
    /// <c>adapt</c>). Replaces an earlier vocabulary.</summary>
    /// <param name="data">The integers, one sample per row; for <c>tf_idf</c>, each sample is a document.</param>
    /// <exception cref="ArgumentException">There is no data, or a number is not an integer within ±2²⁴.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary was given to the constructor, or its size would
    /// change after a model has used it as the size of an output.</exception>
    public void Adapt(NDArray data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Adapt([new Batch(data)]);
    }

    /// <summary>Learns the vocabulary of data that comes in batches (Keras <c>adapt</c>). Replaces an earlier
    /// vocabulary.</summary>
    /// <param name="data">The batches; only their inputs are used.</param>
    /// <param name="steps">The number of batches to use; all by default.</param>
    /// <exception cref="ArgumentException">There is no data, or a number is not an integer within ±2²⁴.</exception>
    /// <exception cref="InvalidOperationException">The vocabulary was given to the constructor, or its size would
    /// change after a model has used it as the size of an output.</exception>
    public void Adapt(IEnumerable<Batch> data, int? steps = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        _vocabulary.Adapt(AdaptData.Of(data, steps).SelectMany(Documents));

        IEnumerable<long[]> Documents(NDArray x)
        {
            int size = x.RowSize;
            for (int i = 0; i < x.Rows; i++) yield return [.. x.Data.Skip(i * size).Take(size).Select(Whole)];
        }

        long Whole(float value) => value == MathF.Floor(value) && Math.Abs(value) <= Largest ? (long)value
            : throw new ArgumentException($"Layer {Name} takes integers within ±{Largest}; given {value}.",
                nameof(data));
    }

    /// <summary>The vocabulary (Keras <c>get_vocabulary</c>).</summary>
    /// <param name="includeSpecialTokens">Whether to include mask and unknown tokens, so that an integer's position is
    /// its index.</param>
    /// <returns>A new list.</returns>
    public IReadOnlyList<long> GetVocabulary(bool includeSpecialTokens = true) =>
        _vocabulary.All(includeSpecialTokens);

    /// <summary>Replaces the vocabulary (Keras <c>set_vocabulary</c>).</summary>
    /// <param name="vocabulary">The integers, with or without mask and unknown tokens in front.</param>
    /// <param name="idfWeights">A weight for each of them; for <c>tf_idf</c> only.</param>
    /// <exception cref="ArgumentException">The vocabulary is empty, too large, or contains an integer twice, an integer
    /// exceeds ±2²⁴, or the weights do not match.</exception>
    /// <exception cref="InvalidOperationException">The size would change after a model has used it as the size of an
    /// output.</exception>
    public void SetVocabulary(IReadOnlyList<long> vocabulary, IReadOnlyList<double>? idfWeights = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        CheckSize(vocabulary, nameof(vocabulary));
        _vocabulary.Set(vocabulary, idfWeights);
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_settings.Invert) return Tokens(x);
        _vocabulary.Known();
        Tensor known = K.Constant(new NDArray([.. _vocabulary.Tokens.Select(t => (float)t)], _vocabulary.Tokens.Count));
        Tensor numbers = K.Arange(1, _vocabulary.Tokens.Count + 1);
        // The comparison becomes part of the loop of the reduction, so it is never stored. 0 is an unknown one.
        Tensor found = K.Sum(K.Equal(K.ExpandDims(x), known) * numbers, x.Rank);
        int buckets = _settings.NumOovIndices;
        Tensor unknown = _vocabulary.OovStart;
        if (buckets == 0) unknown = -1;
        else if (buckets > 1) unknown += x - buckets * K.Floor(x / buckets);
        Tensor index = K.Where(found > 0, found + (_vocabulary.TokenStart - 1), unknown);
        Tensor? masked = _settings.Mask is [long mask] ? K.Equal(x, mask) : null;
        if (buckets == 0)
            index = CategoryOutput.Checked(masked is null ? index : K.Where(masked, 0, index), _vocabulary.Size);
        if (masked is not null) index = K.Where(masked, _settings.OutputMode == CategoryOutput.Int ? 0 : -1, index);
        return _vocabulary.Encode(index);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["invert"] = _settings.Invert;
        config["max_tokens"] = _settings.MaxTokens;
        config["num_oov_indices"] = _settings.NumOovIndices;
        config["oov_token"] = _settings.Oov;
        config["mask_token"] = _settings.Mask is [long mask] ? mask : null;
        config["output_mode"] = _settings.OutputMode;
        config["sparse"] = false;
        config["pad_to_max_tokens"] = _settings.PadToMaxTokens;
        config["vocabulary_dtype"] = "int64";
        StringLookup.Write(config, _vocabulary, token => token);
        config["oov_method"] = "floormod";
        config["salt"] = null;
        return config;
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        _vocabulary.Release();
    }

    /// <summary>The integers at indices.</summary>
    Tensor Tokens(Tensor x)
    {
        float[] all = [.. _vocabulary.Known().All(withSpecial: true).Select(t => (float)t)];
        Tensor isKnown = (x >= 0) * (x < all.Length);
        return K.Where(isKnown, K.Gather(K.Constant(all), K.Where(isKnown, x, 0)), _settings.Oov);
    }

    static void CheckSize(IEnumerable<long> tokens, string parameter)
    {
        foreach (long token in tokens)
            if (Math.Abs(token) > Largest)
                throw new ArgumentException($"Integers to look up must not exceed ±{Largest}, because float32 does " +
                    $"not hold every larger one; given {token}. Look it up as text, with StringLookup.", parameter);
    }
}
