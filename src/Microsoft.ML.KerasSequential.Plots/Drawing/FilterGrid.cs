using Microsoft.ML.KerasSequential.Plots.Numbers;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>Small images in a grid.</summary>
internal static class FilterGrid
{
    const int Gap = 6, Margin = 14, LeastWidth = 260;
    const long LargestArea = 1L << 26;

    public static void Write(PictureFile file, FilterImages filters, string title, int tileSize)
    {
        int pixel = Math.Max(1, tileSize / Math.Max(filters.Rows, filters.Columns));
        (int tileWidth, int tileHeight) = (filters.Columns * pixel, filters.Rows * pixel);
        // About square, whatever the tile sizes are.
        int count = filters.Images.Count;
        int columns = Math.Clamp((int)Math.Ceiling(Math.Sqrt((double)count * (tileHeight + Gap) / (tileWidth + Gap))),
            1, count);
        int rows = (count + columns - 1) / columns;
        (int gridWidth, int gridHeight) = (columns * (tileWidth + Gap) - Gap, rows * (tileHeight + Gap) - Gap);
        if ((long)gridWidth * gridHeight > LargestArea)
        {
            throw new ArgumentException($"{count} filters need an image of {gridWidth} × {gridHeight} pixels; draw "
                + "fewer or smaller ones.", nameof(tileSize));
        }
        int width = Math.Max(LeastWidth, gridWidth + 2 * Margin);
        Face face = PlotFont.For([title]);
        // A title needs 36 pixels, with space below.
        int top = string.IsNullOrWhiteSpace(title) ? Margin : 38;
        using SKBitmap grid = Grid(filters, pixel, columns, gridWidth, gridHeight);
        file.Write(width, top + gridHeight + Margin, canvas =>
        {
            Page.DrawTitle(canvas, face, title, width);
            canvas.DrawBitmap(grid, (width - gridWidth) / 2, top);
        });
    }

    /// <summary>Draws all filters on white, with a square of pixels per weight, so that viewers do not blur
    /// them.</summary>
    static SKBitmap Grid(FilterImages filters, int pixel, int columns, int width, int height)
    {
        var grid = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(grid);
        using var paint = new SKPaint { IsAntialias = false };
        canvas.Clear(SKColors.White);
        foreach ((int index, byte[] image) in filters.Images.Index())
        {
            int left = index % columns * (filters.Columns * pixel + Gap),
                top = index / columns * (filters.Rows * pixel + Gap);
            for (int place = 0; place < filters.Rows * filters.Columns; place++)
            {
                ReadOnlySpan<byte> color = image.AsSpan(place * filters.Channels, filters.Channels);
                paint.Color = new(color[0], color[filters.Channels / 2], color[^1]);
                canvas.DrawRect(left + place % filters.Columns * pixel, top + place / filters.Columns * pixel, pixel,
                    pixel, paint);
            }
        }
        return grid;
    }
}
