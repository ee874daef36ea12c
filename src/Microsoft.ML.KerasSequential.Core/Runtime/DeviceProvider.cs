namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>The package that knows GPUs; it is used where it is at hand, without being registered.</summary>
internal abstract class DeviceProvider
{
    public const string Package = "Microsoft.ML.KerasSequential.Ilgpu";

    /// <summary>Why there is no GPU.</summary>
    public abstract string WhyNone { get; }

    public static DeviceProvider? Find() =>
        Type.GetType($"{Package}.IlgpuDevices, {Package}") is { } type ? (DeviceProvider)Activator.CreateInstance(type, nonPublic: true)! : null;

    /// <summary>The GPUs, the best first.</summary>
    public abstract IReadOnlyList<Device> Gpus();

    /// <summary>The devices of a kind that <see cref="Device.EnvironmentVariable"/> may name; none if there is no such kind.</summary>
    public abstract IReadOnlyList<Device> OfKind(string kind);
}
