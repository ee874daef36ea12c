using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Splits texts into words and maps words to indices (Keras <c>keras.preprocessing.text</c>).</summary>
public static class Text
{
    /// <summary>The characters that Keras' functions filter out by default.</summary>
    public const string Filters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

    /// <summary>Splits a text into words (Keras <c>text_to_word_sequence</c>).</summary>
    /// <param name="text">The text.</param>
    /// <param name="filters">Characters to filter out.</param>
    /// <param name="lower">Whether to convert the text to lowercase.</param>
    /// <param name="split">The separator between words.</param>
    /// <returns>The words in order.</returns>
    /// <exception cref="ArgumentException">The separator is empty.</exception>
    public static IReadOnlyList<string> TextToWordSequence(
        string text, string filters = Filters, bool lower = true, string split = " ")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentException.ThrowIfNullOrEmpty(split);
        if (lower) text = Lower(text);
        var clean = new StringBuilder();
        foreach (char c in text)
        {
            if (filters.Contains(c)) clean.Append(split);
            else clean.Append(c);
        }
        return clean.ToString().Split(split, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Maps the words of a text to indices from 1 to n − 1 by a hash; different words may get the same index (Keras
    /// <c>hashing_trick</c>). Python's own hash differs between processes; the default here is MD5, which does not.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="n">The number of indices, including 0.</param>
    /// <param name="hashFunction">A hash of a word; MD5 by default, as Keras' <c>"md5"</c>.</param>
    /// <param name="filters">Characters to filter out.</param>
    /// <param name="lower">Whether to convert the text to lowercase.</param>
    /// <param name="split">The separator between words.</param>
    /// <returns>An index for each word.</returns>
    /// <exception cref="ArgumentException">n is less than 2, or the separator is empty.</exception>
    public static IReadOnlyList<int> HashingTrick(string text, int n, Func<string, BigInteger>? hashFunction = null,
        string filters = Filters, bool lower = true, string split = " ")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 2);
        hashFunction ??= Md5;
        return [.. TextToWordSequence(text, filters, lower, split)
            .Select(word => (int)(((hashFunction(word) % (n - 1)) + (n - 1)) % (n - 1)) + 1)];
    }

    /// <summary>Maps the words of a text to indices by their hash (Keras <c>one_hot</c>; despite its name, it returns
    /// indices).</summary>
    /// <param name="text">The text.</param>
    /// <param name="n">The number of indices, including 0.</param>
    /// <param name="filters">Characters to filter out.</param>
    /// <param name="lower">Whether to convert the text to lowercase.</param>
    /// <param name="split">The separator between words.</param>
    /// <returns>An index for each word.</returns>
    /// <exception cref="ArgumentException">n is less than 2, or the separator is empty.</exception>
    public static IReadOnlyList<int> OneHot(string text, int n, string filters = Filters, bool lower = true,
        string split = " ") => HashingTrick(text, n, null, filters, lower, split);

    /// <summary>Creates a tokenizer from JSON written by <see cref="Tokenizer.ToJson"/> or Keras (Keras
    /// <c>tokenizer_from_json</c>).</summary>
    /// <param name="json">The text.</param>
    /// <returns>A tokenizer with the same settings and words.</returns>
    /// <exception cref="ArgumentException">The text is not the JSON of a tokenizer.</exception>
    public static Tokenizer TokenizerFromJson(string json) => Tokenizer.FromJson(json);

    /// <summary>
    /// Converts to lowercase as Python does, by the Unicode rules for all languages. Two of them are not in .NET: a
    /// dotted capital I keeps its dot, and a sigma at the end of a word has its own form.
    /// </summary>
    internal static string Lower(string text)
    {
        const char dottedI = 'İ', sigma = 'Σ';
        if (!text.AsSpan().ContainsAny(dottedI, sigma)) return text.ToLowerInvariant();
        text = text.Replace(dottedI.ToString(), "i\u0307", StringComparison.Ordinal);
        var result = new StringBuilder(text.ToLowerInvariant());
        for (int i = 0; i < text.Length; i++)
            if (text[i] == sigma && IsCased(text, i, -1) && !IsCased(text, i, 1)) result[i] = 'ς';
        return result.ToString();
    }

    /// <summary>Whether the next character, ignoring marks and apostrophes, has lowercase and uppercase
    /// forms.</summary>
    static bool IsCased(string text, int from, int step)
    {
        for (int i = from + step; i >= 0 && i < text.Length; i += step)
        {
            if (char.IsUpper(text[i]) || char.IsLower(text[i])
                || char.GetUnicodeCategory(text[i]) == System.Globalization.UnicodeCategory.TitlecaseLetter)
                return true;
            bool isPassedOver = "'.:·’".Contains(text[i])
                || char.GetUnicodeCategory(text[i]) is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.ModifierLetter
                or System.Globalization.UnicodeCategory.ModifierSymbol;
            if (!isPassedOver) return false;
        }
        return false;
    }

#pragma warning disable CA5351 // Keras' hash for words, not used for security.
    static BigInteger Md5(string word) =>
        new(MD5.HashData(Encoding.UTF8.GetBytes(word)), isUnsigned: true, isBigEndian: true);
#pragma warning restore CA5351
}
