using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>The CPU: kernels for its widest vector registers.</summary>
internal sealed class CpuDevice : Device
{
    public override string Name => $"CPU ({Environment.ProcessorCount} processors, {VectorBits}-bit vectors)";

    public override DeviceKind Kind => DeviceKind.Cpu;

    public override long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 32;

    internal override Executable Compile(Graph graph, FloatPrecision precision = FloatPrecision.Float32,
        Distribution? ranks = null) => new CpuExecutable(graph, ranks);
}
