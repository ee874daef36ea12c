namespace Microsoft.ML.KerasSequential;

/// <summary>The data of one step: inputs, and optionally targets and sample weights.</summary>
public sealed class Batch
{
    /// <summary>Makes a batch.</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <param name="y">The targets; null for prediction.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    public Batch(NDArray x, NDArray? y = null, NDArray? sampleWeight = null) =>
        (X, Y, SampleWeight) = (x ?? throw new ArgumentNullException(nameof(x)), y, sampleWeight);

    /// <summary>Makes a batch by the names of the model's input and output.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name; null for prediction.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    /// <exception cref="ArgumentException">There are no inputs.</exception>
    public Batch(IReadOnlyDictionary<string, NDArray> x, IReadOnlyDictionary<string, NDArray>? y = null,
        IReadOnlyDictionary<string, NDArray>? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        X = x.Values.FirstOrDefault()
            ?? throw new ArgumentException("A batch needs inputs; none were given.", nameof(x));
        (Y, SampleWeight) = (y?.Values.FirstOrDefault(), sampleWeight?.Values.FirstOrDefault());
        (NamedX, NamedY, NamedSampleWeight) = (x, y, sampleWeight);
    }

    /// <summary>The inputs; if several are given by name, the first.</summary>
    public NDArray X { get; }

    /// <summary>The targets, or null; if several are given by name, the first.</summary>
    public NDArray? Y { get; }

    /// <summary>The sample weights, or null; if several are given by name, the first.</summary>
    public NDArray? SampleWeight { get; }

    /// <summary>The inputs by name, or null.</summary>
    public IReadOnlyDictionary<string, NDArray>? NamedX { get; }

    /// <summary>The targets by name, or null.</summary>
    public IReadOnlyDictionary<string, NDArray>? NamedY { get; }

    /// <summary>The sample weights by name, or null.</summary>
    public IReadOnlyDictionary<string, NDArray>? NamedSampleWeight { get; }

    /// <summary>Inputs only.</summary>
    /// <param name="x">The inputs.</param>
    public static implicit operator Batch(NDArray x) => new(x);

    /// <summary>Inputs and targets.</summary>
    /// <param name="batch">The pair.</param>
    public static implicit operator Batch((NDArray X, NDArray Y) batch) => new(batch.X, batch.Y);

    /// <summary>Inputs, targets and sample weights.</summary>
    /// <param name="batch">The triple.</param>
    public static implicit operator Batch((NDArray X, NDArray Y, NDArray SampleWeight) batch) =>
        new(batch.X, batch.Y, batch.SampleWeight);
}
