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
    readonly int[]? _inputAxes, _outputAxes;

    /// <summary>Creates the initializer.</summary>
    /// <param name="scale">The factor of the variance, above 0.</param>
    /// <param name="mode"><c>fan_in</c>, <c>fan_out</c> or <c>fan_avg</c>.</param>
    /// <param name="distribution">
    /// <c>normal</c> or <c>truncated_normal</c> (both truncated), <c>untruncated_normal</c>, or <c>uniform</c>.
    /// </param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="inputAxes">The axes of the weight that count as inputs; by default, all but the last.</param>
    /// <param name="outputAxes">
    /// The axes of the weight that count as outputs; by default, the last and those of a convolution's window.
    /// </param>
    /// <exception cref="ArgumentException">A setting is unknown, or the scale is not positive.</exception>
    public VarianceScaling(double scale = 1, string mode = "fan_in", string distribution = "normal", int? seed = null,
        Sizes? inputAxes = null, Sizes? outputAxes = null)
    {
        if (!(scale > 0))
            throw new ArgumentException($"`scale` must be a positive number; given {scale}.", nameof(scale));
        if (mode is not ("fan_in" or "fan_out" or "fan_avg"))
            throw new ArgumentException("Invalid `mode` argument: expected \"fan_in\", \"fan_out\" or \"fan_avg\", " +
                $"but got \"{mode}\".", nameof(mode));
        if (distribution is not ("normal" or "truncated_normal" or "untruncated_normal" or "uniform"))
            throw new ArgumentException("Invalid `distribution` argument: expected \"normal\", " +
                "\"truncated_normal\", \"untruncated_normal\" or \"uniform\", but got " +
                $"\"{distribution}\".", nameof(distribution));
        (_inputAxes, _outputAxes) = (inputAxes?.ToArray(), outputAxes?.ToArray());
        (_scale, _mode, _distribution, _seed) = (scale, mode, distribution, seed);
    }

    /// <inheritdoc/>
    public override int? Seed => _seed;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        var config = new JsonObject
        {
            ["scale"] = _scale,
            ["mode"] = _mode,
            ["distribution"] = _distribution,
            ["seed"] = _seed,
        };
        // Keras 2.3 does not know these keys and would reject them.
        if (_inputAxes is not null) config["input_axes"] = Saving.Config.Sizes(_inputAxes);
        if (_outputAxes is not null) config["output_axes"] = Saving.Config.Sizes(_outputAxes);
        return config;
    }

    /// <summary>The same values for a weight whose inputs and outputs are not those of a usual kernel.</summary>
    internal Initializer Over(int[] inputAxes, int[] outputAxes) => HasAxes ? this
        : new OverAxes(this, inputAxes, outputAxes);

    bool HasAxes => _inputAxes is not null && _outputAxes is not null;

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random) =>
        Fill(values, HasAxes ? (Units(shape, _inputAxes!), Units(shape, _outputAxes!)) : Fans(shape), random);

    void Fill(Span<float> values, (double In, double Out) fans, RandomSource random)
    {
        (double fanIn, double fanOut) = fans;
        double n = _mode switch { "fan_in" => fanIn, "fan_out" => fanOut, _ => (fanIn + fanOut) / 2 };
        double variance = _scale / Math.Max(1, n);
        if (_distribution == "untruncated_normal")
        {
            double deviation = Math.Sqrt(variance);
            foreach (ref float v in values) v = (float)(deviation * random.Normal());
        }
        else if (_distribution != "uniform")
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

    static double Units(ReadOnlySpan<int> shape, int[] axes)
    {
        double units = 1;
        foreach (int axis in axes)
        {
            int at = axis < 0 ? axis + shape.Length : axis;
            if (at < 0 || at >= shape.Length)
                throw new ArgumentException($"The initializer counts axis {axis}, which a weight of shape " +
                    $"{Shape.Format(shape)} does not have.");
            units *= shape[at];
        }
        return units;
    }

    /// <summary>Another initializer's values, with other numbers of inputs and outputs.</summary>
    sealed class OverAxes(VarianceScaling values, int[] inputAxes, int[] outputAxes) : Initializer
    {
        public override JsonObject GetConfig() => values.GetConfig();

        public override NDArray Call(int[] shape, long seed = 0)
        {
            var result = new NDArray(shape);
            values.Fill(result.Span, (Units(shape, inputAxes), Units(shape, outputAxes)), values.Source(seed));
            return result;
        }
    }
}
