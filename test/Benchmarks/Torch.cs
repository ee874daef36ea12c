using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>PyTorch on the same work, where a python3 with torch is found.</summary>
internal static class Torch
{
    /// <summary>The better of both measurements: GFLOP/s are higher, microseconds lower.</summary>
    public static Dictionary<string, double> Best(Dictionary<string, double> first, Dictionary<string, double> second) =>
        first.ToDictionary(f => f.Key, f => f.Key.StartsWith("matmul", StringComparison.Ordinal) ? Math.Max(f.Value, second[f.Key]) : Math.Min(f.Value, second[f.Key]));

    public static Dictionary<string, double> Measure(int threads, string wanted)
    {
        string[] pythons = [Environment.GetEnvironmentVariable("KERASML_PYTHON") ?? "python3", "/usr/bin/python3"];
        foreach (string python in pythons.Where(HasTorch))
        {
            // A process for each thread count: OpenBLAS reads its own when it is loaded.
            string script = Path.Combine(AppContext.BaseDirectory, "torch_peer.py");
            return new[] { 1, threads }.Distinct()
                .SelectMany(count => Run(python, [script, count.ToString(CultureInfo.InvariantCulture), count == threads ? "steps" : "products", wanted], count).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Select(line => line.Split(' ')).ToDictionary(p => p[0], p => double.Parse(p[1], CultureInfo.InvariantCulture));
        }
        return [];
    }

    /// <summary>On the first CUDA device that PyTorch knows; nothing where it knows none.</summary>
    public static Dictionary<string, double> OnGpu(int largest)
    {
        string[] pythons = [Environment.GetEnvironmentVariable("KERASML_PYTHON") ?? "python3", "/usr/bin/python3"];
        return pythons.FirstOrDefault(HasTorch) is not { } python ? []
            : Run(python, [Path.Combine(AppContext.BaseDirectory, "torch_gpu.py"), largest.ToString(CultureInfo.InvariantCulture)]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')).ToDictionary(p => p[0], p => double.Parse(p[1], CultureInfo.InvariantCulture));
    }

    static bool HasTorch(string python)
    {
        try
        {
            return Run(python, ["-c", "import torch; print('yes')"]).StartsWith("yes", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    static string Run(string python, string[] arguments, int threads = 1)
    {
        var start = new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && arguments[0] != "-c") Console.Error.WriteLine(errors.Result);
        return output;
    }
}
