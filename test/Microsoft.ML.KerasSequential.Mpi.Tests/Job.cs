using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A run of the worker on some ranks, in its own folder.</summary>
internal sealed class Job : IDisposable
{
    static readonly string s_worker = Path.Combine(AppContext.BaseDirectory, "MpiWorker.dll");

    readonly bool _ownsFolder;
    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();

    Job(int ranks, string? folder, IReadOnlyList<(string Name, string Value)>? environment, string[] arguments,
        string[]? launcher)
    {
        _ownsFolder = folder is null;
        Folder = folder ?? Directory.CreateTempSubdirectory("mpi").FullName;
        Ranks = ranks;
        launcher ??= ranks == 0 ? [] : ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", $"{ranks}"];
        string[] command = [.. launcher, "dotnet", s_worker, .. arguments, $"folder={Folder}"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        // One thread each: the machine may have fewer processors than there are ranks.
        start.Environment["KERASML_THREADS"] = "1";
        // Without terminal control sequences in the output.
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in environment ?? [])
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether there is a launcher; without one, several ranks cannot be tested.</summary>
    public static bool IsPossible { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "mpirun")));

    public string Folder { get; }

    public int Ranks { get; }

    public TimeSpan Elapsed => _clock.Elapsed;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts the worker; 0 ranks for one process without a launcher.</summary>
    public static Job Start(int ranks, string arguments, string? folder = null,
        IReadOnlyList<(string Name, string Value)>? environment = null, string[]? launcher = null) =>
        new(ranks, folder, environment, arguments.Split(' '), launcher);

    /// <summary>Runs the worker to completion, which must succeed.</summary>
    public static Job Run(int ranks, string arguments, string? folder = null)
    {
        Job job = Start(ranks, arguments, folder);
        job.Wait();
        Assert.AreEqual(0, job.ExitCode, job.Output);
        return job;
    }

    public Job Wait(int seconds = 60)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"The run has not ended after {seconds} s:{Environment.NewLine}{Output}");
        }
        _process.WaitForExit();
        _clock.Stop();
        return this;
    }

    public bool HasExited => _process.HasExited;

    public string FileOf(string name, int rank) => Path.Combine(Folder, $"{name}.{rank}");

    public float[] Floats(string name, int rank = 0) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(FileOf(name, rank))).ToArray();

    public Dictionary<string, double[]> History(int rank = 0) =>
        JsonSerializer.Deserialize<Dictionary<string, double[]>>(File.ReadAllText(FileOf("history", rank)))!;

    /// <summary>The process of a rank, once it trains.</summary>
    public int? ProcessOf(int rank) =>
        File.Exists(FileOf("started", rank)) && int.TryParse(File.ReadAllText(FileOf("started", rank)), out int id) ? id
        : null;

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }

    void Append(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }
}
