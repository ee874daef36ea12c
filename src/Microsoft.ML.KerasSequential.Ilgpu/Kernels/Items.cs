using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The items of a thread: from the first one on, in strides of the entire grid.</summary>
internal static class Items
{
    public static int First => Grid.IdxX * Group.DimX + Group.IdxX;

    public static int Stride => Grid.DimX * Group.DimX;
}
