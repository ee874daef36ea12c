using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Whether expressions are interpreted: always in programs that are compiled ahead of time, where types cannot be
/// created at run time (<see cref="RuntimeFeature.IsDynamicCodeSupported"/>).
/// </summary>
internal static class Interpreter
{
    /// <summary>
    /// Forces interpretation elsewhere, for tests. Initially on if the environment variable <c>KERASML_INTERPRET</c> is
    /// 1.
    /// </summary>
    public static bool IsForced { get; set; } = Environment.GetEnvironmentVariable("KERASML_INTERPRET") == "1";
}
