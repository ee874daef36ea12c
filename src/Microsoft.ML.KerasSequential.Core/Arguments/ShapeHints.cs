namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Suggests the probable cause of a shape mismatch, as a sentence to append to the error message. The hint is empty if
/// the cause is unknown.
/// </summary>
internal static class ShapeHints
{
    const string ClassNumbers =
        "If the targets are class numbers, turn them into columns with NpUtils.ToCategorical, or use the loss "
        + "sparse_categorical_crossentropy, which takes class numbers as they are.";

    /// <summary>Appends a hint to an error message.</summary>
    public static string Behind(string error, string hint) => hint.Length == 0 ? error : $"{error}.{hint}";

    /// <summary>Gets the hint for inputs that do not fit a model. Both shapes start with the batch.</summary>
    public static string ForInput(ReadOnlySpan<int> given, Shape expected)
    {
        int[] sample = given[1..].ToArray();
        int?[] wanted = [.. expected.Skip(1)];
        if (sample.Length + 1 == wanted.Length && Fits(sample, wanted[..^1])) return MissingLast(sample, wanted[^1]);
        if (Fits(given.ToArray(), wanted) || (sample is [1] && Fits([given[0]], wanted)))
            return $" This looks like one sample. Put the batch first: x.Reshape({Sizes([1, .. wanted], given)}).";
        if (sample.Length == wanted.Length + 1 && sample[^1] == 1 && Fits(sample[..^1], wanted))
            return $" The last dimension is one too many: x.Reshape(-1, {string.Join(", ", sample[..^1])}).";
        if (sample.Length == wanted.Length && sample.Length > 1)
        {
            if (Fits([.. sample[1..], sample[0]], wanted))
                return " The channels stand first; the model takes them as the last dimension. Turn the data round, "
                    + "or give the layers dataFormat: \"channels_first\".";
            if (Fits([sample[^1], .. sample[..^1]], wanted))
                return " The channels stand last; the model takes them first, since its layers have dataFormat: "
                    + "\"channels_first\".";
        }
        long values = Product(sample);
        if (wanted.All(d => d is not null) && Product([.. wanted.Select(d => d!.Value)]) == values)
        {
            string flatten = wanted.Length == 1 && sample.Length > 1
                ? $" Or begin the model with new Flatten(inputShape: [{string.Join(", ", sample)}])." : "";
            return $" A sample has the right number of values: x.Reshape(-1, {string.Join(", ", wanted)}).{flatten}";
        }
        return "";
    }

    /// <summary>Gets the hint for the input of a layer that requires a certain number of dimensions.</summary>
    public static string ForRank(Shape given, int rank)
    {
        if (given.Rank + 1 != rank) return "";
        string[] sizes = [.. given.Skip(1).Select(d => d is int size ? $"{size}" : "null"), "1"];
        string shape = string.Join(", ", sizes), reshape = shape.Replace("null", "…", StringComparison.Ordinal);
        return ". A last dimension is missing, the channels (or the features of a step): "
            + $"inputShape: [{shape}], and x.Reshape(-1, {reshape}) for the data";
    }

    /// <summary>Gets the hint for targets that do not fit a loss. Both shapes start with the batch.</summary>
    /// <param name="given">The shape of the targets.</param>
    /// <param name="output">The shape of the model's output.</param>
    /// <param name="takesClassNumbers">true if the loss takes class numbers; otherwise, false.</param>
    public static string ForTarget(ReadOnlySpan<int> given, Shape output, bool takesClassNumbers)
    {
        int columns = given[^1];
        if (output.Rank < 2 || output[-1] is not int units) return "";
        if (takesClassNumbers)
        {
            return given.Length == output.Rank && columns > 1
                ? " The targets have a column for each class (one-hot); sparse_categorical_crossentropy takes class "
                    + "numbers. Use the loss categorical_crossentropy."
                : "";
        }
        if (units > 1 && ((given.Length == output.Rank && columns == 1) || given.Length + 1 == output.Rank))
            return $" The model outputs {units} values where the targets have one. {ClassNumbers}";
        if (given.Length != output.Rank) return "";
        if (units == 1 && columns > 1)
        {
            return $" If the targets have a column for each class (one-hot), the last layer needs {columns} units "
                + "and the activation softmax, and the loss is categorical_crossentropy.";
        }
        return columns == units ? ""
            : $" The targets have {columns} columns, the last layer has {units} units: they must be the same number.";
    }

    /// <summary>Gets the hint for class numbers that are out of the model's range.</summary>
    /// <param name="least">The smallest class number among the targets.</param>
    /// <param name="most">The largest class number among the targets.</param>
    /// <param name="classes">The number of classes that the model has, or null.</param>
    public static string ForClasses(float least, float most, int? classes)
    {
        if (least < 0 || most != MathF.Floor(most)) return "";
        if (most == classes && least >= 1) return " Class numbers begin with 0: subtract 1.";
        return classes == 1
            ? $" The last layer has one unit; for {most + 1} classes it needs {most + 1} units and the activation "
                + "softmax. For two classes with one unit and a sigmoid, the loss is binary_crossentropy."
            : $" For classes up to {most}, the last layer needs {most + 1} units.";
    }

    static string MissingLast(int[] sample, int? last)
    {
        string sizes = string.Join(", ", sample);
        return last is null or 1
            ? $" The last dimension is missing (the channels, or the features of a step): x.Reshape(-1, {sizes}, 1)."
            : $" The last dimension is missing: the model takes {last} channels. Data of one channel need a first "
                + $"layer with inputShape: [{sizes}, 1], and x.Reshape(-1, {sizes}, 1).";
    }

    static bool Fits(int[] sizes, int?[] wanted) =>
        sizes.Length == wanted.Length && wanted.Length > 0
        && sizes.Zip(wanted).All(s => s.Second is null || s.First == s.Second);

    static long Product(int[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);

    static string Sizes(int?[] wanted, ReadOnlySpan<int> given)
    {
        int[] known = given.ToArray();
        return string.Join(", ", wanted.Select((d, i) => d ?? known[i - 1]));
    }
}
