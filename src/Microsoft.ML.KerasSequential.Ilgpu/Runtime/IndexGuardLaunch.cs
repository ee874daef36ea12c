using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// Waits for the flags and checks them before anything is written; only plans that compute such indices have one.
/// </summary>
internal sealed class IndexGuardLaunch(IlgpuDevice device, IndexGuard guard, ArrayView<float> flags, Bindings bindings)
    : GpuLaunch
{
    readonly float[] _raised = new float[guard.Count];

    public override void Run(AcceleratorStream stream, ulong step)
    {
        if (IsRaised()) throw Complaint();
    }

    /// <summary>Whether a flag is raised.</summary>
    public bool IsRaised()
    {
        device.Download(flags, _raised.AsSpan());
        return guard.IsRaised(_raised);
    }

    /// <summary>The error message; resets the flags.</summary>
    public ArgumentException Complaint()
    {
        ArgumentException complaint = guard.Complaint(_raised, bindings);
        device.Upload<float>(flags, new float[_raised.Length]);
        return complaint;
    }
}
