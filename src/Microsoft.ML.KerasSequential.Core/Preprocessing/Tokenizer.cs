using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Assigns an index to each word of some texts, 1 to the most frequent word, and converts texts to such
/// indices (Keras <c>keras.preprocessing.text.Tokenizer</c>). 0 is not a word.</summary>
public sealed partial class Tokenizer
{
    readonly int? _numWords;
    readonly string _filters, _split;
    readonly bool _lower, _charLevel;
    readonly string? _oovToken;
    readonly Dictionary<string, int> _wordCounts = [], _wordDocs = [], _wordIndex = [];
    readonly List<string> _wordOrder = [];
    readonly Dictionary<int, string> _indexWord = [];
    readonly Dictionary<int, int> _indexDocs = [];

    /// <summary>Creates a tokenizer that knows no words yet.</summary>
    /// <param name="numWords">Words with this index or above are skipped, so that the most frequent words remain; all
    /// by default.</param>
    /// <param name="filters">Characters to filter out.</param>
    /// <param name="lower">Whether to convert texts to lowercase.</param>
    /// <param name="split">The separator between words.</param>
    /// <param name="charLevel">Whether each character is a word.</param>
    /// <param name="oovToken">The word, with index 1, that replaces unknown or excluded words; without it, they are
    /// skipped.</param>
    /// <exception cref="ArgumentException">The number is negative, or the separator is empty.</exception>
    public Tokenizer(int? numWords = null, string filters = Text.Filters, bool lower = true, string split = " ",
        bool charLevel = false, string? oovToken = null)
    {
        if (numWords is < 0)
            throw new ArgumentOutOfRangeException(nameof(numWords),
                $"The number of words must be 0 or more; given {numWords}.");
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentException.ThrowIfNullOrEmpty(split);
        // As in Keras, 0 means all.
        (_numWords, _filters, _lower, _split, _charLevel, _oovToken) =
            (numWords is 0 ? null : numWords, filters, lower, split, charLevel, oovToken);
    }

    /// <summary>The index of each word.</summary>
    public IReadOnlyDictionary<string, int> WordIndex => _wordIndex;

    /// <summary>The word at each index.</summary>
    public IReadOnlyDictionary<int, string> IndexWord => _indexWord;

    /// <summary>How many times each word was seen.</summary>
    public IReadOnlyDictionary<string, int> WordCounts => _wordCounts;

    /// <summary>The number of texts in which each word was seen.</summary>
    public IReadOnlyDictionary<string, int> WordDocs => _wordDocs;

    /// <summary>The number of texts or index lists in which each index was seen.</summary>
    public IReadOnlyDictionary<int, int> IndexDocs => _indexDocs;

    /// <summary>The index from which on words are skipped, or null if none are.</summary>
    public int? NumWords => _numWords;

    /// <summary>Characters to filter out.</summary>
    public string Filters => _filters;

    /// <summary>Whether to convert texts to lowercase.</summary>
    public bool Lower => _lower;

    /// <summary>The separator between words.</summary>
    public string Split => _split;

    /// <summary>Whether each character is a word.</summary>
    public bool CharLevel => _charLevel;

    /// <summary>The word that replaces unknown or excluded words, or null.</summary>
    public string? OovToken => _oovToken;

    /// <summary>The number of texts seen.</summary>
    public int DocumentCount { get; private set; }

    /// <summary>Learns the words of texts; a second call adds to the first.</summary>
    /// <param name="texts">The texts.</param>
    [OverloadResolutionPriority(1)]
    public void FitOnTexts(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        FitOnWords(texts.Select(Words));
    }

    /// <summary>Learns the words of texts that are already split into words; a second call adds to the first.</summary>
    /// <param name="texts">The words of each text. They are converted to lowercase if the tokenizer does so; nothing
    /// else changes.</param>
    public void FitOnTexts(IEnumerable<IReadOnlyList<string>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        FitOnWords(texts.Select(Words));
    }

    /// <summary>
    /// Learns in how many lists each index occurs, as <c>tfidf</c> needs, for texts that are already indices (Keras
    /// <c>fit_on_sequences</c>).
    /// </summary>
    /// <param name="sequences">The word indices.</param>
    /// <exception cref="ArgumentException">A list is null; nothing was learned.</exception>
    public void FitOnSequences(IEnumerable<IReadOnlyList<int>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        IReadOnlyList<int>[] all = [.. sequences];
        if (all.Contains(null!)) throw new ArgumentException("A sequence cannot be null.", nameof(sequences));
        DocumentCount += all.Length;
        foreach (int number in all.SelectMany(s => s.Distinct()))
            _indexDocs[number] = _indexDocs.GetValueOrDefault(number) + 1;
    }

    void FitOnWords(IEnumerable<IReadOnlyList<string>> texts)
    {
        foreach (IReadOnlyList<string> words in texts)
        {
            DocumentCount++;
            foreach (string word in words)
            {
                if (!_wordCounts.TryGetValue(word, out int count)) _wordOrder.Add(word);
                _wordCounts[word] = count + 1;
            }
            foreach (string word in words.Distinct()) _wordDocs[word] = _wordDocs.GetValueOrDefault(word) + 1;
        }
        _wordIndex.Clear();
        _indexWord.Clear();
        IEnumerable<string> ranked = _wordOrder.OrderByDescending(w => _wordCounts[w]);
        if (_oovToken is not null) ranked = ranked.Where(w => w != _oovToken).Prepend(_oovToken);
        foreach ((int index, string word) in ranked.Index())
        {
            _wordIndex[word] = index + 1;
            _indexWord[index + 1] = word;
        }
        foreach ((string word, int count) in _wordDocs) _indexDocs[_wordIndex[word]] = count;
    }

