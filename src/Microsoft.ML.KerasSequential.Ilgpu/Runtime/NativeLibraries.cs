using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// Drivers under the names that systems without development packages have. ILGPU asks for <c>libcuda.so</c> and <c>libOpenCL.so</c>; most Linux systems have them with their version alone.
/// </summary>
internal static class NativeLibraries
{
    static readonly Lock s_lock = new();
    static bool s_known;

    /// <summary>To be called before the first context is made.</summary>
    public static void Resolve()
    {
        lock (s_lock)
        {
            if (s_known) return;
            s_known = true;
            try
            {
                NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Find);
            }
            catch (InvalidOperationException)
            {
                // The program has a resolver of its own for ILGPU.
            }
        }
    }

    static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string[] candidates = name switch
        {
            _ when name.Contains("OpenCL", StringComparison.OrdinalIgnoreCase) => [name, "libOpenCL.so.1"],
            _ when name.Contains("cuda", StringComparison.OrdinalIgnoreCase) => [name, "libcuda.so.1"],
            _ => [name],
        };
        foreach (string candidate in candidates)
            if (NativeLibrary.TryLoad(candidate, assembly, path, out nint library)) return library;
        return 0;
    }
}
