using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>
/// Another engine in a separate process, which answers each line with a number. A peer that cannot be started, exits,
/// or gives no or another answer is skipped from then on, and a line says why.
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
    /// <param name="name">The peer's name in the line.</param>
    /// <param name="start">The start information; its streams are redirected.</param>
    /// <param name="say">Receives the line.</param>
    /// <param name="patience">The maximum time for an answer.</param>
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

    /// <summary>Returns the peer's answer; null once it is skipped.</summary>
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
            // It no longer reads; its last output, or how it ended, is more informative than the broken pipe.
        }
        string what = line.Length == 0 ? "its task" : $"\"{line}\"";
        Task<string?> reading = _process!.StandardOutput.ReadLineAsync();
        if (!reading.Wait(_patience))
            return LeaveOut($"it gave no answer to {what} within {_patience.TotalSeconds:0} s");
        if (reading.Result is not { } answer) return LeaveOut($"{Ending()} at {what}");
        bool isNumber = double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number);
        return isNumber ? number
            : LeaveOut($"it answered {what} with \"{(answer.Length > 80 ? answer[..80] + "…" : answer)}\"");
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

    /// <summary>How the process ended; if it only closed its output, it is killed.</summary>
    string Ending()
    {
        if (!_process!.WaitForExit(s_farewell))
        {
            Kill();
            return "it closed its output";
        }
        // Also waits for its error stream.
        _process.WaitForExit();
        string said = _lastError.Length > 0 ? $" ({_lastError})" : "";
        int code = _process.ExitCode;
        return code > 128 && !OperatingSystem.IsWindows()
            ? $"it was killed by signal {code - 128}{Meaning(code - 128)}{said}" : $"it ended with code {code}{said}";
    }

    static string Meaning(int signal) => signal switch
    {
        4 => ", an instruction that this CPU does not have",
        9 => ", perhaps for lack of memory",
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
            // It has already exited.
        }
    }

    double? LeaveOut(string why)
    {
        IsLeftOut = true;
        if (_process is { HasExited: false }) Kill();
        _say($"{_name} is skipped: {why}.");
        return null;
    }
}
