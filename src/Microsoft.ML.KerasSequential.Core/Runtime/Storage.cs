using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// A block of float32 memory outside the managed heap, aligned to a cache line and initialized to zero.
/// </summary>
internal sealed unsafe partial class Storage : IDisposable
{
    const nuint Alignment = 64, HugePage = 2 << 20;

    public Storage(int length)
    {
        Length = length;
        // An extra cache line, so that a vector load at the end stays inside.
        RequireRoom((long)length * sizeof(float));
        nuint bytes = ((nuint)length * sizeof(float) + 2 * Alignment - 1) & ~(Alignment - 1);
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, bytes >= 2 * HugePage ? HugePage : Alignment);
        if (bytes >= 2 * HugePage) AskForHugePages(Pointer, bytes & ~(HugePage - 1));
        NativeMemory.Clear(Pointer, bytes);
        GC.AddMemoryPressure((long)bytes);
        _bytes = (long)bytes;
        Interlocked.Add(ref s_allBytes, _bytes);
    }

    /// <summary>The size of all blocks of this process in bytes.</summary>
    public static long AllBytes => Interlocked.Read(ref s_allBytes);

    static long s_allBytes;

    /// <summary>
    /// Reports what this machine, or its container, cannot hold before the operating system kills the process.
    /// </summary>
    static void RequireRoom(long bytes)
    {
        const long Small = 1L << 28;
        if (bytes > Small && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw new ArgumentException($"{bytes / sizeof(float)} values take {bytes} bytes, but the available " +
                $"memory is {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes}.");
    }

    ~Storage() => Free();

    readonly long _bytes;

    public int Length { get; }

    public float* Pointer { get; private set; }

    public Span<float> Span =>
        Pointer is not null ? new(Pointer, Length) : throw new ObjectDisposedException(nameof(Storage));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Large arrays use large pages: fewer TLB misses and page faults. If they are refused, pages stay small.
    /// </summary>
    static void AskForHugePages(void* address, nuint bytes)
    {
        // Linux' MADV_HUGEPAGE, from sys/mman.h.
        const int HugePages = 14;
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Advise(address, bytes, HugePages);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);

    void Free()
    {
        if (Pointer is null) return;
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        GC.RemoveMemoryPressure(_bytes);
        Interlocked.Add(ref s_allBytes, -_bytes);
    }
}
