namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>What diagrams are drawn on.</summary>
internal interface IDiagramSurface
{
    void Box(double x, double y, double width, double height, bool isFilled);

    void Frame(double x, double y, double width, double height);

    void Line(IReadOnlyList<(double X, double Y)> points);

    void Head(IReadOnlyList<(double X, double Y)> corners);

    /// <summary>Writes a text whose middle is at a height.</summary>
    void Text(string text, double x, double middle, double size, bool isCentred);
}
