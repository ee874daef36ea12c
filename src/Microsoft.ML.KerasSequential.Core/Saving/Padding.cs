namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>The Keras padding names.</summary>
internal static class Padding
{
    public static string Check(string padding, bool causal = false) => padding switch
    {
        "valid" or "same" => padding,
        "causal" when causal => padding,
        _ => throw new ArgumentException("The `padding` argument must be "
            + $"\"valid\"{(causal ? ", \"same\" or \"causal\"" : " or \"same\"")}; given \"{padding}\".",
            nameof(padding)),
    };
}
