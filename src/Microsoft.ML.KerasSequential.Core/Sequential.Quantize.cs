using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Weights as integers.
public sealed partial class Sequential
{
    /// <summary>
    /// Stores the weights of all layers that can be quantized as integers of 8 bits, including layers within wrappers
    /// and models (Keras 3 <c>model.quantize</c>): a quarter of the memory, and faster predictions where memory is the
    /// limit. Other layers stay as they are. See <see cref="Layer.Quantize"/>.
    /// </summary>
    /// <param name="mode">The only mode is <c>int8</c>.</param>
    /// <exception cref="ArgumentException">The mode is unknown or not supported.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model has not been built, is being trained, or a layer is already quantized; nothing is changed.
    /// </exception>
    public override void Quantize(string mode = "int8") => Quantize(mode, (Layer _) => true);

    /// <summary>Quantizes the layers of which a name matches one of several patterns.</summary>
    /// <param name="mode">The only mode is <c>int8</c>.</param>
    /// <param name="filters">Regular expressions, which match anywhere in a layer's name.</param>
    /// <exception cref="ArgumentException">The mode is unknown or not supported, or a pattern is invalid.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model has not been built, is being trained, or a layer is already quantized; nothing is changed.
    /// </exception>
    public void Quantize(string mode, params string[] filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        Regex[] patterns = [.. filters.Select(f =>
            new Regex(f, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))];
        Quantize(mode, (Layer layer) => patterns.Any(p => p.IsMatch(layer.Name)));
    }

    /// <summary>Quantizes the layers that a function selects.</summary>
    /// <param name="mode">The only mode is <c>int8</c>.</param>
    /// <param name="filters">Whether a layer is quantized, if it can be.</param>
    /// <exception cref="ArgumentException">The mode is unknown or not supported.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model has not been built, is being trained, or a layer is already quantized; nothing is changed.
    /// </exception>
    public void Quantize(string mode, Func<Layer, bool> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        Quantization.CheckMode(mode, nameof(mode));
        using (Change())
        {
            RequireBuilt(_output);
            Layer[] selected = [.. WithInner().Distinct().Where(l => l.CanQuantize && filters(l))];
            if (selected.FirstOrDefault(l => l.QuantizationMode is not null) is { } already) already.Quantize(mode);
            foreach (Layer layer in selected) layer.Quantize(mode);
            DropOutdated();
        }
    }
}
