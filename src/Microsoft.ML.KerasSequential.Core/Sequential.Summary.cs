using System.Globalization;
using System.Text;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential;

// The model as a table.
public sealed partial class Sequential
{
    const int MaxWidth = 10_000;

    /// <summary>Prints the layers with their output shapes and parameter counts (Keras <c>summary</c>).</summary>
    /// <param name="lineLength">The width of the table; 65 by default.</param>
    /// <param name="positions">The ends of the columns, as fractions of the width or in characters; 0.45, 0.85 and 1 by
    /// default.</param>
    /// <param name="printFn">A function that prints a line; the console by default.</param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">The width or the positions are invalid.</exception>
    public void Summary(int? lineLength = null, IReadOnlyList<double>? positions = null, Action<string>? printFn = null)
    {
        RequireBuilt(_output);
        int width = lineLength ?? 65;
        if (width is < 3 or > MaxWidth)
            throw new ArgumentOutOfRangeException(nameof(lineLength),
                $"The line length must be from 3 to {MaxWidth}; given {width}.");
        IReadOnlyList<double> ends = positions ?? [0.45, 0.85, 1];
        if (ends.Count < 3)
            throw new ArgumentException($"The table has 3 columns; given {ends.Count} positions.", nameof(positions));
        int[] columns = [.. ends.Select(p => (int)(ends[^1] <= 1 ? p * width : p))];
        if (columns.Any(c => c is < 1 or > MaxWidth) || !columns.SequenceEqual(columns.Order()))
            throw new ArgumentException($"The positions of columns must ascend from 1 to at most {MaxWidth} "
                + $"characters; given {string.Join(", ", ends)}.", nameof(positions));
        Action<string> print = printFn ?? Console.WriteLine;

        print($"Model: \"{Name}\"");
        print(new string('_', width));
        print(Row(columns, "Layer (type)", "Output Shape", "Param #"));
        print(new string('=', width));
        for (int i = 0; i < _layers.Count; i++)
        {
            Layer layer = _layers[i];
            print(
                Row(columns, $"{layer.Name} ({layer.ClassName})", layer.OutputShape?.ToString() ?? "multiple",
                    layer.CountParams().ToString(CultureInfo.InvariantCulture)));
            print(new string(i == _layers.Count - 1 ? '=' : '_', width));
        }
        long trainable = (_collectedWeights ?? TrainableWeights).Sum(w => (long)w.Size);
        long total = LayerWeights.Sum(w => (long)w.Size);
        print(string.Create(CultureInfo.InvariantCulture, $"Total params: {total:N0}"));
        print(string.Create(CultureInfo.InvariantCulture, $"Trainable params: {trainable:N0}"));
        print(string.Create(CultureInfo.InvariantCulture, $"Non-trainable params: {total - trainable:N0}"));
        print(new string('_', width));
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
