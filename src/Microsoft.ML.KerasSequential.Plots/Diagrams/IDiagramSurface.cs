namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>A surface to draw diagrams on.</summary>
internal interface IDiagramSurface
{
    void Box(double x, double y, double width, double height, bool isFilled);

    void Frame(double x, double y, double width, double height);

    void Line(IReadOnlyList<(double X, double Y)> points);

    void Head(IReadOnlyList<(double X, double Y)> corners);

    /// <summary>Draws a text centered vertically at a position.</summary>
    void Text(string text, double x, double middle, double size, bool isCentred);
}
