using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>A line for each epoch in a file of separated values (Keras <c>keras.callbacks.CSVLogger</c>).</summary>
public class CSVLogger : Callback
{
    readonly string _filename, _separator;
    readonly bool _append;
    string[]? _keys;
    bool _needsHeader;

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="filename">The file.</param>
    /// <param name="separator">What stands between two values.</param>
    /// <param name="append">Whether lines are added to a file that exists; else it is replaced.</param>
    /// <exception cref="ArgumentException">The name or the separator is empty.</exception>
    public CSVLogger(string filename, string separator = ",", bool append = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(filename);
        ArgumentException.ThrowIfNullOrEmpty(separator);
        (_filename, _separator, _append) = (filename, separator, append);
    }

    /// <exception cref="ArgumentException">Lines are to be added to a file whose columns are others.</exception>
    internal override void Check(TrainingPlan plan)
    {
        if (Header() is not { } columns) return;
        string[] missing = [.. plan.Logs.Prepend("epoch").Except(columns)], unknown = [.. columns.Where(c => c != "epoch" && !plan.MayLog(c))];
        if (missing.Length + unknown.Length > 0)
        {
            throw TrainingPlan.Misfit(this, $"the file {_filename} has the columns {string.Join(", ", columns)}, but this training logs epoch, {string.Join(", ", plan.Logs)}. "
                + "Name another file, or give append: false to replace it.");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public override void OnTrainBegin()
    {
        string[]? header = Header();
        (_keys, _needsHeader) = (header?[1..], header is null);
        AtomicFile.MakeFolder(_filename);
        if (!_append) File.WriteAllText(_filename, "");
    }

    /// <summary>The columns of the file that lines are added to, or null if there is none yet.</summary>
    string[]? Header()
    {
        if (!_append || !File.Exists(_filename) || File.ReadLines(_filename).FirstOrDefault() is not { Length: > 0 } line) return null;
        var columns = new List<string>();
        for (int at = 0; at <= line.Length;)
        {
            bool quoted = at < line.Length && line[at] == '"';
            int end = quoted ? line.IndexOf($"\"{_separator}", at + 1, StringComparison.Ordinal) : line.IndexOf(_separator, at, StringComparison.Ordinal);
            if (end < 0) end = line.Length - (quoted ? 1 : 0);
            columns.Add(quoted ? line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal) : line[at..end]);
            at = end + (quoted ? 1 : 0) + _separator.Length;
        }
        return [.. columns];
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (_keys is null)
        {
            // Validation may come in later epochs only, or not any more after a stop: its columns are there from the start.
            _keys = [.. logs.Keys.Union(Params.Metrics).Order(StringComparer.Ordinal)];
            if (_needsHeader) Append(_keys.Prepend("epoch"));
        }
        IEnumerable<string> values = _keys.Select(k => logs.TryGetValue(k, out double value) ? PythonFormat.Repr(value) : "NA");
        Append(values.Prepend(epoch.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>The lines written so far: what a killed process wrote behind them is written again.</summary>
    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject { ["keys"] = _keys is null ? null : new JsonArray([.. _keys.Select(k => (JsonNode)k)]), ["lines"] = File.ReadAllText(_filename) };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        if (state.GetProperty("keys") is not { ValueKind: JsonValueKind.Array } keys) return;
        _keys = [.. keys.EnumerateArray().Select(k => k.GetString()!)];
        File.WriteAllText(_filename, state.GetProperty("lines").GetString());
    }

    /// <summary>The file is open only while a line is written, so that it is complete whatever ends the training.</summary>
    void Append(IEnumerable<string> values) => File.AppendAllText(_filename, string.Join(_separator, values.Select(Quoted)) + "\r\n");

    string Quoted(string value) => value.Contains(_separator, StringComparison.Ordinal) || value.AsSpan().ContainsAny('"', '\r', '\n')
        ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
