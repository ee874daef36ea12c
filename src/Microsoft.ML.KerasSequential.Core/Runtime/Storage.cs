using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>A block of float32 memory outside the managed heap, aligned to a cache line, zeroed at birth.</summary>
internal sealed unsafe class Storage : IDisposable
{
    const nuint Alignment = 64;

    public Storage(int length)
    {
        Length = length;
        // A full extra line, so that a vector load at the end stays inside.
        nuint bytes = ((nuint)length * sizeof(float) + 2 * Alignment - 1) & ~(Alignment - 1);
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(Pointer, bytes);
        GC.AddMemoryPressure((long)bytes);
        _bytes = (long)bytes;
    }

    ~Storage() => Free();

    readonly long _bytes;

    public int Length { get; }

    public float* Pointer { get; private set; }

    public Span<float> Span => Pointer is not null ? new(Pointer, Length) : throw new ObjectDisposedException(nameof(Storage));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        if (Pointer is null) return;
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        GC.RemoveMemoryPressure(_bytes);
    }
}
