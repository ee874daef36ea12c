using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu;

/// <summary>A device driven by ILGPU: its memory, its kernels, and what is kept there for models.</summary>
internal sealed class IlgpuDevice : Device
{
    readonly Context _context;
    readonly ILGPU.Runtime.Device _device;
    readonly Grids? _grids;
    readonly bool _onlyRecords;
    readonly ConditionalWeakTable<Variable, Replica> _replicas = [];
    readonly Lazy<VendorLibrary?> _vendor;
    Parts? _parts;
    DeviceException? _lost;

    /// <summary>What exists once the device has been used.</summary>
    sealed record Parts(Accelerator Accelerator, AcceleratorStream Stream, AcceleratorStream CopyStream,
        DeviceMemory Memory, KernelLibrary Kernels, Grids Grids);

    public IlgpuDevice(Context context, ILGPU.Runtime.Device device, DeviceKind kind, Grids? grids = null,
        bool onlyRecords = false)
    {
        (_context, _device, Kind, _grids, _onlyRecords) = (context, device, kind, grids, onlyRecords);
        (Held, Inlet) = (new HeldArrays(this), new BatchInlet(this));
        _vendor = new(() => VendorLibrary.For(this));
    }

    public override string Name => _device switch
    {
        CudaDevice => $"{_device.Name} (CUDA, {_device.MemorySize / (double)(1 << 30):0.0} GiB)",
        CLDevice => $"{_device.Name} (OpenCL, {_device.MemorySize / (double)(1 << 30):0.0} GiB)",
        _ => "emulated GPU (.NET)",
    };

    public override DeviceKind Kind { get; }

    public override long MemoryBytes => _device.MemorySize;

    public bool IsNvidia => _device is CudaDevice || (_device as CLDevice)?.Vendor == CLDeviceVendor.Nvidia;

    /// <summary>Whether the device has tensor cores that support TF32 and bfloat16.</summary>
    public bool HasTensorCores => _onlyRecords
        || (_device is CudaDevice { Architecture: { } architecture } && architecture >= CudaArchitecture.SM_80);

    /// <summary>One thread at a time uses the device.</summary>
    public Lock Gate { get; } = new();

    public Accelerator Accelerator => Used.Accelerator;

    /// <summary>The stream of all kernels, which run one after another.</summary>
    public AcceleratorStream Stream => Used.Stream;

    /// <summary>The stream for batches that arrive meanwhile.</summary>
    public AcceleratorStream CopyStream => Used.CopyStream;

    public DeviceMemory Memory => Used.Memory;

    public KernelLibrary Kernels => Used.Kernels;

    public Grids Grids => Used.Grids;

    /// <summary>The data of the training and evaluation runs in progress.</summary>
    public HeldArrays Held { get; }

    /// <summary>Receives batches of data that are not held.</summary>
    public BatchInlet Inlet { get; }

    /// <summary>The vendor's library of products, if the driver supports it.</summary>
    public VendorLibrary? Vendor => _vendor.Value;

    internal override Executable Compile(Graph graph, FloatPrecision precision = FloatPrecision.Float32,
        Distribution? ranks = null) =>
        ranks is null ? new GpuExecutable(this, graph, precision)
            : new SeveralExecutable([this], graph, precision, ranks);

    internal override IDisposable? Hold(IEnumerable<NDArray> arrays) => Held.Hold(arrays);

    internal override Device With(IReadOnlyList<Device> devices) =>
        devices.All(d => d is IlgpuDevice) ? new SeveralDevices([.. devices.Cast<IlgpuDevice>()]) : base.With(devices);

    /// <summary>The copy of a variable, created at its first use.</summary>
    public Replica ReplicaOf(Variable variable)
    {
        lock (Gate)
        {
            if (!_replicas.TryGetValue(variable, out Replica? replica))
            {
                replica = new Replica(this, variable, Memory.Allocate(variable.Storage.Length));
                _replicas.Add(variable, replica);
            }
            return replica.Use();
        }
    }

    /// <summary>Called when a plan that used the copy of a variable is gone.</summary>
    public void Leave(Variable variable)
    {
        lock (Gate)
        {
            if (!_replicas.TryGetValue(variable, out Replica? replica)) return;
            if (replica.Leave()) _replicas.Remove(variable);
        }
    }

    /// <summary>Copies values to the device and waits.</summary>
    public unsafe void Upload<T>(ArrayView<T> target, ReadOnlySpan<T> values) where T : unmanaged
    {
        if (values.Length == 0 || _onlyRecords) return;
        lock (Gate)
        {
            Enter();
            try
            {
                // ILGPU takes a plain address: the garbage collector, which other threads may trigger, must not move
                // the array meanwhile.
                fixed (T* pinned = values)
                {
                    target.Slice(0, values.Length).CopyFromCPU(Stream, ref *pinned, values.Length);
                    Stream.Synchronize();
                }
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw Failed(e, "while values were being copied to it");
            }
        }
    }

    /// <summary>Writes a number after all kernels so far, without waiting.</summary>
    public void Set(ArrayView<float> target, float value)
    {
        if (_onlyRecords) return;
        lock (Gate)
        {
            Enter();
            try
            {
                Kernels.Get<SetKernel, SetKernel.Arguments>()(Stream, new KernelConfig(1, 1),
                    new() { Target = target, Value = value });
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw Failed(e, "while a value was being copied to it");
            }
        }
    }

    /// <summary>Waits for all kernels, then copies values from the device.</summary>
    public unsafe void Download<T>(ArrayView<T> source, Span<T> values) where T : unmanaged
    {
        if (values.Length == 0) return;
        lock (Gate)
        {
            Enter();
            try
            {
                fixed (T* pinned = values)
                {
                    source.Slice(0, values.Length).CopyToCPU(Stream, ref *pinned, values.Length);
                    Stream.Synchronize();
                }
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw Failed(e, "while values were being read from it");
            }
        }
    }

    /// <summary>Waits for all kernels.</summary>
    public void Wait()
    {
        lock (Gate)
        {
            Enter();
            try
            {
                Stream.Synchronize();
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                throw Failed(e, "in a step");
            }
        }
    }

    /// <summary>Translates a driver error to an exception; after a loss, the device is not used any more.</summary>
    public DeviceException Failed(Exception error, string what)
    {
        DeviceException failure = DeviceErrors.Of(error, Name, what);
        if (DeviceErrors.IsLoss(error)) _lost = failure;
        return failure;
    }

    /// <summary>Makes the device current on this thread.</summary>
    /// <exception cref="DeviceException">The device was lost earlier.</exception>
    public void Enter()
    {
        if (_lost is not null) throw new DeviceException(_lost.Message, _lost.InnerException);
        Accelerator.Bind();
    }

    Parts Used
    {
        get
        {
            if (_parts is { } parts) return parts;
            lock (Gate) return _parts ??= Start();
        }
    }

    Parts Start()
    {
        try
        {
            Accelerator accelerator = _device.CreateAccelerator(_context);
            // Not the default stream: under CUDA, all others wait for it.
            return new(accelerator,
                accelerator.CreateStream(), accelerator.CreateStream(), new DeviceMemory(accelerator, Name),
                new KernelLibrary(accelerator, Name) { OnlyRecords = _onlyRecords }, _grids ?? Grids.Of(accelerator));
        }
        catch (Exception e) when (DeviceErrors.IsOfDevice(e))
        {
            throw Failed(e, "when it was first used");
        }
    }
}
