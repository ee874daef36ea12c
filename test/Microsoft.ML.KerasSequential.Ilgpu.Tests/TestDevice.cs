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
        if (Environment.GetEnvironmentVariable("KERASML_DEVICE") is null) Environment.SetEnvironmentVariable("KERASML_DEVICE", "emulator");
        Device.Log = null;
    }
#pragma warning restore CA2255
}
