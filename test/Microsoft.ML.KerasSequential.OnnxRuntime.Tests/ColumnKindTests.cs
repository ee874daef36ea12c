using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.Outcome;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Each kind of column as a feature of a network, in ONNX Runtime.</summary>
[TestClass]
public sealed class ColumnKindTests
{
    static readonly MLContext s_ml = new(seed: 1);

    public static IEnumerable<object[]> Kinds =>
        ColumnKinds.All.Keys.SelectMany(k => new[] { new object[] { k, false }, [k, true] });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Each_kind_of_column_alone_and_concatenated_matches_ML_NET_for_1_and_20_rows(string name, bool isJoined)
    {
        ColumnKind kind = ColumnKinds.All[name];
        IDataView training = s_ml.Data.LoadFromEnumerable(ColumnKinds.Training);
        ITransformer model = Network(kind, training, isJoined ? ["F", "Distances"] : ["F"]).Fit(training);

        (Outcome saved, string why) = Run(model, path => s_ml.Model.SaveAsOnnx(model, training, path, "F", "Score"));
        Assert.AreEqual(kind.Saved, saved, $"SaveAsOnnx: {why}");
        if (saved == Refused) StringAssert.Contains(why, kind.Names);

        (Outcome converted, why) = Run(model, path =>
        {
            using FileStream stream = File.Create(path);
            s_ml.Model.ConvertToOnnx(model, training, stream, "Score");
        });
        Assert.AreEqual(kind.Converted, converted, $"ConvertToOnnx: {why}");
    }

    static IEstimator<ITransformer> Network(ColumnKind kind, IDataView training, string[] features)
    {
        DataViewType type = kind.Featurizer().Fit(training).GetOutputSchema(training.Schema)["F"].Type;
        bool isShaped = type is VectorDataViewType { Dimensions.Length: > 1 };
        Layer[] layers = isShaped ? [new Flatten(), new Dense(3), new Dense(1)] : [new Dense(3), new Dense(1)];
        return kind.Featurizer().Append(s_ml.Regression.Trainers.KerasSequential(layers,
            new() { FeatureColumnNames = features, LabelColumnName = "Price", Epochs = 1, Seed = 1 }));
    }

    static (Outcome Outcome, string Why) Run(ITransformer model, Action<string> write)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("keras").FullName, "kind.onnx");
        try
        {
            write(file);
        }
        catch (Exception e) when (e is NotSupportedException or KeyNotFoundException)
        {
            return (Refused, e.Message);
        }
        IDataView test = s_ml.Data.LoadFromEnumerable(ColumnKinds.Test), expected = model.Transform(test);
        (Outcome one, string why) = Compare(file, test, expected, batch: 1);
        if (one != Right) return (one, why);
        (Outcome twenty, why) = Compare(file, test, expected, batch: 20);
        return (twenty == Right ? Right : RowByRow, why);
    }

    static (Outcome Outcome, string Why) Compare(string file, IDataView test, IDataView expected, int batch)
    {
        try
        {
            using var view = new OnnxFileView(file, test, batch);
            foreach (string output in view.Outputs)
            {
                string column = output[..^".output".Length];
                string? difference = Difference(OnnxFileView.Read(expected, expected.Schema[column]),
                    view.Values(output));
                if (difference is not null) return (Differs, $"{column}, {batch} at once: {difference}");
            }
            return (Right, "");
        }
        catch (Exception e) when (e is Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
        {
            return (DoesNotRun, e.Message);
        }
    }

    static string? Difference(Array[] expected, Array[] actual)
    {
        if (actual.Length != expected.Length) return $"{actual.Length} rows instead of {expected.Length}";
        for (int i = 0; i < expected.Length; i++)
        {
            double[] wanted = Numbers(expected[i]), got = Numbers(actual[i]);
            if (got.Length != wanted.Length) return $"{got.Length} values instead of {wanted.Length} in row {i}";
            for (int j = 0; j < wanted.Length; j++)
            {
                double tolerance = 1e-5 * Math.Max(1, Math.Abs(wanted[j]));
                bool isClose = double.IsNaN(wanted[j]) ? double.IsNaN(got[j])
                    : Math.Abs(wanted[j] - got[j]) <= tolerance;
                if (!isClose) return $"{got[j]} instead of {wanted[j]} in row {i}";
            }
        }
        return null;

        static double[] Numbers(Array values) => [.. values.Cast<object>().Select(Convert.ToDouble)];
    }
}
