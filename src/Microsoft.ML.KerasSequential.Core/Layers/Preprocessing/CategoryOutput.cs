namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The output modes of layers that number categories (Keras' <c>encode_categorical_inputs</c>).</summary>
internal static class CategoryOutput
{
    public const string Int = "int", OneHot = "one_hot", MultiHot = "multi_hot", Count = "count", TfIdf = "tf_idf";

    /// <summary>The mode under its current name.</summary>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    public static string Mode(string outputMode, params string[] known)
    {
        ArgumentNullException.ThrowIfNull(outputMode);
        string mode = outputMode switch
        {
            "binary" => MultiHot,
            "tf-idf" => TfIdf,
            _ => outputMode,
        };
        return known.Contains(mode) ? mode
            : throw new ArgumentException("`outputMode` must be one of " +
                $"{string.Join(", ", known.Select(k => $"\"{k}\""))}; given \"{outputMode}\".", nameof(outputMode));
    }

    /// <summary>Encodes category numbers; a number that is not from 0 through depth − 1 adds nothing.</summary>
    /// <param name="x">The numbers (batch, …).</param>
    /// <param name="mode">The mode.</param>
    /// <param name="depth">The number of categories.</param>
    /// <returns>The numbers themselves, one-hot vectors, or one vector for each sample of the last dimension.</returns>
    public static Tensor Encode(Tensor x, string mode, int depth)
    {
        if (mode == Int) return x;
        if (mode == OneHot && x.Rank > 1 && x.Dims.Last.IsOne) x = K.Squeeze(x, x.Rank - 1);
        Tensor same = K.Equal(K.ExpandDims(x), K.Arange(depth));
        // The comparison becomes part of the loop of the reduction, so the one-hot vectors are never stored.
        return mode switch
        {
            OneHot => same,
            MultiHot => K.Max(same, x.Rank - 1),
            _ => K.Sum(same, x.Rank - 1),
        };
    }

    /// <summary>The same numbers, which must be integers from 0 through depth − 1.</summary>
    public static Tensor Checked(Tensor x, int depth) => K.Gather(K.Arange(depth), x);
}
