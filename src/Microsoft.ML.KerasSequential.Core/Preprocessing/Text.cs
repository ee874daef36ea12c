using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Texts as words and numbers (Keras <c>keras.preprocessing.text</c>).</summary>
public static class Text
{
    /// <summary>Characters that are no part of words, in Keras' functions.</summary>
    public const string Filters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";

    /// <summary>The words of a text (Keras <c>text_to_word_sequence</c>).</summary>
    /// <param name="text">The text.</param>
    /// <param name="filters">Characters that are no part of words.</param>
    /// <param name="lower">Whether capitals become small letters.</param>
    /// <param name="split">What stands between words.</param>
    /// <returns>The words in order.</returns>
    /// <exception cref="ArgumentException">The separator is empty.</exception>
    public static IReadOnlyList<string> TextToWordSequence(string text, string filters = Filters, bool lower = true, string split = " ")
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
    /// The words of a text as numbers from 1 to n − 1, by a hash: different words may get the same number (Keras <c>hashing_trick</c>). Python's own hash
    /// differs from process to process; here the default is MD5, which does not.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="n">How many numbers there are, 0 among them.</param>
    /// <param name="hashFunction">A hash of a word; MD5 by default, as Keras' <c>"md5"</c>.</param>
    /// <param name="filters">Characters that are no part of words.</param>
    /// <param name="lower">Whether capitals become small letters.</param>
    /// <param name="split">What stands between words.</param>
    /// <returns>A number for each word.</returns>
    /// <exception cref="ArgumentException">n is less than 2, or the separator is empty.</exception>
    public static IReadOnlyList<int> HashingTrick(string text, int n, Func<string, BigInteger>? hashFunction = null, string filters = Filters, bool lower = true, string split = " ")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 2);
        hashFunction ??= Md5;
        return [.. TextToWordSequence(text, filters, lower, split).Select(word => (int)(((hashFunction(word) % (n - 1)) + (n - 1)) % (n - 1)) + 1)];
    }

    /// <summary>The words of a text as numbers by their hash (Keras <c>one_hot</c>; despite its name it gives numbers).</summary>
    /// <param name="text">The text.</param>
    /// <param name="n">How many numbers there are, 0 among them.</param>
    /// <param name="filters">Characters that are no part of words.</param>
    /// <param name="lower">Whether capitals become small letters.</param>
    /// <param name="split">What stands between words.</param>
    /// <returns>A number for each word.</returns>
    /// <exception cref="ArgumentException">n is less than 2, or the separator is empty.</exception>
    public static IReadOnlyList<int> OneHot(string text, int n, string filters = Filters, bool lower = true, string split = " ") => HashingTrick(text, n, null, filters, lower, split);

    /// <summary>A tokenizer from the JSON that <see cref="Tokenizer.ToJson"/> or Keras wrote (Keras <c>tokenizer_from_json</c>).</summary>
    /// <param name="json">The text.</param>
    /// <returns>A tokenizer of the same settings, which knows the same words.</returns>
    /// <exception cref="ArgumentException">The text is no JSON of a tokenizer.</exception>
    public static Tokenizer TokenizerFromJson(string json) => Tokenizer.FromJson(json);

    /// <summary>
    /// Python lowers by Unicode's rules, whatever the user's language is. Two of them are not .NET's: a dotted capital I keeps its
    /// dot, and a sigma at the end of a word has a form of its own.
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

    /// <summary>Whether the next character that is not passed over, such as a mark or an apostrophe, has small and capital forms.</summary>
    static bool IsCased(string text, int from, int step)
    {
        for (int i = from + step; i >= 0 && i < text.Length; i += step)
        {
            if (char.IsUpper(text[i]) || char.IsLower(text[i]) || char.GetUnicodeCategory(text[i]) == System.Globalization.UnicodeCategory.TitlecaseLetter) return true;
            bool isPassedOver = "'.:·’".Contains(text[i]) || char.GetUnicodeCategory(text[i]) is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.ModifierLetter or System.Globalization.UnicodeCategory.ModifierSymbol;
            if (!isPassedOver) return false;
        }
        return false;
    }

#pragma warning disable CA5351 // Keras' hash of words, which protects nothing.
    static BigInteger Md5(string word) => new(MD5.HashData(Encoding.UTF8.GetBytes(word)), isUnsigned: true, isBigEndian: true);
#pragma warning restore CA5351
}
