using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>PyTorch on the same work, where a python3 with torch is found: a process that measures what it is asked for, so that its runs and ours alternate.</summary>
internal sealed class Torch : IDisposable
{
    // OpenBLAS may choose its kernels for another processor than this one.
    static readonly string?[] s_coreTypes = [null, "SKYLAKEX", "COOPERLAKE"];

    static readonly Lazy<string?> s_python = new(() => (Environment.GetEnvironmentVariable("KERASML_PYTHON") is { } named ? new[] { named } : ["python3", "/usr/bin/python3"]).FirstOrDefault(HasTorch));

    static readonly Lazy<string?> s_coreType = new(() => s_coreTypes.MinBy(type =>
    {
        using var torch = new Torch(1, type);
        return Enumerable.Range(0, 3).Min(_ => torch.Ask("matmul 768 768 768"));
    }));

    readonly Process _process;

    Torch(int threads, string? coreType) => _process = Process.Start(Starting(threads, coreType, threads.ToString(CultureInfo.InvariantCulture)))!;

    /// <summary>A process with so many threads, and the kernels of OpenBLAS that are fastest here; null where there is no PyTorch.</summary>
    public static Torch? Open(int threads) => s_python.Value is null ? null : new(threads, s_coreType.Value);

    /// <summary>Microseconds a call.</summary>
    public double Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() is { } answer ? double.Parse(answer, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"PyTorch gave no answer to \"{line}\".");
    }

    public void Dispose()
    {
        _process.StandardInput.WriteLine("quit");
        _process.StandardInput.Flush();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The most memory of a process that trains, in MB.</summary>
    public static double? Memory(string work, int threads)
    {
        if (s_python.Value is null) return null;
        using Process process = Process.Start(Starting(threads, s_coreType.Value, threads.ToString(CultureInfo.InvariantCulture), "memory", work))!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    /// <summary>On the first CUDA device that PyTorch knows; nothing where it knows none.</summary>
    public static Dictionary<string, double> OnGpu(int largest) => s_python.Value is not { } python ? []
        : Run(python, [Path.Combine(AppContext.BaseDirectory, "torch_gpu.py"), largest.ToString(CultureInfo.InvariantCulture)]).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).ToDictionary(p => p[0], p => double.Parse(p[1], CultureInfo.InvariantCulture));

    static ProcessStartInfo Starting(int threads, string? coreType, params string[] arguments)
    {
        var start = new ProcessStartInfo(s_python.Value!, [Path.Combine(AppContext.BaseDirectory, "torch_peer.py"), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string variable in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        if (coreType is not null) start.Environment["OPENBLAS_CORETYPE"] = coreType;
        return start;
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

    static string Run(string python, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && arguments[0] != "-c") Console.Error.WriteLine(errors.Result);
        return output;
    }
}
