using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A product computed by NVIDIA's library; a fused expression follows in a separate launch.</summary>
internal sealed class VendorProduct(VendorLibrary library, VendorLibrary.Product product, StridedFactor a,
    StridedFactor b, ArrayView<float> target) : GpuLaunch
{
    /// <summary>The launches, if the library supports the product and is faster; else null.</summary>
    public static IReadOnlyList<GpuLaunch>? Of(StridedFactor a, StridedFactor b, ProductSize size, Epilogue epilogue,
        GpuBinding binding)
    {
        if (binding.Precision != FloatPrecision.Float32 || size.Batch > 1 || size.ResultStride != size.Columns
            || !IsMatrix(a) || !IsMatrix(b) || binding.Device.Vendor is not { } library)
            return null;
        var product =
            new VendorLibrary.Product(size.Rows, size.Columns, size.Inner, a.ColumnStride != 1, b.ColumnStride != 1);
        ArrayView<float> target = binding.Temporary(size.Results);
        var launch = new VendorProduct(library, product, a, b, target);
        Epilogue plain = Epilogue.Plain(binding, target);
        return library.IsFaster(product, () => [.. Products.Own(a, b, size, plain, binding)], () => launch)
            ? [launch, PartsKernel.Bind(binding, target, size, 1, epilogue)]
            : null;
    }

    public override void Run(AcceleratorStream stream, ulong step) =>
        library.Multiply(product, a.Values, Stride(a), b.Values, Stride(b), target);

    static bool IsMatrix(StridedFactor factor) => factor.RowStride == 1 || factor.ColumnStride == 1;

    static int Stride(StridedFactor factor) => Math.Max(factor.RowStride, factor.ColumnStride);
}
