namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>A row of the summary.</summary>
/// <param name="Name">The name of the layer.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="OutputShape">The shape of its output as Keras prints it; <c>multiple</c> if there are several.</param>
/// <param name="Params">The number of its parameters.</param>
public sealed record SummaryRow(string Name, string ClassName, string OutputShape, int Params);
