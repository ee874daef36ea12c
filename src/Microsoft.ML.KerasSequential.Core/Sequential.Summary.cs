using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential;

// The model as a table.
public sealed partial class Sequential
{
    const int MaxWidth = 10_000;

    static readonly string[] s_headings = ["Layer (type)", "Output Shape", "Param #", "Trainable"];

    /// <summary>Prints the layers with their output shapes and parameter counts (Keras <c>summary</c>).</summary>
    /// <param name="lineLength">The width of the table; 65 by default.</param>
    /// <param name="positions">
    /// The ends of the columns, as fractions of the width or in characters. The default is 0.45, 0.85 and 1; with
    /// <paramref name="showTrainable"/>, 0.4, 0.72, 0.86 and 1.
    /// </param>
    /// <param name="printFn">A function that prints a line; the console by default.</param>
    /// <param name="expandNested">Whether to list the layers of models that are layers.</param>
    /// <param name="showTrainable">Whether to add a column that shows which layers are trainable: Y or N.</param>
    /// <param name="layerRange">
    /// The names of the first and the last layer to print, or regular expressions that match from the start of a name;
    /// all layers by default.
    /// </param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">
    /// The width, the positions, or the range is invalid, or no layer matches the range.
    /// </exception>
    public void Summary(int? lineLength = null, IReadOnlyList<double>? positions = null, Action<string>? printFn = null,
        bool expandNested = false, bool showTrainable = false, (string First, string Last)? layerRange = null)
    {
        RequireBuilt(_output);
        IReadOnlyList<Layer> shown = layerRange is { } range ? InRange(range.First, range.Last) : _layers;
        int width = lineLength ?? 65;
        if (width is < 3 or > MaxWidth)
            throw new ArgumentOutOfRangeException(nameof(lineLength),
                $"The line length must be from 3 to {MaxWidth}; given {width}.");
        IReadOnlyList<double> ends = positions ?? (showTrainable ? [0.4, 0.72, 0.86, 1] : [0.45, 0.85, 1]);
        int count = showTrainable ? 4 : 3;
        if (ends.Count < count)
            throw new ArgumentException($"The table has {count} columns; given {ends.Count} positions.",
                nameof(positions));
        int[] columns = [.. ends.Select(p => (int)(ends[^1] <= 1 ? p * width : p))];
        if (columns.Any(c => c is < 1 or > MaxWidth) || !columns.SequenceEqual(columns.Order()))
            throw new ArgumentException($"The positions of columns must ascend from 1 to at most {MaxWidth} "
                + $"characters; given {string.Join(", ", ends)}.", nameof(positions));
        Action<string> print = printFn ?? Console.WriteLine;

        print($"Model: \"{Name}\"");
        print(new string('_', width));
        print(Row(columns, s_headings[..count]));
        print(new string('=', width));
        for (int i = 0; i < shown.Count; i++)
        {
            Print(shown[i], "");
            print(new string(i == shown.Count - 1 ? '=' : '_', width));
        }
        long trainable = (CollectedWeights ?? TrainableWeights).Sum(w => (long)w.Size);
        long total = LayerWeights.Sum(w => (long)w.Size);
        print(string.Create(CultureInfo.InvariantCulture, $"Total params: {total:N0}"));
        print(string.Create(CultureInfo.InvariantCulture, $"Trainable params: {trainable:N0}"));
        print(string.Create(CultureInfo.InvariantCulture, $"Non-trainable params: {total - trainable:N0}"));
        print(new string('_', width));

        void Print(Layer layer, string indent)
        {
            string[] fields = [$"{indent}{layer.Name} ({layer.ClassName})", layer.OutputShape?.ToString() ?? "multiple",
                layer.CountParams().ToString(CultureInfo.InvariantCulture), layer.Trainable ? "Y" : "N"];
            print(Row(columns, fields[..count]));
            if (!expandNested || layer is not Sequential nested) return;
            foreach (Layer inner in nested._layers) Print(inner, indent.Length == 0 ? " └ " : "  " + indent);
        }
    }

    /// <summary>The layers from the first to the last one that match.</summary>
    List<Layer> InRange(string from, string to)
    {
        int first = _layers.FindIndex(l => Matches(l, from)), last = _layers.FindLastIndex(l => Matches(l, to));
        if (first < 0 || last < 0)
            throw new ArgumentException(
                $"No layer of the model {Name} matches \"{(first < 0 ? from : to)}\"; its layers "
                + $"are {string.Join(", ", _layers.Select(l => l.Name))}.", first < 0 ? nameof(from) : nameof(to));
        return first <= last ? _layers[first..(last + 1)] : InRange(to, from);

        static bool Matches(Layer layer, string pattern)
        {
            ArgumentNullException.ThrowIfNull(pattern);
            return Regex.IsMatch(layer.Name, $"^(?:{pattern})", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
    }

    static string Row(int[] columns, params string[] fields)
    {
        var line = new StringBuilder();
        for (int i = 0; i < fields.Length; i++)
        {
            if (i > 0 && line.Length > 0) line[^1] = ' ';
            line.Append(fields[i]);
            line.Length = Math.Min(line.Length, columns[i]);
            line.Append(' ', columns[i] - line.Length);
        }
        return line.ToString();
    }
}
