using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>Runs this program again, for measurements that need a separate process.</summary>
internal static class Child
{
    /// <summary>Runs a part of the program.</summary>
    /// <param name="change">Changes the start information.</param>
    /// <param name="arguments">The part.</param>
    /// <returns>The last line that it printed.</returns>
    public static string LastLine(Action<ProcessStartInfo> change, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [typeof(Child).Assembly.Location, .. arguments])
        { RedirectStandardOutput = true };
        change(start);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    /// <summary>The peak memory of this process, in MB; 0 if the system does not report it.</summary>
    public static double MostMegabytes() => !File.Exists("/proc/self/status") ? 0
        : double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
