using Microsoft.ML.KerasSequential;

namespace Samples;

/// <summary>Tables of numbers in training and test parts.</summary>
internal static class Table
{
    /// <summary>Scales each column to mean 0 and standard deviation 1, based on the training part.</summary>
    public static void Standardize(NDArray train, NDArray test)
    {
        int columns = train.Shape[1], rows = train.Shape[0];
        for (int c = 0; c < columns; c++)
        {
            double mean = 0, square = 0;
            for (int r = 0; r < rows; r++) mean += train[r, c];
            mean /= rows;
            for (int r = 0; r < rows; r++) square += Math.Pow(train[r, c] - mean, 2);
            double deviation = Math.Sqrt(square / rows);
            if (deviation == 0) deviation = 1;
            foreach (NDArray part in (NDArray[])[train, test])
                for (int r = 0; r < part.Shape[0]; r++) part[r, c] = (float)((part[r, c] - mean) / deviation);
        }
    }
}
