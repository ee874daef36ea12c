using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>Waits for the flags and looks at them before anything is written: only plans that compute such numbers have one.</summary>
internal sealed class IndexGuardLaunch(IlgpuDevice device, IndexGuard guard, ArrayView<float> flags, Bindings bindings) : GpuLaunch
{
    readonly float[] _raised = new float[guard.Count];

    public override void Run(AcceleratorStream stream, ulong step)
    {
        if (IsRaised()) throw Complaint();
    }

    /// <summary>Whether a flag is up.</summary>
    public bool IsRaised()
    {
        device.Download(flags, _raised.AsSpan());
        return guard.IsRaised(_raised);
    }

    /// <summary>What is to be said; the flags are down again.</summary>
    public ArgumentException Complaint()
    {
        ArgumentException complaint = guard.Complaint(_raised, bindings);
        device.Upload<float>(flags, new float[_raised.Length]);
        return complaint;
    }
}
