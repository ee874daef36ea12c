using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samples.Tests;

/// <summary>Ctrl+C in a process of its own.</summary>
[TestClass]
public sealed partial class InterruptTests
{
    const int SigInt = 2;

    [TestMethod]
    [DataRow("digits")]
#if MLNET
    [DataRow("pipeline")]
#endif
    public async Task Ctrl_C_ends_a_training_cleanly(string sample)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Signals are sent by kill, to a process that env starts.");
        // Where tests run in the background, the signal is ignored, and programs inherit that.
        string[] arguments = ["--default-signal=INT", "dotnet", typeof(Table).Assembly.Location, sample, "1"];
        using Process process = Process.Start(new ProcessStartInfo("env", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = new List<string?>();
        var training = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, e) =>
        {
            lock (output) output.Add(e.Data);
            if (e.Data?.StartsWith("Epoch 2/", StringComparison.Ordinal) == true) training.TrySetResult();
        };
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await training.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.AreEqual(0, Kill(process.Id, SigInt));
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.AreEqual(130, process.ExitCode, await errors);
        Assert.AreEqual("", await errors);
        lock (output)
        {
            Assert.Contains("Ctrl+C ended the training at the end of its step.", output);
            Assert.IsFalse(output.Exists(l => l?.StartsWith("Epoch 25/", StringComparison.Ordinal) == true));
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
