using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>A plan on a device: a sequence of launches in one stream, without waiting in between.</summary>
internal sealed class GpuExecutable : PlannedExecutable<GpuLaunch>
{
    static long s_launches;

    readonly IlgpuDevice _device;
    readonly FloatPrecision _precision;
    readonly Dictionary<Tensor, DeviceMemory.Range> _constants = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Variable, Replica> _replicas = new(ReferenceEqualityComparer.Instance);
    readonly IndexGuard _guard;
    Workspace _workspace;
    DeviceMemory.Range? _arena, _kept, _flags;
    bool _disposed;

    public GpuExecutable(IlgpuDevice device, Graph graph, FloatPrecision precision) : base(graph)
    {
        (_device, _precision) = (device, precision);
        _workspace = new Workspace(device);
        _guard = new IndexGuard(Schedule);
        try
        {
            foreach ((Tensor node, float[] values) in Constants(Graph.Roots))
            {
                if (_constants.ContainsKey(node)) continue;
                _constants[node] = device.Memory.Allocate(values.Length);
                device.Upload<float>(_constants[node].View, values);
            }
            foreach (Variable variable in Variables) _replicas[variable] = device.ReplicaOf(variable);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IlgpuDevice Device => _device;

    public override bool IsAsynchronous => true;

    protected override bool RoundsFactors => _device.HasTensorCores;

    /// <summary>The launches of the current plan.</summary>
    public IReadOnlyList<GpuLaunch> Launches => Plan;

    /// <summary>The number of launches of all plans in this process.</summary>
    public static long TotalLaunches => s_launches;

    public override void Write(int input, ReadOnlySpan<float> values) =>
        _device.Upload(Place(Graph.Inputs[input]), values);

    public override void Gather(int input, NDArray source, ReadOnlySpan<int> rows)
    {
        int size = source.RowSize, count = rows.Length * size;
        if (count == 0) return;
        lock (_device.Gate)
        {
            _device.Enter();
            try
            {
                Copy(source, rows, Place(Graph.Inputs[input]).Slice(0, count), size);
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw _device.Failed(e, "while a batch was being copied to it");
            }
        }
    }

    void Copy(NDArray source, ReadOnlySpan<int> rows, ArrayView<float> target, int size)
    {
        int count = (int)target.Length;
        bool together = IsRun(rows);
        if (_device.Held.TryGet(source, out ArrayView<float> held))
        {
            if (together) held.Slice((long)rows[0] * size, count).CopyTo(_device.Stream, target);
            else GatherHeld(held, target, rows, size);
            return;
        }
        Span<float> buffer = _device.Inlet.Open(count);
        ReadOnlySpan<float> data = source.Data;
        if (together) data.Slice(rows[0] * size, count).CopyTo(buffer);
        else
        {
            for (int i = 0; i < rows.Length; i++) data.Slice(rows[i] * size, size).CopyTo(buffer[(i * size)..]);
        }
        _device.Inlet.Send(count).CopyTo(_device.Stream, target);
    }

    void GatherHeld(ArrayView<float> held, ArrayView<float> target, ReadOnlySpan<int> rows, int size)
    {
        MemoryMarshal.Cast<int, float>(rows).CopyTo(_device.Inlet.Open(rows.Length));
        ArrayView<int> indices = _device.Inlet.Send(rows.Length).Cast<int>();
        var arguments = new RowsKernel.Arguments
        {
            Source = held,
            Rows = indices,
            Target = target,
            Count = rows.Length * size,
            Size = size
        };
        _device.Kernels.Get<RowsKernel, RowsKernel.Arguments>()(_device.Stream, _device.Grids.Items(arguments.Count),
            arguments);
    }

    public override void Run()
    {
        lock (_device.Gate)
        {
            Begin();
            Run(0, meets: false);
            End();
        }
    }

    /// <summary>Runs launches, starting at one, up to the next point where devices meet.</summary>
    /// <returns>The index of the launch there, or the number of launches.</returns>
    public int RunUntilMeeting(int start)
    {
        lock (_device.Gate) return Run(start, meets: true);
    }

    int Run(int start, bool meets)
    {
        _device.Enter();
        try
        {
            for (int i = start; i < Plan.Length; i++)
            {
                if (meets && Plan[i] is AcrossDevicesKernel or IndexGuardLaunch) return i;
                Plan[i].Run(_device.Stream, Counter.Value);
            }
            Interlocked.Add(ref s_launches, Plan.Length - start);
            return Plan.Length;
        }
        catch (Exception e) when (DeviceErrors.IsOfDevice(e))
        {
            throw _device.Failed(e, "in a step");
        }
    }

    /// <summary>Updates the copies of the variables.</summary>
    public void Begin()
    {
        foreach (Replica replica in _replicas.Values) replica.Update();
    }

    /// <summary>Called when the variables have new values.</summary>
    public void End()
    {
        foreach (Variable variable in Written) _replicas[variable].Changed();
        Counter.Value++;
    }

    /// <summary>Called when the variables have the same new values as on another device.</summary>
    public void Follow()
    {
        foreach (Variable variable in Written) _replicas[variable].Follow();
        Counter.Value++;
    }

    public override void Keep(int slot)
    {
        int count = Graph.Outputs.Count;
        lock (_device.Gate)
        {
            _device.Enter();
            _kept ??= _device.Memory.Allocate((long)KeptSlots * count);
            try
            {
                var kernel = _device.Kernels.Get<CollectKernel, CollectKernel.Arguments>();
                for (int first = 0; first < count; first += CollectKernel.Most)
                {
                    ArrayView<float> At(int i) => Place(Graph.Outputs[Math.Min(first + i, count - 1)]);
                    int some = Math.Min(CollectKernel.Most, count - first);
                    kernel(_device.Stream, new KernelConfig(1, 1), new()
                    {
                        A = At(0),
                        B = At(1),
                        C = At(2),
                        D = At(3),
                        Target = _kept.View.Slice((long)slot * count + first, some),
                        Count = some
                    });
                }
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw _device.Failed(e, "in a step");
            }
        }
    }

    public override void ReadKept(Span<float> values) => _device.Download(_kept!.View, values);

    public override void Read(int output, Span<float> values) => _device.Download(Place(Graph.Outputs[output]), values);

    public override long MemoryBytes => sizeof(float) * ((_arena?.View.Length ?? 0) + (_kept?.View.Length ?? 0)
        + _workspace.Length + _constants.Values.Sum(c => c.View.Length));

    /// <summary>The memory of a value for the current sizes.</summary>
    public ArrayView<float> Place(Tensor tensor)
    {
        if (Schedule.InPlace.TryGetValue(tensor, out Variable? written)) return _replicas[written].View;
        if (tensor is Variable variable) return _replicas[variable].View;
        return _constants.TryGetValue(tensor, out DeviceMemory.Range? constant) ? constant.View
            : _arena!.View.From(Memory!.OffsetOf(tensor));
    }

    public override void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Forget();
        foreach (Variable variable in _replicas.Keys) _device.Leave(variable);
        _arena?.Dispose();
        _kept?.Dispose();
        _flags?.Dispose();
        _workspace.Dispose();
        foreach (DeviceMemory.Range constant in _constants.Values) constant.Dispose();
    }

    protected override void Allocate(MemoryPlan plan)
    {
        // Kernels may still be using the old memory.
        _device.Wait();
        _arena?.Dispose();
        _workspace.Dispose();
        _workspace = new Workspace(_device);
        _arena = null;
        _arena = _device.Memory.Allocate(plan.Size);
    }

    ArrayView<float> Flag(Tensor node) => Flags.Slice(_guard.SlotOf(node), 1);

    /// <summary>The flags of all operations; they exist even if sizes of 0 leave nothing to look up.</summary>
    ArrayView<float> Flags
    {
        get
        {
            if (_flags is null)
            {
                _flags = _device.Memory.Allocate(_guard.Count);
                _device.Upload<float>(_flags.View, new float[_guard.Count]);
            }
            return _flags.View;
        }
    }

    protected override IEnumerable<GpuLaunch> Bind(ShareOfBatch? share)
    {
        var binding =
            new GpuBinding(_device, Bindings, _precision, _workspace, Place, Schedule.InPlace.ContainsKey, Flag, share);
        foreach (Step step in Schedule.Steps)
        {
            _workspace.NextStep();
            foreach (GpuLaunch launch in GpuKernels.Bind(step, binding)) yield return launch;
            if (step == Schedule.LastWatched) yield return new IndexGuardLaunch(_device, _guard, Flags, Bindings);
        }
    }
}
