using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// NVIDIA's cuBLAS, if it is installed: for each product size, it is timed once against this library's kernel, and the
/// faster one is used. The environment variable <c>KERASML_CUBLAS</c> can be set to <c>off</c> or <c>always</c>
/// instead.
/// </summary>
internal sealed class VendorLibrary
{
    const int Repetitions = 3;

    /// <summary>The number of multiply-adds below which launch overhead dominates a product.</summary>
    const long WorthMeasuring = 1 << 21;

    static readonly string? s_switch = Environment.GetEnvironmentVariable("KERASML_CUBLAS");

    readonly IlgpuDevice _device;
    readonly CuBlas<CuBlasPointerModeHandlers.ManualMode> _blas;
    readonly ConcurrentDictionary<Product, bool> _chosen = [];

    /// <summary>A product in row-major order: (Rows, Inner) · (Inner, Columns).</summary>
    public readonly record struct Product(int Rows, int Columns, int Inner, bool TransposeA, bool TransposeB);

    VendorLibrary(IlgpuDevice device, CuBlas<CuBlasPointerModeHandlers.ManualMode> blas) =>
        (_device, _blas) = (device, blas);

    /// <summary>The library for a device; null if there is none or it is turned off.</summary>
    public static VendorLibrary? For(IlgpuDevice device)
    {
        if (s_switch == "off" || device.Accelerator is not CudaAccelerator cuda) return null;
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(CuBlas).Assembly, Find);
        }
        catch (InvalidOperationException)
        {
            // Set for another device earlier.
        }
        try
        {
            device.Enter();
            var blas = new CuBlas<CuBlasPointerModeHandlers.ManualMode>(cuda) { Stream = (CudaStream)device.Stream };
            if (KerasSequential.Device.LogsDetails)
                KerasSequential.Device.Log?.Invoke($"KerasSequential found cuBLAS for {device}.");
            return new VendorLibrary(device, blas);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or CuBlasException
            or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether the library is faster for a product.</summary>
    /// <param name="product">The product's sizes.</param>
    /// <param name="own">This library's launches, to unused memory.</param>
    /// <param name="vendor">The cuBLAS call, likewise.</param>
    public bool IsFaster(Product product, Func<IReadOnlyList<GpuLaunch>> own, Func<GpuLaunch> vendor)
    {
        if (s_switch == "always") return true;
        if ((long)product.Rows * product.Columns * product.Inner < WorthMeasuring) return false;
        return _chosen.GetOrAdd(product, _ =>
        {
            double ours, theirs;
            try
            {
                (ours, theirs) = (Seconds(own()), Seconds([vendor()]));
            }
            catch (CuBlasException)
            {
                return false;
            }
            string size = $"{product.Rows} × {product.Inner} × {product.Columns}";
            if (KerasSequential.Device.LogsDetails)
                KerasSequential.Device.Log?.Invoke(FormattableString.Invariant(
                    $"KerasSequential: product {size}: own kernel {ours * 1e6:0.0} µs, cuBLAS {theirs * 1e6:0.0} µs."));
            return theirs < ours;
        });
    }

    public void Multiply(Product product, ArrayView<float> a, int aStride, ArrayView<float> b, int bStride,
        ArrayView<float> c)
    {
        // In column-major order, as cuBLAS expects, each matrix is its transpose: Cᵀ = Bᵀ·Aᵀ.
        _blas.Gemm(Operation(product.TransposeB), Operation(product.TransposeA), product.Columns, product.Rows,
            product.Inner, 1f, b, bStride, a, aStride, 0f, c, product.Columns);
    }

    static CuBlasOperation Operation(bool transpose) =>
        transpose ? CuBlasOperation.Transpose : CuBlasOperation.NonTranspose;

    double Seconds(IReadOnlyList<GpuLaunch> launches)
    {
        lock (_device.Gate)
        {
            _device.Enter();
            double best = double.PositiveInfinity;
            for (int i = 0; i <= Repetitions; i++)
            {
                _device.Stream.Synchronize();
                long start = Stopwatch.GetTimestamp();
                foreach (GpuLaunch launch in launches) launch.Run(_device.Stream, 0);
                _device.Stream.Synchronize();
                // The first run compiles and warms up.
                if (i > 0) best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return best;
        }
    }

    /// <summary>ILGPU knows the names of older versions, whose functions are unchanged in newer ones.</summary>
    static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (NativeLibrary.TryLoad(name, assembly, path, out nint library)) return library;
        if (!name.Contains("cublas", StringComparison.OrdinalIgnoreCase)) return 0;
        foreach (string other in new[] { "libcublas.so.13", "libcublas.so.12", "libcublas.so.11", "cublas64_13",
            "cublas64_12", "cublas64_11" })
            if (NativeLibrary.TryLoad(other, assembly, path, out library)) return library;
        return 0;
    }
}
