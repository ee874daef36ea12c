namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Errors about what the user gave, to whichever method.</summary>
internal static class Complaint
{
    /// <param name="parameter">What the user calls it: an argument, an option, or a role.</param>
    /// <param name="message">What was expected and what came.</param>
    /// <param name="inner">What was thrown below.</param>
    public static ArgumentException About(string parameter, string message, Exception? inner = null) => new(message, parameter, inner);

    /// <inheritdoc cref="About"/>
    public static ArgumentOutOfRangeException Mismatch(string parameter, string message) => new(parameter, message);
}
