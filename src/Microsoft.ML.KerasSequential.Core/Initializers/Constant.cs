using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>A constant, or given values such as word vectors (Keras <c>keras.initializers.Constant</c>).</summary>
public class Constant : Initializer
{
    readonly double? _number;
    readonly NDArray _value;

    /// <summary>Creates an initializer with the same value everywhere.</summary>
    /// <param name="value">The value.</param>
    public Constant(double value = 0) => (_number, _value) = (value, value);

    /// <summary>Creates an initializer with given values.</summary>
    /// <param name="value">As many values as the weight has, in its order, or a single one. They are copied.</param>
    /// <remarks>The configuration contains all values.</remarks>
    /// <exception cref="ArgumentException">A value is NaN or infinite.</exception>
    public Constant(NDArray value)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (float one in value.Span)
        {
            if (!float.IsFinite(one))
                throw new ArgumentException($"The values of a weight must be finite; given {one}.", nameof(value));
        }
        _value = new(value.ToArray(), value.Shape.ToArray());
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new() { ["value"] = _number is { } number ? number : NestedLists.Write(_value, nameof(Constant)) };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        if (_value.Size == 1)
        {
            values.Fill(_value.Span[0]);
            return;
        }
        if (_value.Size != values.Length)
        {
            throw new ArgumentException($"The initializer Constant holds values of shape {Shape.Format(_value.Shape)}, "
                + $"which do not fill a weight of shape {Shape.Format(shape)}.");
        }
        _value.Span.CopyTo(values);
    }
}
