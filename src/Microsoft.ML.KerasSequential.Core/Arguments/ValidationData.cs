namespace Microsoft.ML.KerasSequential;

/// <summary>Data that an epoch's model is judged by: inputs, targets and perhaps sample weights.</summary>
/// <param name="x">The inputs.</param>
/// <param name="y">The targets.</param>
/// <param name="sampleWeight">A weight a sample (or a step).</param>
public sealed class ValidationData(NDArray x, NDArray y, NDArray? sampleWeight = null)
{
    /// <summary>The inputs.</summary>
    public NDArray X { get; } = x ?? throw new ArgumentNullException(nameof(x));

    /// <summary>The targets.</summary>
    public NDArray Y { get; } = y ?? throw new ArgumentNullException(nameof(y));

    /// <summary>A weight a sample (or a step), or null.</summary>
    public NDArray? SampleWeight { get; } = sampleWeight;

    /// <summary>Inputs and targets.</summary>
    /// <param name="data">The pair.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y) data) => new(data.X, data.Y);

    /// <summary>Inputs, targets and sample weights.</summary>
    /// <param name="data">The triple.</param>
    public static implicit operator ValidationData((NDArray X, NDArray Y, NDArray SampleWeight) data) => new(data.X, data.Y, data.SampleWeight);
}