    /// <summary>Converts texts to the indices of their words.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A list of indices for each text.</returns>
    [OverloadResolutionPriority(1)]
    public IReadOnlyList<IReadOnlyList<int>> TextsToSequences(IEnumerable<string> texts) =>
        [.. TextsToSequencesGenerator(texts)];

    /// <summary>Converts texts that are already split into words to indices.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <returns>A list of indices for each text.</returns>
    public IReadOnlyList<IReadOnlyList<int>> TextsToSequences(IEnumerable<IReadOnlyList<string>> texts) =>
        [.. TextsToSequencesGenerator(texts)];

    /// <summary>Converts texts to the indices of their words, one text at a time on demand (Keras
    /// <c>texts_to_sequences_generator</c>).</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A list of indices for each text.</returns>
    [OverloadResolutionPriority(1)]
    public IEnumerable<IReadOnlyList<int>> TextsToSequencesGenerator(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Select(text => Numbers(Words(text)));
    }

    /// <summary>Converts texts that are already split into words to indices, one text at a time on demand.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <returns>A list of indices for each text.</returns>
    public IEnumerable<IReadOnlyList<int>> TextsToSequencesGenerator(IEnumerable<IReadOnlyList<string>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Select(text => Numbers(Words(text)));
    }

    /// <summary>Converts indices to texts, with a space between words.</summary>
    /// <param name="sequences">The word indices.</param>
    /// <returns>A text for each list.</returns>
    public IReadOnlyList<string> SequencesToTexts(IEnumerable<IReadOnlyList<int>> sequences) =>
        [.. SequencesToTextsGenerator(sequences)];

    /// <summary>Converts indices to texts, one text at a time on demand (Keras
    /// <c>sequences_to_texts_generator</c>).</summary>
    /// <param name="sequences">The word indices.</param>
    /// <returns>A text for each list.</returns>
    public IEnumerable<string> SequencesToTextsGenerator(IEnumerable<IReadOnlyList<int>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return sequences.Select(s => string.Join(' ', s.Select(WordOf).OfType<string>()));
    }

    /// <summary>Converts texts to rows with a column for each word index.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="mode">What a column holds: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (texts, indices).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words have been learned.</exception>
    [OverloadResolutionPriority(1)]
    public NDArray TextsToMatrix(IEnumerable<string> texts, string mode = "binary") =>
        SequencesToMatrix(TextsToSequences(texts), mode);

    /// <summary>Converts texts that are already split into words to rows with a column for each word index.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <param name="mode">What a column holds: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (texts, indices).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words have been learned.</exception>
    public NDArray TextsToMatrix(IEnumerable<IReadOnlyList<string>> texts, string mode = "binary") =>
        SequencesToMatrix(TextsToSequences(texts), mode);

    /// <summary>Converts lists of indices to rows with a column for each index.</summary>
    /// <param name="sequences">The word indices.</param>
    /// <param name="mode">What a column holds: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (lists, indices).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words have been learned.</exception>
    public NDArray SequencesToMatrix(IReadOnlyList<IReadOnlyList<int>> sequences, string mode = "binary")
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (mode is not ("binary" or "count" or "freq" or "tfidf"))
            throw new ArgumentException(
                $"Unknown vectorization mode: \"{mode}\"; expected binary, count, freq or tfidf.", nameof(mode));
        if (_numWords is null && _wordIndex.Count == 0)
            throw new InvalidOperationException("Specify a dimension (numWords), or fit on some text data first.");
        if (mode == "tfidf" && DocumentCount == 0)
            throw new InvalidOperationException("Fit the Tokenizer on some data before using tfidf mode.");
        int columns = _numWords ?? _wordIndex.Count + 1;
        var matrix = new NDArray(sequences.Count, columns);
        for (int i = 0; i < sequences.Count; i++)
        {
            foreach (IGrouping<int, int> group in sequences[i].Where(n => n >= 0 && n < columns).GroupBy(n => n))
            {
                int count = group.Count();
                matrix[i, group.Key] = (float)(mode switch
                {
                    "count" => count,
                    "freq" => (double)count / sequences[i].Count,
                    "binary" => 1,
                    _ => (1 + Math.Log(count)) * Math.Log(
                        1 + DocumentCount / (1.0 + _indexDocs.GetValueOrDefault(group.Key))),
                });
            }
        }
        return matrix;
    }

    IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!_charLevel) return Text.TextToWordSequence(text, _filters, _lower, _split);
        return [.. (_lower ? Text.Lower(text) : text).EnumerateRunes().Select(r => r.ToString())];
    }

    IReadOnlyList<string> Words(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Contains(null!)) throw new ArgumentException("A word cannot be null.", nameof(words));
        return _lower ? [.. words.Select(Text.Lower)] : words;
    }

    IReadOnlyList<int> Numbers(IReadOnlyList<string> words) => [.. words.Select(NumberOf).OfType<int>()];

    int? NumberOf(string word)
    {
        int? unknown = _oovToken is not null && _wordIndex.TryGetValue(_oovToken, out int oov) ? oov : null;
        return _wordIndex.TryGetValue(word, out int number) && !(number >= _numWords) ? number : unknown;
    }

    string? WordOf(int number) =>
        _indexWord.TryGetValue(number, out string? word) && !(number >= _numWords) ? word : _oovToken;
}
