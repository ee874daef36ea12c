namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Numbers that stand below each other with their points aligned: one format for all, as NumPy chooses it.
/// </summary>
internal sealed class NumberColumn
{
    const int Precision = 8;

    readonly bool _isScientific;
    readonly int _left, _right, _fraction, _exponent;

    /// <param name="values">The numbers that will be shown.</param>
    public NumberColumn(IReadOnlyList<float> values)
    {
        float[] finite = [.. values.Where(float.IsFinite)];
        float[] sizes = [.. finite.Where(v => v != 0).Select(Math.Abs)];
        if (sizes.Length > 0)
        {
            (float least, float most) = (sizes.Min(), sizes.Max());
            _isScientific = most >= 1e8f || least < 0.0001 || most / least > 1000f;
        }
        if (_isScientific)
        {
            (string Whole, string Fraction, string Exponent)[] parts =
                [.. finite.Select(v => NumberText.Scientific(v))];
            (_left, _fraction) = (parts.Max(p => p.Whole.Length), parts.Max(p => p.Fraction.Length));
            _exponent = parts.Max(p => p.Exponent.Length) - 1;
            _right = _exponent + 2 + _fraction;
        }
        else if (finite.Length > 0)
        {
            (string Whole, string Fraction)[] parts = [.. finite.Select(v => NumberText.Positional(v, Precision))];
            (_left, _right) = (parts.Max(p => p.Whole.Length), parts.Max(p => p.Fraction.Length));
        }
        foreach (float value in values)
            if (!float.IsFinite(value)) _left = Math.Max(_left, NumberText.Special(value).Length - _right - 1);
    }

    /// <summary>A number in as many characters as all the others have.</summary>
    public string Format(float value)
    {
        if (!float.IsFinite(value)) return NumberText.Special(value).PadLeft(_left + _right + 1);
        if (_isScientific)
        {
            (string digit, string decimals, string exponent) = NumberText.Scientific(value, _fraction);
            string power = exponent[1..].PadLeft(_exponent, '0');
            return $"{digit.PadLeft(_left)}.{decimals}e{exponent[0]}{power}";
        }
        (string whole, string fraction) = NumberText.Positional(value, Precision);
        return $"{whole.PadLeft(_left)}.{fraction.PadRight(_right)}";
    }
}
