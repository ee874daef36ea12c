using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Gives each word of some texts a number, the most frequent word 1, and texts as such numbers (Keras <c>keras.preprocessing.text.Tokenizer</c>). 0 is no word.</summary>
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

    /// <summary>Makes a tokenizer that knows no words yet.</summary>
    /// <param name="numWords">Numbers from this one on are left out of texts: the most frequent words stay; all by default.</param>
    /// <param name="filters">Characters that are no part of words.</param>
    /// <param name="lower">Whether capitals become small letters.</param>
    /// <param name="split">What stands between words.</param>
    /// <param name="charLevel">Whether each character is a word.</param>
    /// <param name="oovToken">The word, with number 1, that stands for those that are unknown or left out; without one they are skipped.</param>
    /// <exception cref="ArgumentException">The number is negative, or the separator is empty.</exception>
    public Tokenizer(int? numWords = null, string filters = Text.Filters, bool lower = true, string split = " ", bool charLevel = false, string? oovToken = null)
    {
        if (numWords is < 0) throw new ArgumentOutOfRangeException(nameof(numWords), $"The number of words must be 0 or more; given {numWords}.");
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentException.ThrowIfNullOrEmpty(split);
        // As Keras: 0 means all.
        (_numWords, _filters, _lower, _split, _charLevel, _oovToken) = (numWords is 0 ? null : numWords, filters, lower, split, charLevel, oovToken);
    }

    /// <summary>The number of each word.</summary>
    public IReadOnlyDictionary<string, int> WordIndex => _wordIndex;

    /// <summary>The word of each number.</summary>
    public IReadOnlyDictionary<int, string> IndexWord => _indexWord;

    /// <summary>How often each word was seen.</summary>
    public IReadOnlyDictionary<string, int> WordCounts => _wordCounts;

    /// <summary>In how many texts each word was seen.</summary>
    public IReadOnlyDictionary<string, int> WordDocs => _wordDocs;

    /// <summary>In how many texts or lists of numbers each number was seen.</summary>
    public IReadOnlyDictionary<int, int> IndexDocs => _indexDocs;

    /// <summary>From which number on words are left out, or null if none are.</summary>
    public int? NumWords => _numWords;

    /// <summary>Characters that are no part of words.</summary>
    public string Filters => _filters;

    /// <summary>Whether capitals become small letters.</summary>
    public bool Lower => _lower;

    /// <summary>What stands between words.</summary>
    public string Split => _split;

    /// <summary>Whether each character is a word.</summary>
    public bool CharLevel => _charLevel;

    /// <summary>The word that stands for those that are unknown or left out, or null.</summary>
    public string? OovToken => _oovToken;

    /// <summary>How many texts were seen.</summary>
    public int DocumentCount { get; private set; }

    /// <summary>Learns the words of texts; a second call adds to the first.</summary>
    /// <param name="texts">The texts.</param>
    [OverloadResolutionPriority(1)]
    public void FitOnTexts(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        FitOnWords(texts.Select(Words));
    }

    /// <summary>Learns the words of texts that are cut into words already; a second call adds to the first.</summary>
    /// <param name="texts">The words of each text. Capitals become small letters if the tokenizer does that; nothing else changes.</param>
    public void FitOnTexts(IEnumerable<IReadOnlyList<string>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        FitOnWords(texts.Select(Words));
    }

    /// <summary>
    /// Learns in how many lists each number stands, as <c>tfidf</c> needs it, where texts are numbers already
    /// (Keras <c>fit_on_sequences</c>).
    /// </summary>
    /// <param name="sequences">The numbers.</param>
    /// <exception cref="ArgumentException">A list is null; nothing was learnt.</exception>
    public void FitOnSequences(IEnumerable<IReadOnlyList<int>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        IReadOnlyList<int>[] all = [.. sequences];
        if (all.Contains(null!)) throw new ArgumentException("A sequence cannot be null.", nameof(sequences));
        DocumentCount += all.Length;
        foreach (int number in all.SelectMany(s => s.Distinct())) _indexDocs[number] = _indexDocs.GetValueOrDefault(number) + 1;
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

    /// <summary>Texts as the numbers of their words.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A list of numbers for each text.</returns>
    [OverloadResolutionPriority(1)]
    public IReadOnlyList<IReadOnlyList<int>> TextsToSequences(IEnumerable<string> texts) => [.. TextsToSequencesGenerator(texts)];

    /// <summary>Texts that are cut into words already as the numbers of their words.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <returns>A list of numbers for each text.</returns>
    public IReadOnlyList<IReadOnlyList<int>> TextsToSequences(IEnumerable<IReadOnlyList<string>> texts) => [.. TextsToSequencesGenerator(texts)];

    /// <summary>Texts as the numbers of their words, one after the other as they are asked for (Keras <c>texts_to_sequences_generator</c>).</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A list of numbers for each text.</returns>
    [OverloadResolutionPriority(1)]
    public IEnumerable<IReadOnlyList<int>> TextsToSequencesGenerator(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Select(text => Numbers(Words(text)));
    }

    /// <summary>Texts that are cut into words already as the numbers of their words, one after the other as they are asked for.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <returns>A list of numbers for each text.</returns>
    public IEnumerable<IReadOnlyList<int>> TextsToSequencesGenerator(IEnumerable<IReadOnlyList<string>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Select(text => Numbers(Words(text)));
    }

    /// <summary>Numbers as texts, with a blank between the words.</summary>
    /// <param name="sequences">The numbers.</param>
    /// <returns>A text for each list.</returns>
    public IReadOnlyList<string> SequencesToTexts(IEnumerable<IReadOnlyList<int>> sequences) => [.. SequencesToTextsGenerator(sequences)];

    /// <summary>Numbers as texts, one after the other as they are asked for (Keras <c>sequences_to_texts_generator</c>).</summary>
    /// <param name="sequences">The numbers.</param>
    /// <returns>A text for each list.</returns>
    public IEnumerable<string> SequencesToTextsGenerator(IEnumerable<IReadOnlyList<int>> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return sequences.Select(s => string.Join(' ', s.Select(WordOf).OfType<string>()));
    }

    /// <summary>Texts as rows with a column for each word's number.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="mode">What stands in a column: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (texts, numbers).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words were learnt.</exception>
    [OverloadResolutionPriority(1)]
    public NDArray TextsToMatrix(IEnumerable<string> texts, string mode = "binary") => SequencesToMatrix(TextsToSequences(texts), mode);

    /// <summary>Texts that are cut into words already as rows with a column for each word's number.</summary>
    /// <param name="texts">The words of each text.</param>
    /// <param name="mode">What stands in a column: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (texts, numbers).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words were learnt.</exception>
    public NDArray TextsToMatrix(IEnumerable<IReadOnlyList<string>> texts, string mode = "binary") => SequencesToMatrix(TextsToSequences(texts), mode);

    /// <summary>Lists of numbers as rows with a column for each number.</summary>
    /// <param name="sequences">The numbers.</param>
    /// <param name="mode">What stands in a column: <c>binary</c>, <c>count</c>, <c>freq</c> or <c>tfidf</c>.</param>
    /// <returns>A matrix (lists, numbers).</returns>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <exception cref="InvalidOperationException">No words were learnt.</exception>
    public NDArray SequencesToMatrix(IReadOnlyList<IReadOnlyList<int>> sequences, string mode = "binary")
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (mode is not ("binary" or "count" or "freq" or "tfidf")) throw new ArgumentException($"Unknown vectorization mode: \"{mode}\"; known are binary, count, freq and tfidf.", nameof(mode));
        if (_numWords is null && _wordIndex.Count == 0) throw new InvalidOperationException("Specify a dimension (numWords), or fit on some text data first.");
        if (mode == "tfidf" && DocumentCount == 0) throw new InvalidOperationException("Fit the Tokenizer on some data before using tfidf mode.");
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
                    _ => (1 + Math.Log(count)) * Math.Log(1 + DocumentCount / (1.0 + _indexDocs.GetValueOrDefault(group.Key))),
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

    string? WordOf(int number) => _indexWord.TryGetValue(number, out string? word) && !(number >= _numWords) ? word : _oovToken;
}
