using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Utils;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Converts kernels from files that Keras wrote with Theano, whose convolutions read kernels backward: they are flipped
/// (Keras' <c>_need_convert_kernel</c>).
/// </summary>
internal static class TheanoKernels
{
    /// <summary>Whether a group of weights was written with Theano.</summary>
    public static bool AreIn(IH5Group weights) => H5.Text(weights, "backend") == "theano";

    /// <summary>Flips the kernels of the convolutions in a layer.</summary>
    public static void Turn(Layer layer, Dictionary<Variable, StoredNumbers> values)
    {
        foreach (Layer inner in layer.WithInner())
        {
            foreach (Variable kernel in LayerUtils.Kernels(inner))
            {
                if (values.TryGetValue(kernel, out StoredNumbers? stored) && stored.Shape.Length is >= 3 and <= 5)
                    values[kernel] = stored.As(stored.Shape, v => ConvUtils.ConvertKernel(v).ToArray());
            }
        }
    }
}
