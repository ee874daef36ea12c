using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>The kernels of a device, each compiled at its first use and kept for the life of the process.</summary>
internal sealed class KernelLibrary(Accelerator accelerator, string name)
{
    readonly ConcurrentDictionary<MethodInfo, Delegate> _kernels = [];
    readonly Lock _lock = new();

    /// <summary>The methods requested so far.</summary>
    public ICollection<MethodInfo> Methods => _kernels.Keys;

    /// <summary>Collects the kernels without compiling them, for a test that compiles them for other devices.</summary>
    public bool OnlyRecords { get; init; }

    /// <exception cref="DeviceException">The kernel cannot be compiled for this device.</exception>
    public Action<AcceleratorStream, KernelConfig, TArguments> Get<TKernel, TArguments>()
        where TKernel : IKernel<TArguments> where TArguments : struct
    {
        MethodInfo method = ((Action<TArguments>)TKernel.Run).Method;
        if (_kernels.TryGetValue(method, out Delegate? known))
            return (Action<AcceleratorStream, KernelConfig, TArguments>)known;
        lock (_lock)
        {
            if (_kernels.TryGetValue(method, out known))
                return (Action<AcceleratorStream, KernelConfig, TArguments>)known;
            Action<AcceleratorStream, KernelConfig, TArguments> kernel = OnlyRecords ? (_, _, _) =>
                throw new InvalidOperationException("Kernels are only recorded.") : Compile<TArguments>(method);
            _kernels[method] = kernel;
            return kernel;
        }
    }

    Action<AcceleratorStream, KernelConfig, TArguments> Compile<TArguments>(MethodInfo method) where TArguments : struct
    {
        long start = Stopwatch.GetTimestamp();
        string title = Title(method.DeclaringType!);
        try
        {
            accelerator.Bind();
            var kernel = accelerator.LoadKernel<Action<AcceleratorStream, KernelConfig, TArguments>>(method);
            double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (Device.LogsDetails)
                Device.Log?.Invoke(FormattableString.Invariant(
                    $"KerasSequential compiled {title} for {name} in {ms:0.0} ms."));
            return kernel;
        }
        catch (Exception e) when (DeviceErrors.IsOfDevice(e) || e is InvalidOperationException)
        {
            throw DeviceErrors.Of(e, name, $"to compile {title}");
        }
    }

    /// <summary>The name of a kernel with its type arguments.</summary>
    static string Title(Type type)
    {
        if (!type.IsGenericType) return type.Name;
        return type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] +
            $"<{string.Join(", ", type.GetGenericArguments().Select(Title))}>";
    }
}
