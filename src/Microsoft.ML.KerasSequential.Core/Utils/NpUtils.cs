using System.Numerics.Tensors;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Prepares arrays for training (Keras <c>keras.utils.np_utils</c>).</summary>
public static class NpUtils
{
    /// <summary>Converts class indices to one-hot rows (Keras <c>to_categorical</c>).</summary>
    /// <param name="y">Class indices of any shape; a last dimension of size 1 is dropped.</param>
    /// <param name="numClasses">The number of classes; by default, the largest index plus 1.</param>
    /// <returns>An array with one more dimension.</returns>
    /// <exception cref="ArgumentException">An index is not an integer, negative, or too large.</exception>
    public static NDArray ToCategorical(NDArray y, int? numClasses = null)
    {
        ArgumentNullException.ThrowIfNull(y);
        int[] shape = y.Rank > 1 && y.Shape[^1] == 1 ? y.Shape[..^1].ToArray() : y.Shape.ToArray();
        float largest = y.Size == 0 ? -1 : TensorPrimitives.Max<float>(y.Span);
        int classes = numClasses ?? (int)Math.Clamp(largest, -1, int.MaxValue - 1f) + 1;
        foreach (float value in y.Span)
        {
            if (!(value >= 0 && value < classes && value == MathF.Floor(value)))
                throw new ArgumentException($"A class index must be an integer from 0 to {classes - 1}; given "
                    + $"{value.ToString(System.Globalization.CultureInfo.InvariantCulture)}.", nameof(y));
        }
        ArgumentOutOfRangeException.ThrowIfNegative(classes, nameof(numClasses));
        if ((long)y.Size * classes > int.MaxValue)
            throw new ArgumentException($"{y.Size} indices of {classes} classes are too many values for one array.",
                nameof(numClasses));
        var result = new NDArray([.. shape, classes]);
        for (int i = 0; i < y.Size; i++) result.Span[i * classes + (int)y.Span[i]] = 1;
        return result;
    }

    /// <summary>Normalizes an array to length 1 along an axis; zeros stay zero (Keras <c>normalize</c>).</summary>
    /// <param name="x">An array.</param>
    /// <param name="axis">The axis; negative values count from the end.</param>
    /// <param name="order">The order of the norm: 1 for the sum of absolute values, 2 for the Euclidean norm.</param>
    /// <returns>A new array of the same shape.</returns>
    /// <exception cref="ArgumentException">The axis is out of range, or the order is not positive.</exception>
    public static NDArray Normalize(NDArray x, int axis = -1, double order = 2)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = axis < 0 ? axis + x.Rank : axis;
        if (at < 0 || at >= x.Rank)
            throw new ArgumentException($"Axis {axis} is out of range for an array of shape {Shape.Format(x.Shape)}.",
                nameof(axis));
        if (!(order > 0))
            throw new ArgumentOutOfRangeException(nameof(order),
                $"The order of the norm must be positive; given {order}.");
        int count = x.Shape[at], inner = 1;
        foreach (int size in x.Shape[(at + 1)..]) inner *= size;
        var result = new NDArray(x.ToArray(), x.Shape.ToArray());
        if (x.Size == 0) return result;
        for (int row = 0; row < x.Size / count; row++)
        {
            int start = row / inner * count * inner + row % inner;
            double norm = 0;
            for (int i = 0; i < count; i++)
            {
                double magnitude = Math.Abs((double)x.Span[start + i * inner]);
                norm = double.IsPositiveInfinity(order) ? Math.Max(norm, magnitude) : norm + Math.Pow(magnitude, order);
            }
            if (!double.IsPositiveInfinity(order)) norm = Math.Pow(norm, 1 / order);
            if (norm == 0) continue;
            for (int i = 0; i < count; i++) result.Span[start + i * inner] = (float)(x.Span[start + i * inner] / norm);
        }
        return result;
    }
}
