using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Keras' own files, by extension: <c>.keras</c> (version 3), <c>.weights.h5</c> (weights, version 3), other <c>.h5</c>
/// and <c>.hdf5</c> (models and weights as Keras 2 and tf.keras write them; those of Keras 3 can also be read).
/// </summary>
internal sealed class KerasFiles : KerasFormats
{
    internal const string ModelConfig = "model_config";

    const string TrainingConfig = "training_config", OptimizerGroup = "optimizer_weights";

    public override void Save(Sequential model, string path, Stream stream, bool includeOptimizer)
    {
        if (IsZip(path))
        {
            KerasZip.Write(model, stream, includeOptimizer);
            return;
        }
        JsonObject config = model.Description();
        var file = new H5File();
        file.Attributes["backend"] = "tensorflow";
        file.Attributes["keras_version"] = "2.3.1";
        file.Attributes[ModelConfig] = new JsonObject
        {
            ["class_name"] = "Sequential",
            ["config"] = config["config"]!.DeepClone()
        }.ToJsonString();
        var weights = new H5Group();
        LayerFile.Write(model, weights);
        file["model_weights"] = weights;
        if (includeOptimizer && model.Optimizer is not null)
        {
            file.Attributes[TrainingConfig] = PlainNames.Of(model.TrainingConfig()).ToJsonString();
            IReadOnlyList<(string Name, NDArray Value)> state = OptimizerWeights.Two(model.Optimizer,
                model.TrainableWeights);
            if (state.Count > 0)
            {
                var group = new H5Group();
                group.Attributes["weight_names"] = H5.Attribute([.. state.Select(s => s.Name)]);
                foreach ((string name, NDArray value) in state)
                    H5.Put(group, name,
                        name.EndsWith("/iterations", StringComparison.Ordinal)
                            || name.EndsWith("/iteration", StringComparison.Ordinal)
                        ? new H5Dataset((long)value.ToArray()[0])
                        : H5.Dataset(value));
                file[OptimizerGroup] = group;
            }
        }
        file.Write(stream);
    }

    public override Sequential Load(Stream stream, string path, string extension, bool compile) =>
        IsZip(extension) ? KerasZip.Read(stream, path, compile) : H5.Read(stream, path, file =>
    {
        var budget = new NumberBudget(stream);
        string text = H5.Text(file, ModelConfig)
            ?? throw new InvalidDataException($"{path} contains no model: it lacks the attribute {ModelConfig} (use "
                + "LoadWeights for a file of weights).");
        using JsonDocument config = Parse(text, path, ModelConfig);
        Sequential model;
        using (WeightBudget.Limit(budget.Left, path))
            model = Sequential.FromConfig(config.RootElement);
        try
        {
            Fill(model, LayerFile.Read(model, LayerFile.Weights(file), path, WeightMatch.Whole, budget));
            if (compile && H5.Text(file, TrainingConfig) is { } training)
            {
                using JsonDocument arguments = Parse(training, path, TrainingConfig);
                model.CompileAs(new Config(Keras3Config.Training(arguments.RootElement), $"{path}, {TrainingConfig}"));
                if (H5.Group(file, OptimizerGroup) is { } group)
                {
                    string[] names = H5.Texts(group, "weight_names") ?? [];
                    var values = new List<NDArray>();
                    foreach (string name in names) values.Add(H5.Numbers(group, name, budget).Read());
                    if (names is [var first, ..] && (first.EndsWith("/iteration", StringComparison.Ordinal)
                        || names.Any(n => n.Contains("learning_rate", StringComparison.Ordinal))))
                        OptimizerWeights.ReadThree(model.Optimizer!, model.TrainableWeights, values, path);
                    else OptimizerWeights.ReadTwo(model.Optimizer!, model.TrainableWeights, values, path);
                }
            }
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    });

    public override void SaveWeights(Sequential model, string path, Stream stream)
    {
        if (IsZip(path))
            throw new NotSupportedException(
                $"The extension of the file {path} is that of a whole model; use .weights.h5 or .h5 for weights.");
        var file = new H5File();
        if (path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase)) TreeFile.Write(model, file);
        else LayerFile.Write(model, file);
        file.Write(stream);
    }

    public override IReadOnlyList<(Variable Weight, NDArray Value)> ReadWeights(Sequential model, Stream stream,
        string path, WeightMatch match)
    {
        if (IsZip(path)) return KerasZip.ReadWeights(model, stream, path, match);
        var budget = new NumberBudget(stream);
        return H5.Read<IReadOnlyList<(Variable, NDArray)>>(stream, path, file =>
        {
            if (LayerFile.Is(file))
                return [.. LayerFile.Read(model, LayerFile.Weights(file), path, match, budget)
                    .Select(v => (v.Weight, v.Value.Read()))];
            if (!TreeFile.Is(file))
                throw new InvalidDataException(
                    $"{path} contains no Keras weights: it has neither layer_names nor a group \"layers\".");
#pragma warning disable CA2208 // The argument of LoadWeights.
            if (match.ByName)
                throw new ArgumentException($"{path} is from Keras 3, whose weights are identified by position, not by "
                    + "layer names; load without byName.", "byName");
#pragma warning restore CA2208
            return [.. TreeFile.Read(model, file, path, match, budget).Select(v => (v.Weight, v.Value.Read()))];
        });
    }

    /// <summary>Reads values directly into the weights of a model that is not yet shared.</summary>
    public static void Fill(Sequential model, IEnumerable<(Variable Weight, StoredNumbers Value)> values)
    {
        if (!model.Built) throw new InvalidDataException("the configuration of its model lacks an input shape");
        foreach ((Variable weight, StoredNumbers value) in values)
        {
            weight.Write(values => value.CopyTo(values));
        }
    }

    /// <exception cref="InvalidDataException">The text is not JSON.</exception>
    public static JsonDocument Parse(string text, string source, string what)
    {
        try
        {
            return JsonDocument.Parse(text, new() { MaxDepth = 256 });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source} is damaged: {what} is not JSON ({e.Message}).", e);
        }
    }

    static bool IsZip(string path) => Path.GetExtension(path).Equals(".keras", StringComparison.OrdinalIgnoreCase);
}
