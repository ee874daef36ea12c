using System.IO.Compression;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A scorer as an ML.NET transformer.</summary>
[TestClass]
public sealed class ScorerInPipelineTests
{
    static readonly MLContext s_ml = new(seed: 1);

    sealed class Row
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];

        public double Fifth { get; set; }
    }

    sealed class Scored
    {
        public float[] Scores { get; set; } = [];
    }

    static IDataView Data(int rows = 3000) =>
        s_ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows)
            .Select(i => new Row { Features = [i % 7, i % 5, i % 3, i % 2], Fifth = i }).ToArray());

    static Sequential Model()
    {
        var model =
            new Sequential([new Dense(8, activation: "relu", inputShape: [5]), new Dense(3, activation: "softmax")]);
        model.Compile("adam", "mse");
        return model;
    }

    static IEstimator<ITransformer> Features =>
        s_ml.Transforms.Conversion.ConvertType("Fifth").Append(s_ml.Transforms.NormalizeMinMax("Fifth"))
        .Append(s_ml.Transforms.Concatenate("All", "Features", "Fifth"));

    static OnnxScorerOptions Options => new() { InputColumnName = "All", OutputColumnName = "Scores", UseGpu = false };

    [TestMethod]
    public void It_matches_the_network_with_cursors_rows_and_engines()
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: Options);
        ITransformer chain = Features.Fit(Data()).Append(scorer);
        float[][] scores = [.. chain.Transform(Data()).GetColumn<float[]>("Scores")];
        float[] x = [.. Features.Fit(Data()).Transform(Data()).GetColumn<float[]>("All").SelectMany(r => r)];
        float[] expected = model.Predict(new NDArray(x, [3000, 5])).Span.ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], scores[i / 3][i % 3], 1e-5f);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3),
            chain.GetOutputSchema(Data().Schema)["Scores"].Type);
        using PredictionEngine<Row, Scored> engine = s_ml.Model.CreatePredictionEngine<Row, Scored>(chain,
            new PredictionEngineOptions { OwnsTransformer = false });
        CollectionAssert.AreEqual(scores[17],
            engine.Predict(new() { Features = [17 % 7, 17 % 5, 17 % 3, 1], Fifth = 17 }).Scores,
            Comparer<float>.Create((a, b) => Math.Abs(a - b) < 1e-5f ? 0 : 1));
    }

    [TestMethod]
    public void A_pipeline_with_it_is_saved_and_loaded()
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: Options with { Threads = 1, Log = _ => { } });
        ITransformer chain = Features.Fit(Data()).Append(scorer);
        using var file = new MemoryStream();
        s_ml.Model.Save(chain, Data().Schema, file);
        file.Position = 0;
        var other = new MLContext();
        List<string> told = [];
        other.Log += (_, e) => told.Add(e.Message);
        ITransformer loaded = other.Model.Load(file, out _);
        Assert.Contains("the model runs on CPU: the options ask for it.", string.Join('\n', told));
        CollectionAssert.AreEqual(chain.Transform(Data()).GetColumn<float[]>("Scores").SelectMany(r => r).ToArray(),
            loaded.Transform(Data()).GetColumn<float[]>("Scores").SelectMany(r => r).ToArray());
        (loaded as IDisposable)?.Dispose();
    }

    [TestMethod]
    [DataRow("Options.json", "{")]
    [DataRow("Options.json", "null")]
    [DataRow("Options.json", null)]
    [DataRow("Network.onnx", "no graph")]
    [DataRow("Network.onnx", null)]
    public void A_damaged_file_is_rejected(string part, string? content)
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: Options);
        using var file = new MemoryStream();
        s_ml.Model.Save(scorer, null, file);
        using (var zip = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry entry = zip.Entries.Single(e => e.Name == part);
            string name = entry.FullName;
            entry.Delete();
            if (content is not null)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(content);
            }
        }
        file.Position = 0;
        Exception e = Assert.Throws<Exception>(() => new MLContext().Model.Load(file, out _));
        for (; e is not InvalidDataException && e.InnerException is not null; e = e.InnerException) { }
        Assert.IsInstanceOfType<InvalidDataException>(e);
    }

    [TestMethod]
    public void Free_sizes_are_inferred_from_the_column()
    {
        using var model = new Sequential([new Dense(2, activation: "relu", inputShape: [null, 1])]);
        using OnnxScorer scorer = OnnxScorer.From(model, new() { Opset = 15 },
            new() { InputColumnName = "Features", UseGpu = false });
        IDataView scored = scorer.Transform(Data(10));
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4, 2), scored.Schema["Score"].Type);
        NDArray expected = model.Predict(
            new NDArray([.. Data(10).GetColumn<float[]>("Features").SelectMany(r => r)], [10, 4, 1]));
        float[] got = [.. scored.GetColumn<float[]>("Score").SelectMany(r => r)];
        for (int i = 0; i < got.Length; i++) Assert.AreEqual(expected.Span[i], got[i], 1e-5f);
    }

    [TestMethod]
    public void Invalid_columns_and_models_are_rejected_by_name()
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: Options);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => scorer.Transform(Data())).Message,
            "All");
        using OnnxScorer four = OnnxScorer.From(model, options: new() { UseGpu = false });
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => four.GetOutputSchema(Data().Schema)).Message, "5");
        Assert.ThrowsExactly<ArgumentNullException>(() => four.Transform(null!));
        ITransformer chain = Features.Fit(Data()).Append(scorer);
        Assert.ThrowsExactly<NotSupportedException>(() => s_ml.Model.SaveAsOnnx(chain, Data(), new MemoryStream()));

        string folder = Directory.CreateTempSubdirectory("keras").FullName, path = Path.Combine(folder, "large.onnx");
        using (var large = new Sequential([new Dense(300, inputShape: [5])]))
            large.ToOnnx(path, new() { ExternalDataFrom = 0 });
        using (var external = new OnnxScorer(path, Options))
        {
            Assert.AreEqual(300,
                external.Transform(Features.Fit(Data()).Transform(Data())).Schema["Scores"].Type is VectorDataViewType v
                ? v.Size : 0);
            Assert.ThrowsExactly<NotSupportedException>(() => s_ml.Model.Save(external, null, new MemoryStream()));
        }
        var gone = OnnxScorer.From(model, options: Options);
        gone.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => gone.Transform(Data()));
        Directory.Delete(folder, recursive: true);
    }
}
