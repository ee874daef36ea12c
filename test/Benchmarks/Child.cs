using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>This program once more, for what a process of its own has to measure.</summary>
internal static class Child
{
    /// <summary>Runs a part of it.</summary>
    /// <param name="change">Changes how it is started.</param>
    /// <param name="arguments">The part.</param>
    /// <returns>The last line that it printed.</returns>
    public static string LastLine(Action<ProcessStartInfo> change, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Child).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        change(start);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }

    /// <summary>The most memory that this process had, in MB; 0 where the system does not tell.</summary>
    public static double MostMegabytes() => !File.Exists("/proc/self/status") ? 0
        : double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
