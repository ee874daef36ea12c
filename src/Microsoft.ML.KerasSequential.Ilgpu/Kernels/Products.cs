using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Selects the kernels for a product.</summary>
internal abstract class Products
{
    /// <summary>The minimum number of values along the inner dimension in a part.</summary>
    const int MinPart = 256;

    const int MaxParts = 64;

    /// <summary>The number of threads for the larger tiles.</summary>
    const int LargeThreads = 256;

    public static IEnumerable<GpuLaunch> Of<TA, TB>(TA a, TB b, ProductSize size, Epilogue epilogue, GpuBinding binding)
        where TA : struct, IFactor where TB : struct, IFactor
    {
        if (size.Results == 0 || size.Batch == 0) return [];
        if (a is StridedFactor left && b is StridedFactor right
            && VendorProduct.Of(left, right, size, epilogue, binding) is { } launches)
            return launches;
        return Own(a, b, size, epilogue, binding);
    }

    /// <summary>The launches of this library's own kernels.</summary>
    public static IEnumerable<GpuLaunch> Own<TA, TB>(TA a, TB b, ProductSize size, Epilogue epilogue,
        GpuBinding binding) where TA : struct, IFactor where TB : struct, IFactor
    {
        (Type kernel, Type first, int parts) = Choose(size, binding);
        return Launches();

        IEnumerable<GpuLaunch> Launches()
        {
            if (parts == 1)
            {
                yield return Create(epilogue).Bind(binding, a, b, size, epilogue, 1);
                yield break;
            }
            // The parts of the inner dimension separately, then together in order.
            ArrayView<float> partial = binding.Temporary((long)parts * size.Results);
            Epilogue plain = Epilogue.Plain(binding, partial);
            yield return Create(plain).Bind(binding, a, b, size with { ResultStride = size.Columns }, plain, parts);
            yield return PartsKernel.Bind(binding, partial, size, parts, epilogue);

            Products Create(Epilogue e) => (Products)Activator.CreateInstance(
                kernel.MakeGenericType(first, typeof(TA), typeof(TB), e.Program.GetType(),
                    Numerics.Index.Type(e.Inputs), e.Walk, Numerics.Index.Type(e.Outputs)))!;
        }
    }

    /// <summary>
    /// The largest tile that keeps every multiprocessor busy; if there is none, the inner dimension is split into
    /// parts.
    /// </summary>
    /// <returns>The kernel, its first type argument, and the number of parts.</returns>
    static (Type Kernel, Type First, int Parts) Choose(ProductSize size, GpuBinding binding)
    {
        Grids grids = binding.Grids;
        if (grids.GroupSize < SmallTile.Threads)
            return (typeof(TileProduct<,,,,,,>), typeof(EmulatedTile),
                size.Batch == 1 && size.Inner >= 2 * MinPart ? 2 : 1);
        if (grids.GroupSize >= LargeThreads)
        {
            long large = Tiles(128);
            if (binding.Device.HasTensorCores && TensorFormat.Of(binding.Precision) is { } format
                && Math.Min(size.Rows, size.Columns) >= 64 && large * 8 >= grids.Processors)
                return (typeof(TensorProduct<,,,,,,>), format, Parts(large));
            if (large >= grids.Processors) return (typeof(TileProduct<,,,,,,>), typeof(LargeTile), 1);
            long medium = Tiles(64);
            if (medium >= grids.Processors) return (typeof(TileProduct<,,,,,,>), typeof(MediumTile), Parts(medium));
        }
        return (typeof(TileProduct<,,,,,,>), typeof(SmallTile), Parts(Tiles(32)));

        long Tiles(int edge) => (long)size.Batch * ((size.Rows + edge - 1) / edge) * ((size.Columns + edge - 1) / edge);

        int Parts(long tiles) => size.Batch > 1 ? 1
            : (int)Math.Clamp(2L * grids.Processors / tiles, 1, Math.Clamp(size.Inner / MinPart, 1, MaxParts));
    }

    protected abstract GpuLaunch Bind(GpuBinding binding, object a, object b, ProductSize size, Epilogue epilogue,
        int parts);

    /// <summary>One group per tile; the emulator's groups take several.</summary>
    protected static GpuLaunch Launch<TKernel, TA, TB, TProgram>(GpuBinding binding, int threads,
        ProductArguments<TA, TB, TProgram> arguments)
        where TKernel : IKernel<ProductArguments<TA, TB, TProgram>> where TA : struct, IFactor
            where TB : struct, IFactor where TProgram : struct, IProgram =>
        binding.Launch<TKernel, ProductArguments<TA, TB, TProgram>>(
            new KernelConfig(binding.Grids.GroupSize < SmallTile.Threads
            ? Math.Min(arguments.Count, binding.Grids.MaxGroups)
            : arguments.Count, threads), arguments);
}
