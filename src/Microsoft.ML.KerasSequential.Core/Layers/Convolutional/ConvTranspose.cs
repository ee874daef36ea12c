using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The gradient of a convolution with respect to its input, as a layer: from a convolution's output shape to its input
/// shape (the base class of Keras' <c>Conv1DTranspose</c> … <c>Conv3DTranspose</c>). Weights: kernel (…kernel size,
/// filters, channels), bias (filters).
/// </summary>
public abstract class ConvTranspose : Conv
{
    readonly int[]? _outputPadding;

    private protected ConvTranspose(int rank, int filters, ConvOptions convolution, Sizes? outputPadding,
        Initializer? kernelInitializer, Regularizer? kernelRegularizer, Constraint? kernelConstraint,
        LayerOptions options)
        : base(rank, filters, convolution, kernelInitializer, kernelRegularizer, kernelConstraint, options)
    {
        Saving.Padding.Check(convolution.Padding);
        if (outputPadding is null) return;
        _outputPadding = outputPadding.Spread(rank, "output_padding", nameof(outputPadding));
        for (int i = 0; i < rank; i++)
        {
            if (_outputPadding[i] < 0 || _outputPadding[i] >= Strides[i])
                throw new ArgumentException($"Stride {string.Join(", ", Strides)} must be greater than output " +
                    $"padding {string.Join(", ", _outputPadding)}.", nameof(outputPadding));
        }
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras 2.3 does not know this key for volumes and would reject it.
        if (Rank == 3 && DilationRate.All(d => d == 1)) config.Remove("dilation_rate");
        config["output_padding"] = _outputPadding is null ? null : Saving.Config.Sizes(_outputPadding);
        return config;
    }

    private protected override int[] KernelChannels(int channels) => [Filters, channels];

    private protected override Tensor Convolve(Tensor x)
    {
        int[] places = Windows.Lengths(x), lengths = [.. places.Select(OutputLength)];
        return Convolution.Transposed(x, Kernel, lengths, new([.. places.Select((p, i) => WindowOf(p, lengths[i],
        i))]));
    }

    /// <summary>The windows of the convolution that maps the output to the input.</summary>
    Window WindowOf(int places, int length, int i)
    {
        var window = new Window(KernelSize[i], Strides[i], DilationRate[i], 0, 0);
        int span = window.Span, before = 0;
        if (Padding == "same")
        {
            long spread = _outputPadding is null ? (long)Strides[i] + span - 2
                : (long)span + span % 2 - 2 + _outputPadding[i];
            before = span - 1 - (int)Math.Min((spread + 1) / 2, span - 1);
        }
        long after = (places - 1L) * Strides[i] + span - length - before;
        return window with { Before = before, After = (int)Math.Max(after, 0) };
    }

    /// <summary>Keras' <c>deconv_length</c>.</summary>
    private protected override int OutputLength(int length, int i)
    {
        long span = (KernelSize[i] - 1L) * DilationRate[i] + 1, stride = Strides[i];
        long places = _outputPadding is null ? length * stride + (Padding == "valid" ? Math.Max(span - stride, 0) : 0)
            : (length - 1) * stride + span - (Padding == "same" ? 2 * (span / 2) : 0) + _outputPadding[i];
        return Graphs.Counts.Fits(places, $"Layer {Name}: the output size for an input size of {length}, a kernel " +
            $"size of {KernelSize[i]} and a stride of {stride}");
    }
}
