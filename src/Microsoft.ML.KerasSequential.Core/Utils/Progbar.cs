using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Keras' progress bar (<c>keras.utils.Progbar</c>): steps, bar, estimated time, then time per step, loss and metrics.
/// It stays on one line of the terminal, whose width is queried each time it is drawn. If the output is not a terminal,
/// only the finished line is printed, in full.
/// </summary>
public sealed class Progbar
{
    readonly int _width, _verbose;
    readonly double _interval;
    readonly bool _perStep;
    readonly Func<int>? _columns;
    readonly TextWriter _output;
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly StringBuilder _line = new();
    readonly Dictionary<string, double> _sums = [];
    readonly List<string> _given = [];
    readonly Dictionary<string, (double Sum, double Weight)> _means = [];
    readonly HashSet<string> _stateful;
    int _seen, _shownWidth;
    double _lastShown = double.NegativeInfinity;

    /// <summary>Starts a bar.</summary>
    /// <param name="target">The count at which the bar is full; null if unknown.</param>
    /// <param name="width">The bar's width in characters.</param>
    /// <param name="verbose">0 for silent, 1 for a bar, 2 for one line at the end.</param>
    /// <param name="interval">The minimum time between two updates of the display, in seconds.</param>
    /// <param name="perStep">Whether steps are counted instead of samples.</param>
    /// <param name="output">Where to write; the console by default.</param>
    /// <param name="statefulMetrics">The names of values to show as they are; others are averaged.</param>
    public Progbar(int? target, int width = 30, int verbose = 1, double interval = 0.05, bool perStep = true,
        TextWriter? output = null, IEnumerable<string>? statefulMetrics = null)
        : this(target, Terminal.Columns(output), output ?? Console.Out, width, verbose, interval, perStep,
            statefulMetrics)
    {
    }

    /// <param name="target">The count at which it is full; null if that is not known.</param>
    /// <param name="columns">The width of the terminal; null where there is none.</param>
    /// <param name="output">Where to.</param>
    /// <param name="width">The bar's width in characters.</param>
    /// <param name="verbose">0 for silence, 1 for a bar, 2 for one line at the end.</param>
    /// <param name="interval">The least time between two drawings, in seconds.</param>
    /// <param name="perStep">Whether steps are counted instead of samples.</param>
    /// <param name="statefulMetrics">Names of values that are shown as they are.</param>
    internal Progbar(int? target, Func<int>? columns, TextWriter output, int width = 30, int verbose = 1,
        double interval = 0.05, bool perStep = true, IEnumerable<string>? statefulMetrics = null)
    {
        _stateful = [.. statefulMetrics ?? []];
        (Target, _width, _verbose, _interval, _perStep) = (target, width, verbose, interval, perStep);
        (_columns, _output) = (columns, output);
    }

    bool IsLive => _columns is not null;

    /// <summary>The maximum length of a line: all columns but the last, which holds the cursor.</summary>
    int Room => IsLive && _verbose == 1 ? Math.Max(1, _columns!() - 1) : int.MaxValue;

    /// <summary>The count at which the bar is full; null if unknown.</summary>
    public int? Target { get; }

    /// <summary>
    /// Updates the bar, in a custom loop (Keras <c>update</c>). The line is finished when the count reaches the target.
    /// The values shown are averages, weighted by the counts that they were given for.
    /// </summary>
    /// <param name="current">The count reached.</param>
    /// <param name="values">The names and values of the last step.</param>
    public void Update(int current, IEnumerable<(string Name, double Value)>? values = null)
    {
        foreach ((string name, double value) in values ?? [])
        {
            if (!_means.ContainsKey(name)) _given.Add(name);
            (double sum, double weight) = _stateful.Contains(name) ? default : _means.GetValueOrDefault(name);
            double steps = _stateful.Contains(name) ? 1 : current - _seen;
            _means[name] = (sum + value * steps, weight + steps);
        }
        _seen = current;
        if (Target is null ? _verbose == 2 || (_verbose == 1 && !IsLive) : current >= Target)
        {
            Finish(_given.ToDictionary(name => name, Mean), _given);
            return;
        }
        if (_verbose == 1) Draw(current, _given.Select(name => (name, Mean(name))));
    }

