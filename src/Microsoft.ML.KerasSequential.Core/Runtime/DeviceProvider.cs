namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>The package with GPU support; it is used if it is present, without registration.</summary>
internal abstract class DeviceProvider
{
    public const string Package = "Microsoft.ML.KerasSequential.Ilgpu";

    /// <summary>The reason why there is no GPU.</summary>
    public abstract string WhyNone { get; }

    public static DeviceProvider? Find() =>
        Type.GetType($"{Package}.IlgpuDevices, {Package}") is { } type
            ? (DeviceProvider)Activator.CreateInstance(type, nonPublic: true)!
            : null;

    /// <summary>The GPUs, best first.</summary>
    public abstract IReadOnlyList<Device> Gpus();

    /// <summary>
    /// The devices of a kind that <see cref="Device.EnvironmentVariable"/> may specify; none for an unknown kind.
    /// </summary>
    public abstract IReadOnlyList<Device> OfKind(string kind);
}
