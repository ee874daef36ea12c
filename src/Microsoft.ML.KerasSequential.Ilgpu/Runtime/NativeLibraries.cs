using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// Resolves drivers by their names on systems without development packages. ILGPU loads <c>libcuda.so</c> and
/// <c>libOpenCL.so</c>; most Linux systems have only names with a version.
/// </summary>
internal static class NativeLibraries
{
    static readonly Lock s_lock = new();
    static bool s_known;

    /// <summary>To be called before the first context is created.</summary>
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
                // The program has its own resolver for ILGPU.
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
