namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The labels of the dimensions of two tensors and of their product. Dimensions that an ellipsis stands for have labels
/// that are not letters.
/// </summary>
internal sealed record EinsumEquation(string First, string Second, string Result)
{
    const string Ellipsis = "...";
    const char FirstHidden = '\uE000';

    /// <summary>Reads an equation of two tensors.</summary>
    /// <exception cref="ArgumentException">The equation is invalid for tensors with these ranks.</exception>
    public static EinsumEquation Parse(string equation, int firstRank, int secondRank)
    {
        ArgumentNullException.ThrowIfNull(equation);
        string text = equation.Replace(" ", "", StringComparison.Ordinal);
        string[] sides = text.Split("->");
        string[] inputs = sides[0].Split(',');
        if (sides.Length != 2 || inputs.Length != 2) throw Invalid("two tensors and their product are expected");
        (string first, int hidden) = Expanded(inputs[0], firstRank);
        (string second, int alsoHidden) = Expanded(inputs[1], secondRank);
        if (hidden > 0 && alsoHidden > 0 && hidden != alsoHidden)
            throw Invalid("the ellipses stand for different numbers of dimensions");
        int shown = sides[1].Replace(Ellipsis, "", StringComparison.Ordinal).Length;
        bool elides = sides[1].Contains(Ellipsis, StringComparison.Ordinal);
        (string result, _) = Expanded(sides[1], shown + (elides ? Math.Max(hidden, alsoHidden) : 0));
        if (!elides && Math.Max(hidden, alsoHidden) > 0)
            throw Invalid("the result lacks the ellipsis");
        if (result.FirstOrDefault(l => !first.Contains(l) && !second.Contains(l)) is not '\0' and var unknown)
            throw Invalid($"the result has a dimension '{unknown}' that neither tensor has");
        return new(first, second, result);

        (string Labels, int Hidden) Expanded(string part, int rank)
        {
            string letters = part.Replace(Ellipsis, "", StringComparison.Ordinal);
            bool hides = letters.Length < part.Length;
            int count = rank - letters.Length;
            if (letters.Any(l => !char.IsAsciiLetter(l)) || letters.Length < part.Length - Ellipsis.Length)
                throw Invalid("dimensions are letters, and each part has at most one ellipsis");
            if (letters.Distinct().Count() < letters.Length) throw Invalid("a letter occurs twice in one tensor");
            if (count < 0 || (count > 0 && !hides))
                throw Invalid($"\"{part}\" does not fit a tensor of {rank} dimensions");
            string labels = string.Concat(Enumerable.Range(0, count).Select(i => (char)(FirstHidden + i)));
            return (part.Replace(Ellipsis, labels, StringComparison.Ordinal), hides ? count : 0);
        }

        ArgumentException Invalid(string reason) => new($"Invalid einsum equation \"{equation}\": {reason}.",
            nameof(equation));
    }
}
