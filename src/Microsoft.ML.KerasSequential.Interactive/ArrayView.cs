using System.Globalization;
using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>
/// An array as a table of its values; with more than two dimensions, a table for each of the first and the last
/// matrices.
/// </summary>
internal static class ArrayView
{
    const int MostMatrices = 4;

    public static string Brief(NDArray array) => $"NDArray {Shape.Format(array.Shape)}";

    public static XElement Html(NDArray array)
    {
        string title = Brief(array);
        if (array.Size == 0) return Markup.Element("div", $"{title}: no values");
        return array.Rank switch
        {
            0 => Markup.Element("div", $"{title}: {Number(array[[]])}"),
            1 => Matrix(array, 0, 1, array.Size, title, isVector: true),
            2 => Matrix(array, 0, array.Shape[0], array.Shape[1], title, isVector: false),
            _ => Matrices(array, title),
        };
    }

    static XElement Matrices(NDArray array, string title)
    {
        (int rows, int columns) = (array.Shape[^2], array.Shape[^1]);
        int count = array.Size / (rows * columns);
        return Markup.Element("div", [
            Markup.Element("div", title),
            .. Excerpt.Of(count, MostMatrices).Select(at => at is { } matrix
                ? Matrix(array, matrix * rows * columns, rows, columns, Position(array, matrix), isVector: false)
                : Markup.Element("div", $"{Excerpt.Gap} {Counted(count - MostMatrices)} more {Excerpt.Gap}")),
        ]);
    }

    /// <summary>A matrix of the array.</summary>
    /// <param name="array">The array.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="caption">What stands above.</param>
    /// <param name="isVector">Whether the only row has no number.</param>
    static XElement Matrix(NDArray array, int start, int rows, int columns, string caption, bool isVector)
    {
        int?[] shownRows = Excerpt.Of(rows, Formatter.ListExpansionLimit);
        int?[] shownColumns = Excerpt.Of(columns, Formatter.ListExpansionLimit);
        string Value(int? row, int? column) =>
            row is { } r && column is { } c ? Number(array.Span[start + r * columns + c]) : Excerpt.Gap;
        return Markup.Table(caption,
            ["", .. shownColumns.Select(Index)],
            shownRows.Select(row =>
                (string[])[isVector ? "" : Index(row), .. shownColumns.Select(column => Value(row, column))]));
    }

    /// <summary>The indices of a matrix: <c>[2, 0, :, :]</c>.</summary>
    static string Position(NDArray array, int matrix)
    {
        string[] indices = new string[array.Rank];
        (indices[^2], indices[^1]) = (":", ":");
        for (int i = array.Rank - 3; i >= 0; i--)
        {
            indices[i] = Index(matrix % array.Shape[i]);
            matrix /= array.Shape[i];
        }
        return $"[{string.Join(", ", indices)}]";
    }

    static string Index(int? index) => index?.ToString(CultureInfo.InvariantCulture) ?? Excerpt.Gap;

    static string Counted(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The shortest text that stands for the same float32.</summary>
    static string Number(float value) => value.ToString(CultureInfo.InvariantCulture);
}
