using System.Diagnostics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The system's Python, if it is installed with the packages that a script needs.</summary>
internal static class Python
{
    /// <summary>The lines that a script prints; null if Python or a package is missing.</summary>
    public static string[]? Run(params string[] arguments)
    {
        try
        {
            using Process python = Process.Start(
                new ProcessStartInfo("/usr/bin/python3", arguments)
                { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = python.StandardOutput.ReadToEnd(), errors = python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                : errors.Contains("No module named", StringComparison.Ordinal) ? null
                    : throw new InvalidOperationException(errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