    /// <summary>Advances the bar by some steps (Keras <c>add</c>).</summary>
    /// <param name="n">The number of steps.</param>
    /// <param name="values">The names and values of the last step.</param>
    public void Add(int n, IEnumerable<(string Name, double Value)>? values = null) => Update(_seen + n, values);

    double Mean(string name) => _means[name].Sum / Math.Max(1, _means[name].Weight);

    /// <summary>Updates the bar. The loss shown is the mean so far; metrics are already means.</summary>
    /// <param name="current">The count reached.</param>
    /// <param name="values">The values of the batch.</param>
    /// <param name="names">Which of them to show, in order.</param>
    public void Update(int current, IReadOnlyDictionary<string, double> values, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(names);
        if (_verbose != 1) return;
        if (values.TryGetValue("loss", out double loss))
            _sums["loss"] = _sums.GetValueOrDefault("loss") + loss * (current - _seen);
        _seen = current;
        Draw(current, names.Where(values.ContainsKey)
            .Select(name => (name, name == "loss" ? _sums["loss"] / current : values[name])));
    }

    /// <summary>Draws the unfinished bar, if there is a terminal and it was not drawn just before.</summary>
    void Draw(int current, IEnumerable<(string Name, double Value)> values)
    {
        double now = _clock.Elapsed.TotalSeconds;
        if (!IsLive || now - _lastShown < _interval) return;
        _lastShown = now;
        _line.Clear();
        string time = Target is int target ? $" - ETA: {Eta(now / Math.Max(1, current) * (target - current))}" : "";
        Write(current, time, "", values);
        Show();
    }

    /// <summary>Finishes the bar with the values of the epoch.</summary>
    /// <param name="values">The values.</param>
    /// <param name="names">Which of them to show, in order.</param>
    public void Finish(IDictionary<string, double> values, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(names);
        if (_verbose == 0) return;
        _line.Clear();
        double seconds = _clock.Elapsed.TotalSeconds;
        string time = string.Create(CultureInfo.InvariantCulture, $" - {seconds:0}s");
        string pace = _verbose == 1
            ? $" {PerUnit(seconds / Math.Max(1, Target ?? _seen))}{(_perStep ? "/step" : "/sample")}" : "";
        Write(Target ?? _seen, time, pace, names.Where(values.ContainsKey).Select(name => (name, values[name])));
        if (IsLive && _verbose == 1) Show();
        else _output.Write(_line);
        _output.WriteLine();
        _shownWidth = 0;
    }

    /// <summary>Writes a line of its own, below the bar where that is drawn.</summary>
    internal void Say(string text)
    {
        if (_shownWidth > 0) _output.WriteLine();
        _shownWidth = 0;
        _output.WriteLine(text);
    }

    void Write(int current, string time, string pace, IEnumerable<(string Name, double Value)> values)
    {
        string number = current.ToString(CultureInfo.InvariantCulture), count = "";
        string? target = Target?.ToString(CultureInfo.InvariantCulture);
        if (_verbose == 1) count = target is null ? $"{number,7}/Unknown" : $"{number.PadLeft(target.Length)}/{target}";
        ProgressLine.Write(_line, Room, count,
            _verbose == 1 && target is not null ? (line, width) => Bar(line, width, current) : null, _width, time, pace,
            [.. values.Select(v => $" - {v.Name}: {HistoryTable.Number(v.Value)}")]);
    }

    void Bar(StringBuilder line, int width, int current)
    {
        int all = Target!.Value;
        int filled = all == 0 ? width : (int)Math.Clamp((long)width * current / all, 0, width);
        if (filled > 0)
        {
            line.Append('=', filled - 1);
            line.Append(current < all ? '>' : '=');
        }
        line.Append('.', width - filled);
    }

    void Show()
    {
        int width = _line.Length;
        _line.Append(' ', Math.Max(0, Math.Min(_shownWidth, Room) - width));
        _shownWidth = width;
        _output.Write('\r');
        _output.Write(_line);
        _output.Flush();
    }

    static string Eta(double seconds) => seconds > 3600
        ? string.Create(CultureInfo.InvariantCulture,
            $"{(int)seconds / 3600}:{(int)seconds % 3600 / 60:00}:{(int)seconds % 60:00}")
        : seconds > 60 ? string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}:{(int)seconds % 60:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds}s");

    static string PerUnit(double seconds) => seconds >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0}s")
        : seconds >= 1e-3 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0}us");
}
