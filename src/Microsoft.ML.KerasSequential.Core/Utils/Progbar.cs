using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Keras' progress bar (<c>keras.utils.Progbar</c>): steps, bar, estimated time, then time a step, loss and metrics. Where
/// the output is no terminal, only the finished line is printed.
/// </summary>
public sealed class Progbar
{
    readonly int _width, _verbose;
    readonly double _interval;
    readonly bool _perStep, _live;
    readonly TextWriter _output;
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly StringBuilder _line = new();
    readonly Dictionary<string, double> _sums = [];
    int _seen, _shownWidth;
    double _lastShown = double.NegativeInfinity;

    /// <summary>Starts a bar.</summary>
    /// <param name="target">The count at which it is full.</param>
    /// <param name="width">The bar's width in characters.</param>
    /// <param name="verbose">0 for silence, 1 for a bar, 2 for one line at the end.</param>
    /// <param name="interval">The least time between two drawings, in seconds.</param>
    /// <param name="perStep">Whether steps are counted instead of samples.</param>
    /// <param name="output">Where to; the console by default.</param>
    public Progbar(int target, int width = 30, int verbose = 1, double interval = 0.05, bool perStep = true, TextWriter? output = null)
    {
        (Target, _width, _verbose, _interval, _perStep) = (target, width, verbose, interval, perStep);
        _output = output ?? Console.Out;
        _live = output is null || ReferenceEquals(output, Console.Out) ? !Console.IsOutputRedirected : false;
    }

    /// <summary>The count at which the bar is full.</summary>
    public int Target { get; }

    /// <summary>Moves the bar. The loss shown is the mean so far; metrics are already means.</summary>
    /// <param name="current">The count reached.</param>
    /// <param name="values">The values of the batch.</param>
    /// <param name="names">Which of them to show, in order.</param>
    public void Update(int current, IReadOnlyDictionary<string, double> values, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(names);
        if (_verbose != 1) return;
        if (values.TryGetValue("loss", out double loss)) _sums["loss"] = _sums.GetValueOrDefault("loss") + loss * (current - _seen);
        _seen = current;
        double now = _clock.Elapsed.TotalSeconds;
        if (!_live || now - _lastShown < _interval) return;
        _lastShown = now;
        _line.Clear();
        Bar(current);
        _line.Append(" - ETA: ").Append(Eta(now / Math.Max(1, current) * (Target - current)));
        foreach (string name in names)
            if (values.TryGetValue(name, out double value)) Value(name, name == "loss" ? _sums["loss"] / current : value);
        Show();
    }

    /// <summary>Ends the bar with the values of the epoch.</summary>
    /// <param name="values">The values.</param>
    /// <param name="names">Which of them to show, in order.</param>
    public void Finish(IDictionary<string, double> values, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(names);
        if (_verbose == 0) return;
        _line.Clear();
        if (_verbose == 1) Bar(Target);
        double seconds = _clock.Elapsed.TotalSeconds;
        _line.Append(CultureInfo.InvariantCulture, $" - {seconds:0}s");
        if (_verbose == 1) _line.Append(' ').Append(PerUnit(seconds / Math.Max(1, Target))).Append(_perStep ? "/step" : "/sample");
        foreach (string name in names)
            if (values.TryGetValue(name, out double value)) Value(name, value);
        if (_live && _verbose == 1) Show();
        else _output.Write(_line);
        _output.WriteLine();
    }

    void Bar(int current)
    {
        string target = Target.ToString(CultureInfo.InvariantCulture);
        _line.Append(current.ToString(CultureInfo.InvariantCulture).PadLeft(target.Length)).Append('/').Append(target).Append(" [");
        int filled = Target == 0 ? _width : (int)((long)_width * current / Target);
        if (filled > 0)
        {
            _line.Append('=', filled - 1);
            _line.Append(current < Target ? '>' : '=');
        }
        _line.Append('.', _width - filled).Append(']');
    }

    void Value(string name, double value) => _line.Append(" - ").Append(name).Append(": ")
        .Append(Math.Abs(value) > 1e-3 || value == 0 ? value.ToString("0.0000", CultureInfo.InvariantCulture) : value.ToString("0.0000e+00", CultureInfo.InvariantCulture));

    void Show()
    {
        int width = _line.Length;
        _line.Append(' ', Math.Max(0, _shownWidth - width));
        _shownWidth = width;
        _output.Write('\r');
        _output.Write(_line);
        _output.Flush();
    }

    static string Eta(double seconds) => seconds > 3600
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600}:{(int)seconds % 3600 / 60:00}:{(int)seconds % 60:00}")
        : seconds > 60 ? string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}:{(int)seconds % 60:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds}s");

    static string PerUnit(double seconds) => seconds >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0}s")
        : seconds >= 1e-3 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0}us");
}
