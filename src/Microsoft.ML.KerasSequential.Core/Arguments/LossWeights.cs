namespace Microsoft.ML.KerasSequential;

/// <summary>The loss weights given to <c>compile</c>: one number, a list, or a dictionary by output name.</summary>
public sealed class LossWeights
{
    readonly double[] _weights;
    readonly string[]? _outputs;

    LossWeights(double[] weights, string[]? outputs = null) => (_weights, _outputs) = (weights, outputs);

    /// <summary>One weight.</summary>
    /// <param name="weight">The weight.</param>
    public static implicit operator LossWeights(double weight) => new([weight]);

    /// <summary>One weight per output.</summary>
    /// <param name="weights">The weights.</param>
    public static implicit operator LossWeights(double[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return new((double[])weights.Clone());
    }

    /// <summary>Weights by output name.</summary>
    /// <param name="weights">The weights.</param>
    public static implicit operator LossWeights(Dictionary<string, double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return new([.. weights.Values], [.. weights.Keys]);
    }

    internal double Single(string parameter)
    {
        if (_weights.Length != 1)
            throw new ArgumentException("When passing a list as loss weights, it should have one entry per model "
                + $"output. The model has 1 output, but you passed {_weights.Length} weights.", parameter);
        return double.IsFinite(_weights[0]) ? _weights[0]
            : throw new ArgumentException($"A loss weight must be a finite number; given {_weights[0]}.", parameter);
    }

    internal void CheckOutputs(string outputName, string parameter)
    {
        if (_outputs?.FirstOrDefault(o => o != outputName) is { } unknown)
            throw new ArgumentException(
                $"Unknown entry in loss weights dictionary: \"{unknown}\". The model's output is \"{outputName}\".",
                parameter);
    }
}
