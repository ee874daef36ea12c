using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// Random values with variance scale/n, where n is the number of inputs, of outputs, or their mean (Keras
/// <c>keras.initializers.VarianceScaling</c>). Glorot's, He's and LeCun's initializers are special cases.
/// </summary>
public class VarianceScaling : Initializer
{
    /// <summary>The standard deviation of a standard normal variable truncated at two standard deviations.</summary>
    const double TruncatedDeviation = 0.87962566103423978;

    readonly double _scale;
    readonly string _mode, _distribution;
    readonly int? _seed;

    /// <summary>Creates the initializer.</summary>
    /// <param name="scale">The factor of the variance, above 0.</param>
    /// <param name="mode"><c>fan_in</c>, <c>fan_out</c> or <c>fan_avg</c>.</param>
    /// <param name="distribution"><c>normal</c> (truncated) or <c>uniform</c>.</param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <exception cref="ArgumentException">A setting is unknown, or the scale is not positive.</exception>
    public VarianceScaling(double scale = 1, string mode = "fan_in", string distribution = "normal", int? seed = null)
    {
        if (!(scale > 0))
            throw new ArgumentException($"`scale` must be a positive number; given {scale}.", nameof(scale));
        if (mode is not ("fan_in" or "fan_out" or "fan_avg"))
            throw new ArgumentException("Invalid `mode` argument: expected \"fan_in\", \"fan_out\" or \"fan_avg\", " +
                $"but got \"{mode}\".", nameof(mode));
        if (distribution is not ("normal" or "uniform"))
            throw new ArgumentException("Invalid `distribution` argument: expected \"normal\" or \"uniform\", but " +
                $"got \"{distribution}\".", nameof(distribution));
        (_scale, _mode, _distribution, _seed) = (scale, mode, distribution, seed);
    }

    /// <inheritdoc/>
    public override int? Seed => _seed;

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new() { ["scale"] = _scale, ["mode"] = _mode, ["distribution"] = _distribution, ["seed"] = _seed };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        (double fanIn, double fanOut) = Fans(shape);
        double n = _mode switch { "fan_in" => fanIn, "fan_out" => fanOut, _ => (fanIn + fanOut) / 2 };
        double variance = _scale / Math.Max(1, n);
        if (_distribution == "normal")
        {
            double deviation = Math.Sqrt(variance) / TruncatedDeviation;
            foreach (ref float v in values) v = (float)(deviation * random.TruncatedNormal());
        }
        else
        {
            double limit = Math.Sqrt(3 * variance);
            foreach (ref float v in values) v = (float)(limit * (2 * random.Uniform() - 1));
        }
    }

    /// <summary>
    /// The numbers of inputs and outputs of a unit; for kernels of convolutions, multiplied by the receptive field.
    /// </summary>
    static (double In, double Out) Fans(ReadOnlySpan<int> shape)
    {
        if (shape.Length < 2)
        {
            double size = 1;
            foreach (int d in shape) size *= d;
            double root = shape.Length == 1 ? size : Math.Sqrt(size);
            return (root, root);
        }
        double field = 1;
        foreach (int d in shape[..^2]) field *= d;
        return (shape[^2] * field, shape[^1] * field);
    }
}
