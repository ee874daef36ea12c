using System.Runtime.CompilerServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Reads values of any format (<see cref="Graphs.ValueFormat"/>) from float32 words.</summary>
internal static class PackedValues
{
    /// <summary>A value as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float At(ArrayView<float> words, int bytes, long index) =>
        bytes == 1 ? IntegerAt(words, index) : words[index];

    /// <summary>An integer of 8 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IntegerAt(ArrayView<float> words, long index)
    {
        int word = words.Cast<int>()[index / 4], shift = 24 - (int)(index % 4) * 8;
        // To the top, and back with the sign.
        return (word << shift) >> 24;
    }
}
