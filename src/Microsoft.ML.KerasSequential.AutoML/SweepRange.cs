using System.Numerics;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>The numbers that an experiment may choose from. A range of one number is a fixed value.</summary>
/// <typeparam name="T">The type of the numbers.</typeparam>
/// <param name="Min">The least.</param>
/// <param name="Max">The largest.</param>
/// <param name="Start">The one that is tried first.</param>
/// <param name="LogScale">Whether numbers are spread evenly by their logarithms.</param>
public readonly record struct SweepRange<T>(T Min, T Max, T Start, bool LogScale = false)
    where T : struct, INumber<T>
{
    /// <summary>A fixed value.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator SweepRange<T>(T value) => new(value, value, value);

    internal bool IsFixed => Min == Max;

    /// <exception cref="ArgumentException">The numbers are not in order, or below what is allowed.</exception>
    internal void Check(string name, T least, T most)
    {
        if (!(least <= Min && Min <= Start && Start <= Max && Max <= most))
            throw new ArgumentException($"The range of {name} must be in order and from {least} to {most}: least {Min}, start {Start}, largest {Max}.", name);
        if (LogScale && Min <= T.Zero) throw new ArgumentException($"The range of {name} is on a log scale, so that its least number must be above 0; given {Min}.", name);
    }
}
