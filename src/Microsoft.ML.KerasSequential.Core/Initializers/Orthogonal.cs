using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// A random matrix with orthonormal rows or columns (Saxe et al. 2013; Keras <c>keras.initializers.Orthogonal</c>).
/// </summary>
/// <param name="gain">A factor.</param>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class Orthogonal(double gain = 1, int? seed = null) : Initializer
{
    /// <inheritdoc/>
    public override int? Seed => seed;

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["gain"] = gain, ["seed"] = seed };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        if (shape.Length < 2)
            throw new ArgumentException("The orthogonal initializer creates matrices; the weight has shape " +
                $"{Shape.Format(shape)}.");
        int columns = shape[^1], rows = columns == 0 ? 0 : values.Length / columns;
        int count = Math.Min(rows, columns), length = Math.Max(rows, columns);

        // Gram–Schmidt, twice for accuracy: `count` vectors of `length` values, each orthogonal to the previous ones.
        double[][] basis = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] v = basis[i] = new double[length];
            for (int k = 0; k < length; k++) v[k] = random.Normal();
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++) Subtract(v, basis[j], Dot(v, basis[j]));
            }
            double norm = Math.Sqrt(Dot(v, v));
            for (int k = 0; k < length; k++) v[k] /= norm;
        }
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                values[r * columns + c] = (float)(gain * (rows <= columns ? basis[r][c] : basis[c][r]));
    }

    static double Dot(double[] a, double[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(a, b);

    static void Subtract(double[] a, double[] b, double factor)
    {
        for (int k = 0; k < a.Length; k++) a[k] -= factor * b[k];
    }
}
