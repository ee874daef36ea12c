using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// What a comparison is about, formatted only if it fails: these texts are written for every element of every array.
/// </summary>
[InterpolatedStringHandler]
internal ref struct IfNotClose
{
    DefaultInterpolatedStringHandler _text;

    public IfNotClose(int literalLength, int formattedCount,
        double actual, double expected, double relative, double absolute, out bool fails)
    {
        fails = !GoldenCase.AreClose(actual, expected, relative, absolute);
        if (fails) _text = new(literalLength, formattedCount);
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
