namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// A register of float32 values: the type that kernels and elementwise expressions are written for. There are
/// implementations for 512, 256 and 128 bits and for a single value, so each expression is written once.
/// </summary>
/// <remarks>Comparisons return masks with all bits or none set, per element, for <see cref="Select"/>.</remarks>
internal unsafe interface ILane<T> where T : struct, ILane<T>
{
    /// <summary>The number of values in the register.</summary>
    static abstract int Width { get; }

    static abstract T Splat(float value);
    static abstract T Load(float* source);
    static abstract void Store(float* target, T value);

    static abstract T operator +(T a, T b);
    static abstract T operator -(T a, T b);
    static abstract T operator *(T a, T b);
    static abstract T operator /(T a, T b);
    static abstract T operator -(T a);

    /// <summary>a·b + c, fused if the CPU supports it.</summary>
    static abstract T Fma(T a, T b, T c);

    /// <summary>The same with one broadcast value from memory, in one instruction if the CPU supports it.</summary>
    static virtual T Fma(T a, in float b, T c) => T.Fma(a, T.Splat(b), c);

    /// <summary>The smaller value; NaN if either is NaN.</summary>
    static abstract T Min(T a, T b);

    /// <summary>The larger value; NaN if either is NaN.</summary>
    static abstract T Max(T a, T b);

    /// <summary>
    /// The smaller of a bound and a value in one instruction; a NaN in <paramref name="value"/> is kept.
    /// </summary>
    static abstract T AtMost(T bound, T value);

    /// <summary>
    /// The larger of a bound and a value in one instruction; a NaN in <paramref name="value"/> is kept.
    /// </summary>
    static abstract T AtLeast(T bound, T value);

    static abstract T Abs(T a);
    static abstract T Sqrt(T a);
    static abstract T Floor(T a);

    /// <summary>Rounds to the nearest integer, ties to even.</summary>
    static abstract T Round(T a);

    static abstract T Less(T a, T b);
    static abstract T LessOrEqual(T a, T b);
    static abstract T Equal(T a, T b);
    static abstract T Select(T mask, T yes, T no);

    /// <summary>Whether a mask is set for any value.</summary>
    static abstract bool Any(T mask);

    /// <summary>a with the sign of <paramref name="sign"/>.</summary>
    static abstract T CopySign(T a, T sign);

    /// <summary>a·2ⁿ for integers n in [−252, 254], with gradual underflow and overflow to infinity.</summary>
    static abstract T ScaleB(T a, T n);

    /// <summary>The binary exponent e of a normal positive value m·2ᵉ with m in [½, 1).</summary>
    static abstract T Exponent(T a);

    /// <summary>The mantissa m of a normal positive value m·2ᵉ with m in [½, 1).</summary>
    static abstract T Mantissa(T a);

    /// <summary>Reduces angles of any magnitude by their quarter turns (<see cref="Numerics.QuarterTurns"/>).</summary>
    static abstract (T Left, T Quarters) QuarterTurns(T x);

    /// <summary>xʸ with the special values of C's <c>pow</c>.</summary>
    static abstract T Pow(T x, T y);

    /// <summary>The sum of the values, always added in the same order.</summary>
    static abstract float Sum(T a);

    /// <summary>The largest value; NaN if one is NaN.</summary>
    static abstract float MaxAcross(T a);
}
