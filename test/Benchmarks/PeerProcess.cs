using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>
/// Another engine in a process of its own, which answers each line with a number. A peer that cannot be started, dies,
/// says something else or nothing is left out from then on, and a line says why.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    readonly string _name;
    readonly TimeSpan _patience;
    readonly Action<string> _say;
    readonly Process? _process;
    string _lastError = "";

    /// <summary>Starts a peer.</summary>
    /// <param name="name">What it is called in the line.</param>
    /// <param name="start">How it is started; its streams are redirected.</param>
    /// <param name="say">Takes the line.</param>
    /// <param name="patience">How long it may take to answer.</param>
    public PeerProcess(string name, ProcessStartInfo start, Action<string> say, TimeSpan patience)
    {
        (_name, _say, _patience) = (name, say, patience);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            LeaveOut($"{start.FileName} cannot be started ({e.Message})");
            return;
        }
        _process.ErrorDataReceived += (_, e) =>
        {
            if (!string.IsNullOrWhiteSpace(e.Data)) _lastError = e.Data.Trim();
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has failed.</summary>
    public bool IsLeftOut { get; private set; }

    /// <summary>The number that it answers with; null once it is left out.</summary>
    /// <param name="line">The question; empty for a process that answers without one.</param>
    public double? Ask(string line)
    {
        if (IsLeftOut) return null;
        try
        {
            if (line.Length > 0)
            {
                _process!.StandardInput.WriteLine(line);
                _process.StandardInput.Flush();
            }
        }
        catch (IOException)
        {
            // It reads no more; what it said last, or how it ended, tells more than the broken pipe.
        }
        string what = line.Length == 0 ? "its task" : $"\"{line}\"";
        Task<string?> reading = _process!.StandardOutput.ReadLineAsync();
        if (!reading.Wait(_patience)) return LeaveOut($"it gave no answer to {what} within {_patience.TotalSeconds:0} s");
        if (reading.Result is not { } answer) return LeaveOut($"{Ending()} at {what}");
        bool isNumber = double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number);
        return isNumber ? number : LeaveOut($"it answered {what} with \"{(answer.Length > 80 ? answer[..80] + "…" : answer)}\"");
    }

    public void Dispose()
    {
        if (_process is null) return;
        try
        {
            _process.StandardInput.WriteLine("quit");
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
        if (!_process.WaitForExit(s_farewell)) Kill();
        _process.Dispose();
    }

    /// <summary>How the process ended; one that closed its output only is ended.</summary>
    string Ending()
    {
        if (!_process!.WaitForExit(s_farewell))
        {
            Kill();
            return "it closed its output";
        }
        // Also until what it wrote to its error stream has come.
        _process.WaitForExit();
        string said = _lastError.Length > 0 ? $" ({_lastError})" : "";
        int code = _process.ExitCode;
        return code > 128 && !OperatingSystem.IsWindows() ? $"it was killed by signal {code - 128}{Meaning(code - 128)}{said}" : $"it ended with code {code}{said}";
    }

    static string Meaning(int signal) => signal switch
    {
        4 => ", an instruction that this processor does not have",
        9 => ", perhaps for want of memory",
        _ => "",
    };

    void Kill()
    {
        try
        {
            _process!.Kill(entireProcessTree: true);
            _process.WaitForExit(s_farewell);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    double? LeaveOut(string why)
    {
        IsLeftOut = true;
        if (_process is { HasExited: false }) Kill();
        _say($"{_name} is left out: {why}.");
        return null;
    }
}
