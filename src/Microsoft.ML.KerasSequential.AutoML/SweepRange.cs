using System.Numerics;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A range of numbers that an experiment may choose from. A range of one number is a fixed value.</summary>
/// <typeparam name="T">The type of the numbers.</typeparam>
/// <param name="Min">The smallest number.</param>
/// <param name="Max">The largest number.</param>
/// <param name="Start">The number to try first.</param>
/// <param name="LogScale">Whether numbers are distributed evenly on a log scale.</param>
public readonly record struct SweepRange<T>(T Min, T Max, T Start, bool LogScale = false)
    where T : struct, INumber<T>
{
    /// <summary>A fixed value.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator SweepRange<T>(T value) => new(value, value, value);

    internal bool IsFixed => Min == Max;

    /// <exception cref="ArgumentException">The numbers are not in order, or out of the allowed range.</exception>
    internal void Check(string name, T least, T most)
    {
        if (!(least <= Min && Min <= Start && Start <= Max && Max <= most))
            throw new ArgumentException($"The range of {name} must be in order and from {least} to {most}; given min "
                + $"{Min}, start {Start}, max {Max}.", name);
        if (LogScale && Min <= T.Zero)
            throw new ArgumentException(
                $"The range of {name} is on a log scale, so its minimum must be above 0; given {Min}.", name);
    }
}
