namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>The name of a loss or metric given as a function: the method's name, as in Keras.</summary>
internal static class FunctionName
{
    /// <summary>The name of the method in the source; lambdas have none.</summary>
    public static string Of(Delegate function, string otherwise)
    {
        string name = function.Method.Name;
        if (!name.Contains('<', StringComparison.Ordinal)) return name;
        // The compiler names a local function <Outer>g__Name|0_0.
        int start = name.IndexOf(">g__", StringComparison.Ordinal), end = name.LastIndexOf('|');
        return start >= 0 && end > start ? name[(start + 4)..end] : otherwise;
    }
}
