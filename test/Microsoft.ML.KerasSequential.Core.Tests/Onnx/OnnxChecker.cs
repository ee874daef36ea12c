using System.Diagnostics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The checker of the Python package onnx, where it is installed.</summary>
internal static class OnnxChecker
{
    /// <summary>What is wrong with the files of a folder, and how many were read; null where there is no checker.</summary>
    public static string[]? Check(string folder)
    {
        try
        {
            using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Onnx", "Engine", "check.py"), folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = python.StandardOutput.ReadToEnd(), errors = python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                : errors.Contains("No module named 'onnx'", StringComparison.Ordinal) ? null : throw new InvalidOperationException(errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
