using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Regularizers;

/// <summary>
/// The mean of the absolute cosines between all pairs of rows, or of columns, of a matrix, times a factor (Keras
/// <c>keras.regularizers.OrthogonalRegularizer</c>): it is 0 if they are orthogonal.
/// </summary>
public class OrthogonalRegularizer : Regularizer
{
    // The square of the smallest norm to divide by.
    const double SmallestSquare = 1e-14;

    readonly double _factor;
    readonly string _mode;

    /// <summary>Creates the regularizer.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="mode"><c>rows</c> or <c>columns</c>.</param>
    /// <exception cref="ArgumentException">The mode is unknown, or the factor is not finite or negative.</exception>
    public OrthogonalRegularizer(double factor = 0.01, string mode = "rows")
    {
        if (!(factor >= 0 && double.IsFinite(factor)))
            throw new ArgumentOutOfRangeException(nameof(factor), $"The factor must be 0 or more; given {factor}.");
        if (mode is not ("rows" or "columns"))
            throw new ArgumentException($"`mode` must be \"rows\" or \"columns\"; given \"{mode}\".", nameof(mode));
        (_factor, _mode) = (factor, mode);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tensor is not a matrix with known sizes.</exception>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        bool rows = _mode == "rows";
        if (x.Rank != 2 || x.Dims[rows ? 0 : 1].Constant is not int count)
            throw new ArgumentException("The orthogonal regularizer takes a matrix with known sizes; given shape " +
                $"{x.Shape}.", nameof(x));
        Tensor unit = x / K.Sqrt(K.Maximum(K.Sum(K.Square(x), rows ? 1 : 0, keepdims: true), SmallestSquare));
        Tensor cosines = rows ? new(new Ops.MatMul(false, true), unit, unit)
            : new(new Ops.MatMul(true, false), unit, unit);
        Tensor others = cosines * K.Constant(OffDiagonal(count));
        return _factor * 0.5 / (count * (count - 1.0) / 2) * K.Sum(K.Abs(others));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["factor"] = _factor, ["mode"] = _mode };

    static NDArray OffDiagonal(int count)
    {
        var mask = new NDArray(count, count);
        mask.Span.Fill(1);
        for (int i = 0; i < count; i++) mask.Span[i * count + i] = 0;
        return mask;
    }
}
