using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Interactive;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/notebooks.md.</summary>
[TestClass]
public sealed class NotebooksExample
{
    [TestMethod]
    public void Runs()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory().FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            #region example
            KerasSequentialFormatters.Register();              // a notebook's kernel does this by itself

            using var model = new Sequential(
                [new Dense(8, activation: "tanh", inputShape: [2]), new Dense(1)], name: "xor");
            model.Compile("adam", "mse");
            NDArray x = new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } };
            NDArray y = new float[,] { { 0 }, { 1 }, { 1 }, { 0 } };
            History history = model.Fit(x, y, epochs: 20, verbose: 0);

            object[] shown = [model, model.SummaryTable(), history, model.Evaluate(x, y, verbose: 0), model.Predict(x)];
            File.WriteAllLines("report.html", shown.Select(value => value.ToDisplayString(HtmlFormatter.MimeType)));
            #endregion
            string report = File.ReadAllText("report.html");
            foreach (string part in new[] { "<svg", "xor", "Total params: 33", "loss by epoch", "NDArray (4, 1)" })
                Assert.Contains(part, report);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }
}
