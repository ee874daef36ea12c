namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Errors about arguments, options and roles.</summary>
internal static class Complaint
{
    /// <param name="parameter">The user's name for it: an argument, an option, or a role.</param>
    /// <param name="message">What was expected and what was given.</param>
    /// <param name="inner">The inner exception.</param>
    public static ArgumentException About(string parameter, string message, Exception? inner = null) =>
        new(message, parameter, inner);

    /// <inheritdoc cref="About"/>
    public static ArgumentOutOfRangeException Mismatch(string parameter, string message) => new(parameter, message);
}
