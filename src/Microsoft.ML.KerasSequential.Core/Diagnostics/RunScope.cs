using System.Collections;

namespace Microsoft.ML.KerasSequential.Diagnostics;

/// <summary>
/// Contains the values shared by all log entries of a training run, for loggers that store values by name.
/// </summary>
internal sealed class RunScope(string run, string model) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 2;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("RunId", run),
        1 => new("Model", model),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns the text that loggers for plain text display.</summary>
    public override string ToString() => $"RunId:{run} Model:{model}";
}
