using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// The device of all tests in this project: the emulator, unless the environment variable KERASML_DEVICE specifies
/// another, such as <c>gpu</c>.
/// </summary>
internal static class TestDevice
{
#pragma warning disable CA2255 // The tables of this project use Device.Default, which reads the variable once.
    [ModuleInitializer]
    public static void Choose()
    {
        if (Environment.GetEnvironmentVariable("KERASML_DEVICE") is null)
            Environment.SetEnvironmentVariable("KERASML_DEVICE", "emulator");
        if (Environment.GetEnvironmentVariable("KERASML_DEVICE") == "emulator") StayOnOneCore();
        Device.Log = null;
    }
#pragma warning restore CA2255

    /// <summary>
    /// The emulator's threads wait for each other at every kernel: on one core that is a switch; across cores it is a
    /// wake-up, and takes half as much processor time again.
    /// </summary>
    static void StayOnOneCore()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) return;
        using var process = Process.GetCurrentProcess();
        process.ProcessorAffinity = process.ProcessorAffinity & -process.ProcessorAffinity;
        if (Environment.GetEnvironmentVariable("KERASML_THREADS") is null)
            Environment.SetEnvironmentVariable("KERASML_THREADS", "1");
    }
}
