using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// A line of progress that fits into a number of columns. Where room is short the bar shrinks, then it goes, then the
/// time
/// of a step, then values from the last one on.
/// </summary>
internal static class ProgressLine
{
    const int ShortestBar = 5;
    const string More = " …";

    /// <summary>Writes the line into a builder that is empty.</summary>
    /// <param name="line">The builder.</param>
    /// <param name="columns">How many characters there may be.</param>
    /// <param name="count">How far it is.</param>
    /// <param name="bar">Draws a bar of so many characters; null if there is none.</param>
    /// <param name="barWidth">How long the bar is where there is room.</param>
    /// <param name="time">The time so far or to come.</param>
    /// <param name="pace">The time of a step.</param>
    /// <param name="values">The values, each with its name.</param>
    public static void Write(StringBuilder line, int columns, string count, Action<StringBuilder, int>? bar,
        int barWidth, string time, string pace, IReadOnlyList<string> values)
    {
        int all = values.Sum(v => v.Length), brackets = " []".Length;
        int room = columns - count.Length - time.Length - pace.Length - all;
        line.Append(count);
        if (bar is not null && room >= brackets + Math.Min(ShortestBar, barWidth))
        {
            line.Append(" [");
            bar(line, Math.Min(barWidth, room - brackets));
            line.Append(']');
        }
        line.Append(time);
        if (room >= 0) line.Append(pace);
        else room += pace.Length;
        for (int i = 0; i < values.Count; i++)
        {
            int rest = columns - line.Length;
            bool fits = values[i].Length + (room < 0 && i < values.Count - 1 ? More.Length : 0) <= rest;
            if (!fits)
            {
                if (More.Length <= rest) line.Append(More);
                break;
            }
            line.Append(values[i]);
        }
        if (line.Length > columns) line.Length = Math.Max(0, columns);
    }
}
