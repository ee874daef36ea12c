namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>Eigenvalues and eigenvectors of symmetric matrices.</summary>
internal static class SymmetricEigen
{
    const int Spare = 14, MostRounds = 300, MostSweeps = 60;
    const double Still = 1e-13;

    /// <summary>The largest eigenvalues, in descending order, with their unit vectors (one row each).</summary>
    public static (double[] Values, double[][] Vectors) Largest(double[][] matrix, int count)
    {
        int size = matrix.Length, block = Math.Min(size, count + Spare);
        if (block == size) return All(matrix, count);

        // Block iteration: a block of vectors is repeatedly multiplied by the matrix, and the small problem within it
        // is solved.
        var random = new Random(1);
        double[][] vectors = Orthonormal([.. Enumerable.Range(0, block)
            .Select(_ => Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5).ToArray())]);
        double[] before = new double[count];
        for (int round = 0; ; round++)
        {
            double[][] images = [.. vectors.Select(v => Product(matrix, v))];
            double[][] inner = [.. vectors.Select(v => images.Select(w => Dot(v, w)).ToArray())];
            (double[] values, double[][] turned) = All(inner, block);
            bool isStill = values.Take(count).Zip(before)
                .All(p => Math.Abs(p.First - p.Second) <= Still * Math.Abs(values[0]));
            if (isStill || round == MostRounds)
                return (values[..count], [.. turned[..count].Select(t => Combined(t, vectors))]);
            before = values[..count];
            vectors = Orthonormal([.. turned.Select(t => Combined(t, images))]);
        }
    }

    /// <summary>Jacobi rotations, until only the diagonal remains.</summary>
    static (double[] Values, double[][] Vectors) All(double[][] matrix, int count)
    {
        int size = matrix.Length;
        double[][] a = [.. matrix.Select(row => (double[])row.Clone())];
        double[][] vectors = [.. Enumerable.Range(0, size)
            .Select(i => Enumerable.Range(0, size).Select(j => i == j ? 1.0 : 0).ToArray())];
        double scale = a.Max(row => row.Max(Math.Abs));
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            bool isDiagonal = true;
            for (int p = 0; p < size; p++)
            {
                for (int q = p + 1; q < size; q++)
                {
                    if (Math.Abs(a[p][q]) <= 1e-15 * scale) continue;
                    isDiagonal = false;
                    double half = (a[q][q] - a[p][p]) / (2 * a[p][q]);
                    double tangent = (half < 0 ? -1 : 1) / (Math.Abs(half) + Math.Sqrt(half * half + 1));
                    double cosine = 1 / Math.Sqrt(tangent * tangent + 1), sine = tangent * cosine;
                    for (int k = 0; k < size; k++)
                        (a[k][p], a[k][q]) = (cosine * a[k][p] - sine * a[k][q], sine * a[k][p] + cosine * a[k][q]);
                    Rotate(a[p], a[q], cosine, sine);
                    Rotate(vectors[p], vectors[q], cosine, sine);
                }
            }
            if (isDiagonal) break;
        }
        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => a[i][i]).Take(count)];
        return ([.. order.Select(i => a[i][i])], [.. order.Select(i => vectors[i])]);
    }

    static void Rotate(double[] x, double[] y, double cosine, double sine)
    {
        for (int k = 0; k < x.Length; k++) (x[k], y[k]) = (cosine * x[k] - sine * y[k], sine * x[k] + cosine * y[k]);
    }

    /// <summary>Gram–Schmidt, twice, because once leaves rounding errors; vanishing vectors become zeros.</summary>
    static double[][] Orthonormal(double[][] vectors)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            double length = Math.Sqrt(Dot(vectors[i], vectors[i]));
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    double share = Dot(vectors[i], vectors[j]);
                    for (int k = 0; k < vectors[i].Length; k++) vectors[i][k] -= share * vectors[j][k];
                }
            }
            double rest = Math.Sqrt(Dot(vectors[i], vectors[i]));
            double factor = rest > 1e-12 * length && rest > 0 ? 1 / rest : 0;
            for (int k = 0; k < vectors[i].Length; k++) vectors[i][k] *= factor;
        }
        return vectors;
    }

    static double[] Combined(double[] factors, double[][] vectors)
    {
        double[] sum = new double[vectors[0].Length];
        foreach ((double factor, double[] vector) in factors.Zip(vectors))
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(vector, factor, sum, sum);
        return sum;
    }

    static double[] Product(double[][] matrix, double[] vector) => [.. matrix.Select(row => Dot(row, vector))];

    static double Dot(double[] x, double[] y) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(x, y);
}
