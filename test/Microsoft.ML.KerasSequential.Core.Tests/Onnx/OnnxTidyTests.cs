using Google.Protobuf;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Tidy removes what is not needed, and nothing else.</summary>
[TestClass]
public sealed class OnnxTidyTests
{
    string _path = "";

    [TestInitialize]
    public void Make() => _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");

    [TestCleanup]
    public void Clean() => File.Delete(_path);

    [TestMethod]
    public void Only_what_the_requested_outputs_need_is_kept_under_the_requested_names()
    {
        K.SetRandomSeed(2);
        using var model =
            new Sequential([new Masking(0, inputShape: [4, 3]), new LSTM(5), new Dense(2, activation: "softmax")]);
        NDArray x = RandomModels.Input(new Random(1), 3, [4, 3]);
        Write(model, file =>
        {
            // As in an exported pipeline: a column that only another output needs, one that none needs, and a label.
            foreach (string name in new[] { "Weight", "Label", "Unused" })
            {
                ValueInfoProto column = file.Graph.Input[0].Clone();
                column.Name = name;
                file.Graph.Input.Add(column);
            }
            file.Graph.Node.Add(
                new NodeProto
                { OpType = "Mul", Name = "scaled", Input = { "Weight", "Weight" }, Output = { "Weight.output" } });
            ValueInfoProto output = file.Graph.Input[1].Clone();
            output.Name = "Weight.output";
            file.Graph.Output.Add(output);
        });
        KerasOnnx.Tidy(_path, outputs: ["dense_1"],
            names: new Dictionary<string, string> { ["masking_1_input"] = "Features", ["dense_1"] = "Score" });
        ModelProto tidy = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_path));
        CollectionAssert.AreEqual(new[] { "Features" }, tidy.Graph.Input.Select(i => i.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "Score" }, tidy.Graph.Output.Select(i => i.Name).ToArray());
        Assert.IsFalse(tidy.Graph.Node.Any(n => n.Name == "scaled"));
        GoldenCase.AssertClose(OnnxEngine.Run(_path, [x]).Values[0].Span, model.Predict(x).Span, 1e-5, 1e-6, "tidy");
        using Sequential again = Sequential.FromOnnx(_path);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), again.Predict(x).ToArray());

        // By default, what all outputs need stays.
        byte[] before = File.ReadAllBytes(_path);
        KerasOnnx.Tidy(_path);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(_path));
    }

    [TestMethod]
    public void Unknown_fields_are_kept()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        Write(model, _ => { });
        byte[] plain = File.ReadAllBytes(_path);
        // Field 25 of a model: its functions.
        File.WriteAllBytes(_path, [.. plain, 0xCA, 0x01, 0x03, 1, 2, 3]);
        KerasOnnx.Tidy(_path);
        CollectionAssert.AreEqual(plain.Concat(new byte[] { 0xCA, 0x01, 0x03, 1, 2, 3 }).ToArray(),
            File.ReadAllBytes(_path));
    }

    [TestMethod]
    public void Missing_and_duplicate_names_are_rejected_and_the_file_stays_unchanged()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3]), new Dense(1)]);
        Write(model, _ => { });
        byte[] before = File.ReadAllBytes(_path);
        Assert.Contains("dense_2",
            Assert.ThrowsExactly<ArgumentException>(() => KerasOnnx.Tidy(_path, outputs: ["Score"])).Message);
        Assert.ThrowsExactly<ArgumentException>(() => KerasOnnx.Tidy(_path, outputs: []));
        Assert.ThrowsExactly<ArgumentException>(() => KerasOnnx.Tidy(_path, outputs: ["dense_2", "dense_2"]));
        foreach ((string old, string given)
            in new[] { ("x", "y"), ("dense_2", ""), ("dense_2", "dense_1_input"), ("dense_2", "dense_1/kernel") })
            Assert.ThrowsExactly<ArgumentException>(
                () => KerasOnnx.Tidy(_path, names: new Dictionary<string, string> { [old] = given }));
        Assert.ThrowsExactly<ArgumentException>(
            () => KerasOnnx.Tidy(
                _path, names: new Dictionary<string, string> { ["dense_2"] = "same", ["dense_1_input"] = "same" }));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(_path));
        File.WriteAllText(_path, "no model");
        Assert.ThrowsExactly<InvalidDataException>(() => KerasOnnx.Tidy(_path));
        // Two names can be swapped.
        File.WriteAllBytes(_path, before);
        KerasOnnx.Tidy(_path, names: new Dictionary<string, string>
        { ["dense_2"] = "dense_1_input", ["dense_1_input"] = "dense_2" });
        NDArray x = RandomModels.Input(new Random(1), 3, [3]);
        GoldenCase.AssertClose(OnnxEngine.Run(_path, [x]).Values[0].Span, model.Predict(x).Span, 1e-5, 1e-6,
            "changed places");
    }

    void Write(Sequential model, Action<ModelProto> change)
    {
        ModelProto file = model.OnnxModel(new());
        change(file);
        File.WriteAllBytes(_path, file.ToByteArray());
    }
}
