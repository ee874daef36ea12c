using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Writes one line per epoch to a file of delimited values (Keras <c>keras.callbacks.CSVLogger</c>).</summary>
public class CSVLogger : Callback
{
    string[]? _keys;
    bool _needsHeader;

    /// <summary>Gets the path of the file.</summary>
    public string Filename { get; }

    /// <summary>Gets the separator between values (Keras <c>sep</c>).</summary>
    public string Separator { get; }

    /// <summary>Gets a value that indicates whether lines are appended to an existing file.</summary>
    public bool Append { get; }

    /// <summary>Gets the columns after the epoch, in order, or null if they are not known yet.</summary>
    public IReadOnlyList<string>? Keys => _keys;

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="filename">The path of the file.</param>
    /// <param name="separator">The separator between values.</param>
    /// <param name="append">true to append lines to an existing file; false to replace it.</param>
    /// <exception cref="ArgumentException">The file name or the separator is empty.</exception>
    public CSVLogger(string filename, string separator = ",", bool append = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(filename);
        ArgumentException.ThrowIfNullOrEmpty(separator);
        (Filename, Separator, Append) = (filename, separator, append);
    }

    /// <exception cref="ArgumentException">Lines would be appended to a file with different columns.</exception>
    internal override void Check(TrainingPlan plan)
    {
        if (Header() is not { } columns) return;
        string[] missing = [.. plan.Logs.Prepend("epoch").Except(columns)],
            unknown = [.. columns.Where(c => c != "epoch" && !plan.MayLog(c))];
        if (missing.Length + unknown.Length > 0)
        {
            throw TrainingPlan.Misfit(this,
                $"the file {Filename} has the columns {string.Join(", ", columns)}, but this training run logs epoch, "
                + $"{string.Join(", ", plan.Logs)}. "
                + "Choose another file, or pass append: false to replace it.");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public override void OnTrainBegin()
    {
        string[]? header = Header();
        (_keys, _needsHeader) = (header?[1..], header is null);
        AtomicFile.MakeFolder(Filename);
        if (!Append) File.WriteAllText(Filename, "");
    }

    /// <summary>Reads the columns of the file to append to. Returns null if there is no file yet.</summary>
    string[]? Header()
    {
        if (!Append || !File.Exists(Filename) || File.ReadLines(Filename).FirstOrDefault() is not { Length: > 0 } line)
            return null;
        var columns = new List<string>();
        for (int at = 0; at <= line.Length;)
        {
            bool quoted = at < line.Length && line[at] == '"';
            int end = quoted ? line.IndexOf($"\"{Separator}", at + 1, StringComparison.Ordinal)
                : line.IndexOf(Separator, at, StringComparison.Ordinal);
            if (end < 0) end = line.Length - (quoted ? 1 : 0);
            columns.Add(quoted ? line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal) : line[at..end]);
            at = end + (quoted ? 1 : 0) + Separator.Length;
        }
        return [.. columns];
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (_keys is null)
        {
            // Validation might run only in later epochs, or not at all after a stop, so its columns exist from the
            // start.
            _keys = [.. logs.Keys.Union(Params.Metrics).Order(StringComparer.Ordinal)];
            if (_needsHeader) Add(_keys.Prepend("epoch"));
        }
        IEnumerable<string> values =
            _keys.Select(k => logs.TryGetValue(k, out double value) ? PythonFormat.Repr(value) : "NA");
        Add(values.Prepend(epoch.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>
    /// Gets the columns and the lines written so far. When training resumes, lines that a terminated process wrote
    /// after this point are discarded and written again.
    /// </summary>
    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject
    {
        ["keys"] = _keys is null ? null : new JsonArray([.. _keys.Select(k => (JsonNode)k)]),
        ["lines"] = File.ReadAllText(Filename)
    };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        if (state.GetProperty("keys") is not { ValueKind: JsonValueKind.Array } keys) return;
        _keys = [.. keys.EnumerateArray().Select(k => k.GetString()!)];
        File.WriteAllText(Filename, state.GetProperty("lines").GetString());
    }

    /// <summary>
    /// Appends a line. The file is open only during this call, so it is complete no matter how training ends.
    /// </summary>
    void Add(IEnumerable<string> values) =>
        File.AppendAllText(Filename, string.Join(Separator, values.Select(Quoted)) + "\r\n");

    string Quoted(string value) =>
        value.Contains(Separator, StringComparison.Ordinal) || value.AsSpan().ContainsAny('"', '\r', '\n')
        ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
