namespace Microsoft.ML.KerasSequential;

/// <summary>What a sample weight applies to (Keras' <c>sample_weight_mode</c>): one mode, a list, or a dictionary by
/// output name. A Sequential has one output.</summary>
public sealed class SampleWeightMode
{
    readonly string? _output;

    SampleWeightMode(bool isTemporal, string? output = null) => (IsTemporal, _output) = (isTemporal, output);

    /// <summary>The whole sample: weights have one dimension (Keras' <c>None</c>).</summary>
    public static SampleWeightMode None { get; } = new(false);

    /// <summary>Each step of each sample: weights have two dimensions (Keras' <c>"temporal"</c>).</summary>
    public static SampleWeightMode Temporal { get; } = new(true);

    internal bool IsTemporal { get; }

    /// <summary><c>"temporal"</c>, or null for whole samples.</summary>
    /// <param name="mode">The mode.</param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    public static implicit operator SampleWeightMode(string? mode) => new(IsTemporalWord(mode));

    /// <summary>One mode per output.</summary>
    /// <param name="modes">The modes.</param>
    /// <exception cref="ArgumentException">There is not exactly one mode, or it is unknown.</exception>
    public static implicit operator SampleWeightMode(string?[] modes)
    {
        ArgumentNullException.ThrowIfNull(modes);
        return modes is [var single] ? new(IsTemporalWord(single))
            : throw new ArgumentException("When passing a list as sample_weight_mode, it should have one entry per "
                + $"model output. The model has 1 output, but you passed {modes.Length}.", nameof(modes));
    }

    /// <summary>Modes by output name.</summary>
    /// <param name="modes">The modes.</param>
    /// <exception cref="ArgumentException">There is not exactly one mode, or it is unknown.</exception>
    public static implicit operator SampleWeightMode(Dictionary<string, string?> modes)
    {
        ArgumentNullException.ThrowIfNull(modes);
        return modes.Count == 1 ? new(IsTemporalWord(modes.Values.Single()), modes.Keys.Single())
            : throw new ArgumentException("The sample_weight_mode dictionary should have one entry per model output. "
                + $"The model has 1 output, but you passed {modes.Count}.", nameof(modes));
    }

    internal void CheckOutputs(string outputName, string parameter)
    {
        if (_output is not null && _output != outputName)
            throw new ArgumentException($"Unknown entry in sample_weight_mode dictionary: \"{_output}\". Only expected "
                + $"the following keys: {outputName}", parameter);
    }

    static bool IsTemporalWord(string? mode) => mode switch
    {
        null => false,
        "temporal" => true,
        _ => throw new ArgumentException($"Unknown sample weight mode: \"{mode}\"; expected \"temporal\" or null.",
            nameof(mode)),
    };
}
