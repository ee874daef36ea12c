using System.Globalization;

namespace Microsoft.ML.KerasSequential;

// Numbers from a program's own objects.
public sealed partial class NDArray
{
    /// <summary>
    /// Creates a matrix from values of each record:
    /// <c>NDArray.FromRecords(flowers, f =&gt; f.Length, f =&gt; f.Width)</c>.
    /// </summary>
    /// <typeparam name="T">The type of a record.</typeparam>
    /// <param name="records">The records. They are enumerated once.</param>
    /// <param name="columns">
    /// The functions that return the value of a record for each column. Values are rounded to float32. Exceptions that
    /// a function throws propagate to the caller.
    /// </param>
    /// <returns>An array with shape (records, columns).</returns>
    /// <exception cref="ArgumentException">There are no columns, or a record is null.</exception>
    public static NDArray FromRecords<T>(IEnumerable<T> records, params ReadOnlySpan<Func<T, double>> columns)
    {
        if (columns.IsEmpty) throw new ArgumentException("At least one column is needed.", nameof(columns));
        foreach (Func<T, double> column in columns)
            if (column is null) throw new ArgumentException("A column cannot be null.", nameof(columns));
        var values = new List<float>();
        int row = 0;
        foreach (T record in NotNull(records))
        {
            if (record is null) throw new ArgumentException($"Record {row} is null.", nameof(records));
            RequireRoom(values, columns.Length, nameof(records));
            foreach (Func<T, double> column in columns) values.Add((float)column(record));
            row++;
        }
        return new([.. values], row, columns.Length);
    }

    /// <summary>
    /// Creates a matrix from a row of values of each record: <c>NDArray.FromRecords(digits, d =&gt; d.Pixels)</c>.
    /// </summary>
    /// <typeparam name="T">The type of a record.</typeparam>
    /// <param name="records">The records. They are enumerated once.</param>
    /// <param name="row">
    /// The function that returns the values of a record: the same number of values for each one. Exceptions that the
    /// function throws propagate to the caller.
    /// </param>
    /// <returns>An array with shape (records, values).</returns>
    /// <exception cref="ArgumentException">
    /// A record is null, or its values are null or differ in number from those of the first record.
    /// </exception>
    public static NDArray FromRecords<T>(IEnumerable<T> records, Func<T, float[]> row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var values = new List<float>();
        int count = 0, width = 0;
        foreach (T record in NotNull(records))
        {
            if (record is null) throw new ArgumentException($"Record {count} is null.", nameof(records));
            float[] taken = row(record)
                ?? throw new ArgumentException($"Record {count} gives null instead of values.", nameof(records));
            if (count == 0) width = taken.Length;
            if (taken.Length != width)
                throw new ArgumentException($"Record {count} gives {taken.Length} values, but record 0 gives {width}.",
                    nameof(records));
            RequireRoom(values, width, nameof(records));
            values.AddRange(taken);
            count++;
        }
        return new([.. values], count, width);
    }

    /// <summary>Converts strings to class numbers, such as labels for <c>sparse_categorical_crossentropy</c>.</summary>
    /// <param name="texts">One string per sample.</param>
    /// <param name="names">
    /// The classes: the distinct strings, ordered by value if all of them are numbers, and otherwise in ordinal order.
    /// </param>
    /// <returns>An array with shape (texts,) that contains the class number of each string, starting at 0.</returns>
    /// <exception cref="ArgumentException">A string is null.</exception>
    public static NDArray FromClasses(IEnumerable<string> texts, out string[] names)
    {
        string[] all = [.. NotNull(texts)];
        if (Array.IndexOf(all, null!) is var at && at >= 0)
            throw new ArgumentException($"Text {at} is null.", nameof(texts));
        string[] different = [.. all.Distinct(StringComparer.Ordinal)];
        bool areNumbers =
            different.All(t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        names = areNumbers
            ? [.. different.OrderBy(t => double.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture))
                .ThenBy(t => t, StringComparer.Ordinal)]
            : [.. different.Order(StringComparer.Ordinal)];
        return FromClasses(all, names);
    }

    /// <summary>Converts strings to class numbers for known classes, such as those of the training data.</summary>
    /// <param name="texts">One string per sample.</param>
    /// <param name="names">The classes in order. Each class is listed once.</param>
    /// <returns>An array with shape (texts,) that contains the class number of each string, starting at 0.</returns>
    /// <exception cref="ArgumentException">A string is not one of the classes, or a class is listed twice.</exception>
    public static NDArray FromClasses(IEnumerable<string> texts, IReadOnlyList<string> names)
    {
        Dictionary<string, int> numbers = ClassNumbers(names);
        var values = new List<float>();
        foreach (string text in NotNull(texts))
        {
            if (text is null || !numbers.TryGetValue(text, out int number))
                throw new ArgumentException(
                    $"Text {values.Count}, \"{text}\", is not one of the classes {string.Join(", ", names)}.",
                    nameof(texts));
            values.Add(number);
        }
        return new([.. values], values.Count);
    }

    internal static Dictionary<string, int> ClassNumbers(IReadOnlyList<string> names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in NotNull(names))
        {
            if (name is null || !numbers.TryAdd(name, numbers.Count))
                throw new ArgumentException($"Each class must be named once; given {string.Join(", ", names)}.",
                    nameof(names));
        }
        return numbers;
    }

    static void RequireRoom(List<float> values, int more, string parameter)
    {
        if ((long)values.Count + more > Array.MaxLength)
            throw new ArgumentException($"An array can hold at most {Array.MaxLength} values.", parameter);
    }
}
