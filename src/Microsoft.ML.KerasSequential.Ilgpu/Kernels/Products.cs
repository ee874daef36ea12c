using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Which kernels make a product.</summary>
internal abstract class Products
{
    /// <summary>Values of the inner dimension that a part of it should at least have.</summary>
    const int MinPart = 256;

    const int MaxParts = 64;

    public static IEnumerable<GpuLaunch> Of<TA, TB>(TA a, TB b, ProductSize size, Epilogue epilogue, GpuBinding binding) where TA : struct, IFactor where TB : struct, IFactor
    {
        if (size.Results == 0 || size.Batch == 0) return [];
        if (a is StridedFactor left && b is StridedFactor right && VendorProduct.Of(left, right, size, epilogue, binding) is { } launches) return launches;
        return Own(a, b, size, epilogue, binding);
    }

    /// <summary>The launches of our own kernels.</summary>
    public static IEnumerable<GpuLaunch> Own<TA, TB>(TA a, TB b, ProductSize size, Epilogue epilogue, GpuBinding binding) where TA : struct, IFactor where TB : struct, IFactor
    {
        (Type tile, int parts) = Choose(size, binding.Grids);
        // The tensor cores' tile has the size of the largest one.
        return tile == typeof(LargeTile) && binding.Device.HasTensorCores && TensorFormat.Of(binding.Precision) is { } format
            ? Launches(typeof(TensorProduct<,,,,,,>), format)
            : Launches(typeof(TileProduct<,,,,,,>), tile);

        IEnumerable<GpuLaunch> Launches(Type kernel, Type first)
        {
            if (parts == 1)
            {
                yield return Create(kernel, epilogue).Bind(binding, a, b, size, epilogue, 1);
                yield break;
            }
            // Parts of the inner dimension each for themselves, then together in their order.
            ArrayView<float> partial = binding.Temporary((long)parts * size.Results);
            Epilogue plain = Epilogue.Plain(binding, partial);
            yield return Create(kernel, plain).Bind(binding, a, b, size with { ResultStride = size.Columns }, plain, parts);
            yield return PartsKernel.Bind(binding, partial, size, parts, epilogue);

            Products Create(Type open, Epilogue e)
            {
                return (Products)Activator.CreateInstance(open.MakeGenericType(first, typeof(TA), typeof(TB), e.Program.GetType(), Numerics.Index.Type(e.Inputs), e.Walk, Numerics.Index.Type(e.Outputs)))!;
            }
        }
    }

    /// <summary>The largest tile that gives every processor something to do; the inner dimension is cut into parts where no tile does.</summary>
    static (Type Tile, int Parts) Choose(ProductSize size, Grids grids)
    {
        if (grids.GroupSize < SmallTile.Threads) return (typeof(EmulatedTile), size.Batch == 1 && size.Inner >= 2 * MinPart ? 2 : 1);
        long Count(int edge) => (long)size.Batch * ((size.Rows + edge - 1) / edge) * ((size.Columns + edge - 1) / edge);
        if (grids.GroupSize >= 256 && Count(128) >= 2L * grids.Processors) return (typeof(LargeTile), 1);
        bool medium = grids.GroupSize >= 256 && Count(64) >= grids.Processors;
        long count = medium ? Count(64) : Count(32);
        int parts = size.Batch > 1 ? 1 : (int)Math.Clamp(2L * grids.Processors / count, 1, Math.Clamp(size.Inner / MinPart, 1, MaxParts));
        return (medium ? typeof(MediumTile) : typeof(SmallTile), parts);
    }

    protected abstract GpuLaunch Bind(GpuBinding binding, object a, object b, ProductSize size, Epilogue epilogue, int parts);

    /// <summary>A group for each tile; the emulator's groups take several.</summary>
    protected static GpuLaunch Launch<TKernel, TA, TB, TProgram>(GpuBinding binding, int threads, ProductArguments<TA, TB, TProgram> arguments)
        where TKernel : IKernel<ProductArguments<TA, TB, TProgram>> where TA : struct, IFactor where TB : struct, IFactor where TProgram : struct, IProgram =>
        binding.Launch<TKernel, ProductArguments<TA, TB, TProgram>>(new KernelConfig(binding.Grids.GroupSize < SmallTile.Threads ? Math.Min(arguments.Count, binding.Grids.MaxGroups) : arguments.Count, threads), arguments);
}
