using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Benchmarks;

/// <summary>
/// PyTorch on the same work, if a python3 with torch is found: a process that measures on request, so that its runs and
/// ours alternate.
/// </summary>
internal sealed class Torch : IDisposable
{
    const string Name = "PyTorch";

    /// <summary>An answer takes a quarter of a second; the first one waits for PyTorch to load.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    static readonly Lazy<string?> s_python = new(FindPython);

    static readonly Lazy<string?> s_coreType = new(() => CoreTypes().MinBy(type =>
    {
        // OpenBLAS may choose kernels for another CPU than this one. The fastest are determined by trying; kernels that
        // cannot run here count as slowest.
        using var process = new PeerProcess(Name, Starting(1, type, "1"), _ => { }, s_patience);
        return Enumerable.Range(0, 3).Min(_ => process.Ask("matmul 768 768 768") ?? double.PositiveInfinity);
    }));

    static bool s_isLeftOut;

    readonly PeerProcess _process;

    Torch(int threads, string? coreType) =>
        _process = new(Name, Starting(threads, coreType, threads.ToString(CultureInfo.InvariantCulture)), Say,
            s_patience);

    /// <summary>
    /// A process with a number of threads and the fastest OpenBLAS kernels here; null if there is no PyTorch, or it has
    /// failed.
    /// </summary>
    public static Torch? Open(int threads) =>
        s_isLeftOut || s_python.Value is null ? null : new(threads, s_coreType.Value);

    /// <summary>Microseconds per call; null once it has failed.</summary>
    public double? Ask(string line) => _process.Ask(line);

    public void Dispose() => _process.Dispose();

    /// <summary>
    /// The peak memory of a training process, in MB; null if there is no PyTorch, or it has failed.
    /// </summary>
    public static double? Memory(string work, int threads)
    {
        if (s_isLeftOut || s_python.Value is null) return null;
        using var process = new PeerProcess(Name,
            Starting(threads, s_coreType.Value, threads.ToString(CultureInfo.InvariantCulture), "memory", work), Say,
            s_patience);
        return process.Ask("");
    }

    /// <summary>Measures on the first CUDA device that PyTorch finds; empty if there is none.</summary>
    public static Dictionary<string, double> OnGpu(int largest)
    {
        var found = new Dictionary<string, double>();
        if (s_python.Value is not { } python) return found;
        (int code, string output, string errors) = Run(python, Path.Combine(AppContext.BaseDirectory, "torch_gpu.py"),
            largest.ToString(CultureInfo.InvariantCulture));
        if (code != 0)
            Say($"{Name} is skipped where its figures are missing: it exited with code {code}. {errors.Trim()}");
        foreach (string line in output.Split('\n'))
        {
            if (line.Split(' ') is [{ } key, { } value]
                && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double figure))
                found[key] = figure;
        }
        return found;
    }

    /// <summary>
    /// The kernels that OpenBLAS chooses, or that are set in the environment, and those for instructions that this CPU
    /// has.
    /// </summary>
    static IEnumerable<string?> CoreTypes()
    {
        yield return null;
        if (!Avx512F.IsSupported || !Avx512F.VL.IsSupported || !Avx512BW.IsSupported || !Avx512DQ.IsSupported
            || !Avx512CD.IsSupported)
            yield break;
        yield return "SKYLAKEX";
        // AVX512_BF16: leaf 7, subleaf 1, register eax.
        if ((X86Base.CpuId(7, 0).Eax >= 1) && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0) yield return "COOPERLAKE";
    }

    static void Say(string line)
    {
        if (!s_isLeftOut) Console.WriteLine(line);
        s_isLeftOut = true;
    }

    static ProcessStartInfo Starting(int threads, string? coreType, params string[] arguments)
    {
        var start = new ProcessStartInfo(s_python.Value!,
            [Path.Combine(AppContext.BaseDirectory, "torch_peer.py"), .. arguments]);
        foreach (string variable in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        if (coreType is not null) start.Environment["OPENBLAS_CORETYPE"] = coreType;
        return start;
    }

    static string? FindPython()
    {
        string[] names = Environment.GetEnvironmentVariable("KERASML_PYTHON") is { } named ? [named]
            : ["python3", "/usr/bin/python3"];
        foreach (string python in names)
        {
            try
            {
                if (Run(python, "-c", "import torch; print('yes')").Output.StartsWith("yes", StringComparison.Ordinal))
                    return python;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // The program does not exist.
            }
        }
        Say($"{Name} is skipped: there is no {string.Join(" and no ", names)} that can import torch.");
        return null;
    }

    static (int Code, string Output, string Errors) Run(string python, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            !;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
