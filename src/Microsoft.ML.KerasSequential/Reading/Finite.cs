using System.Numerics.Tensors;

namespace Microsoft.ML.KerasSequential.Reading;

internal static class Finite
{
    /// <summary>Whether no value is NaN or infinite. (A sum of huge numbers may overflow; then each is
    /// checked.)</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes(values))) return true;
        foreach (float value in values)
            if (!float.IsFinite(value)) return false;
        return true;
    }
}
