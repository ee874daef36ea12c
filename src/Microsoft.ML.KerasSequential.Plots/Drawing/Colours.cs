using ScottPlot;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>Colors that people with color blindness can distinguish (Okabe and Ito 2008), dark enough for lines on
/// white.</summary>
internal static class Colours
{
    static readonly Color[] s_colors =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9",
        "#000000" }.Select(Color.FromHex)];

    static readonly LinePattern[] s_patterns =
        [LinePattern.Solid, LinePattern.DenselyDashed, LinePattern.Dotted, new([12, 4, 3, 4], 0, "DashDot")];

    static readonly MarkerShape[] s_markers =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond];

    public static readonly Color Ink = Color.FromHex("#222222"), Faint = Color.FromHex("#767676"),
        Grid = Color.FromHex("#E4E4E4");

    public static Color Of(int index) => s_colors[index % s_colors.Length];

    /// <summary>The line pattern for an index; it changes when the colors start over.</summary>
    public static LinePattern Line(int index) => s_patterns[index / s_colors.Length % s_patterns.Length];

    /// <summary>The marker for an index; its shape changes when the colors start over.</summary>
    public static MarkerShape Marker(int index) => s_markers[index / s_colors.Length % s_markers.Length];

    /// <summary>From white (0) to dark blue (1).</summary>
    public static Color Blue(double share)
    {
        (double R, double G, double B)[] stops = [(255, 255, 255), (158, 202, 225), (49, 130, 189), (8, 48, 107)];
        double at = Math.Clamp(share, 0, 1) * (stops.Length - 1);
        int left = Math.Min((int)at, stops.Length - 2);
        byte Mixed(double a, double b) => (byte)Math.Round(a + (b - a) * (at - left));
        ((double R, double G, double B) low, (double R, double G, double B) high) = (stops[left], stops[left + 1]);
        return new(Mixed(low.R, high.R), Mixed(low.G, high.G), Mixed(low.B, high.B));
    }

    /// <summary>Black or white, whichever has more contrast with a color (by WCAG 2).</summary>
    public static Color TextOn(Color color)
    {
        static double Linear(byte value) => value / 255.0 is var v && v <= 0.03928 ? v / 12.92
            : Math.Pow((v + 0.055) / 1.055, 2.4);
        double luminance = 0.2126 * Linear(color.R) + 0.7152 * Linear(color.G) + 0.0722 * Linear(color.B);
        return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? Colors.White : Colors.Black;
    }
}
