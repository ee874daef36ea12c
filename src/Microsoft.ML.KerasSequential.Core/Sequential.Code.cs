using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// The architecture as C# code.
public sealed partial class Sequential
{
    /// <summary>
    /// The architecture, and what the model was compiled with, as C# code: using directives and statements that make
    /// the variable <c>model</c>. Weights are not part of it.
    /// </summary>
    /// <returns>The code. Arguments that have their defaults are left out, names that the library gave too. A class of
    /// your own is written as <c>new YourClass(/* its configuration */)</c>.</returns>
    /// <exception cref="InvalidOperationException">A layer holds a function, which cannot be written.</exception>
    [RequiresUnreferencedCode("Constructors are looked up by the names of their classes.")]
    public string ToCSharp()
    {
        var writer = new CSharpWriter();
        JsonObject description = Description();
        var body = new StringBuilder();
        body.Append("var model = ").Append(writer.Write(description, typeof(Layers.Layer))).Append(";\n");
        bool isBuiltByItsFirstLayer = description["config"]!["layers"]!.AsArray().FirstOrDefault()?["config"]!["batch_input_shape"] is not null;
        if (_input is not null && !isBuiltByItsFirstLayer) body.Append("model.Build(").Append(writer.Write(Config.Sizes(_input.Shape), typeof(Shape))).Append(");\n");
        if (Optimizer is not null) body.Append("model.Compile(").AppendJoin(", ", CompileArguments(writer)).Append(");\n");
        return string.Join('\n', writer.Usings) + "\n\n" + body;
    }

    [RequiresUnreferencedCode("Constructors are looked up by the names of their classes.")]
    IEnumerable<string> CompileArguments(CSharpWriter writer)
    {
        JsonObject training = TrainingConfig();
        yield return "optimizer: " + writer.Write(training["optimizer_config"], typeof(Optimizer));
        if (training["loss"] is { } loss) yield return "loss: " + writer.Write(loss, typeof(Loss));
        foreach ((string key, string parameter) in new[] { ("metrics", "metrics"), ("weighted_metrics", "weightedMetrics") })
            if (training[key] is JsonArray { Count: > 0 } metrics) yield return $"{parameter}: [{string.Join(", ", metrics.Select(m => writer.Write(m, typeof(Metric))))}]";
        if (training["loss_weights"] is { } weight && weight.GetValue<double>() != 1) yield return "lossWeights: " + writer.Write(weight, typeof(double));
        if (training["sample_weight_mode"] is { } mode) yield return "sampleWeightMode: " + writer.Write(mode, typeof(string));
    }
}
