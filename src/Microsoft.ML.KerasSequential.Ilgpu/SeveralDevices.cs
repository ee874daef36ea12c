using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu;

/// <summary>Devices of this machine that share each batch. Results are read from the first one.</summary>
internal sealed class SeveralDevices(IlgpuDevice[] devices) : Device
{
    public override string Name => string.Join(" + ", devices.Select(d => d.Name));

    public override DeviceKind Kind => devices[0].Kind;

    public override long MemoryBytes => devices.Sum(d => d.MemoryBytes);

    internal override Executable Compile(Graph graph, FloatPrecision precision = FloatPrecision.Float32,
        Distribution? ranks = null)
    {
        if (ranks is not null) return new SeveralExecutable(devices, graph, precision, ranks);
        (Graph? divided, string? reason) = Sharding.Of(graph);
        if (divided is not null) return new SeveralExecutable(devices, divided, precision);
        Log?.Invoke($"KerasSequential runs only on {devices[0]}: a step cannot be divided, because {reason}.");
        return devices[0].Compile(graph, precision);
    }

    internal override IDisposable? Hold(IEnumerable<NDArray> arrays)
    {
        NDArray[] held = [.. arrays];
        return new Holding([.. devices.Select(d => d.Hold(held)).OfType<IDisposable>()]);
    }

    sealed class Holding(IDisposable[] parts) : IDisposable
    {
        public void Dispose()
        {
            foreach (IDisposable part in parts) part.Dispose();
        }
    }
}
