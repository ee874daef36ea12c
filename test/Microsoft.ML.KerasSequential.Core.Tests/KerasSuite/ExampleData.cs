namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>Small data with something to learn, in place of the data sets of Keras' examples.</summary>
internal static class ExampleData
{
    /// <summary>Images of bars: a class is the position of a bright column and a bright row, the rest is
    /// noise.</summary>
    public static (NDArray X, NDArray Y) Pictures(int count, int size, int channels, int classes, int seed)
    {
        var random = new Random(seed);
        NDArray x = new(count, size, size, channels), y = new(count, classes);
        foreach (ref float value in x.Span) value = 0.3f * random.NextSingle();
        for (int i = 0; i < count; i++)
        {
            int label = i % classes, column = label * size / classes, row = size - 1 - column;
            y[i, label] = 1;
            for (int k = 0; k < size; k++)
                for (int c = 0; c < channels; c++) x[i, k, column, c] = x[i, row, k, c] = 1;
        }
        return (x, y);
    }

    /// <summary>Texts of word indices, padded with 0 at the start; the label is whether words from the upper half
    /// outnumber the others.</summary>
    public static (NDArray X, NDArray Y) Texts(int count, int length, int words, int seed)
    {
        var random = new Random(seed);
        NDArray x = new(count, length), y = new(count);
        for (int i = 0; i < count; i++)
        {
            bool positive = i % 2 == 1;
            y.Span[i] = positive ? 1 : 0;
            for (int k = random.Next(length / 2); k < length; k++)
            {
                bool upper = random.NextDouble() < (positive ? 0.8 : 0.2);
                x[i, k] = upper ? random.Next(words / 2, words) : random.Next(1, words / 2);
            }
        }
        return (x, y);
    }

    /// <summary>Sums of a bag of words' classes: each class has its own words among many.</summary>
    public static (NDArray X, NDArray Y) Bags(int count, int words, int classes, int seed)
    {
        var random = new Random(seed);
        NDArray x = new(count, words), y = new(count, classes);
        for (int i = 0; i < count; i++)
        {
            int label = i % classes;
            y[i, label] = 1;
            for (int k = 0; k < 12; k++)
                x[i, random.NextDouble() < 0.5 ? random.Next(words)
                    : label + classes * random.Next(words / classes)] = 1;
        }
        return (x, y);
    }
}
