using System.Text.Json;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using RandomOp = Microsoft.ML.KerasSequential.Ops.RandomOp;
using Scan = Microsoft.ML.KerasSequential.Ops.Scan;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Keras' layer test for every layer: shapes, weights, configuration, gradients, short training.</summary>
[TestClass]
public sealed class LayerTests
{
    /// <summary>The same models for other tests.</summary>
    internal sealed record TestModel(string Name, int Index, Func<Sequential> Make, Func<int, NDArray> Input);

    internal static IReadOnlyList<TestModel> Models { get; } =
        [.. LayerTable.Cases.Select((c, i) => new TestModel(c.Name, i, () => Model(c), batch => Inputs(c, batch)))];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Shapes_and_weights_are_those_of_Keras(int index, string name)
    {
        LayerCase c = LayerTable.Cases[index];
        using Sequential model = Model(c);
        CollectionAssert.AreEqual(c.Output, model.OutputShape.ToArray(), name);
        CollectionAssert.AreEqual(c.Output, model.Layers[^1].OutputShape!.ToArray());
        Assert.HasCount(c.Weights.Length, model.Layers[0].Weights);
        for (int i = 0; i < c.Weights.Length; i++)
            CollectionAssert.AreEqual(c.Weights[i].Select(d => (int?)d).ToArray(),
                model.Layers[0].Weights[i].Shape.ToArray());
        NDArray y = model.Predict(Inputs(c, 3));
        CollectionAssert.AreEqual(c.Output.Skip(1).Select(d => d!.Value).Prepend(3).ToArray(), y.Shape.ToArray());
        Assert.IsTrue(y.ToArray().All(float.IsFinite));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_configuration_recreates_the_same_layer(int index, string name)
    {
        LayerCase c = LayerTable.Cases[index];
        using Sequential model = Model(c);
        if (!c.HasConfig)
        {
            Assert.Contains(model.Layers[0].Name,
                Assert.ThrowsExactly<InvalidOperationException>(() => model.ToJson()).Message);
            return;
        }
        using Sequential copy = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(model.ToJson(), copy.ToJson(), name);
        copy.SetWeights(model.GetWeights());
        NDArray x = Inputs(c, 3);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), copy.Predict(x).ToArray());
        Assert.AreEqual(model.Layers[0].GetType(),
            Layer.FromConfig(
                JsonDocument.Parse(
                    $$"""{"class_name": "{{c.Name}}", "config": {{model.Layers[0].GetConfig().ToJsonString()}}}""")
                .RootElement).GetType());
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_agree_with_central_differences(int index, string name) =>
        CheckGradients(index, name, training: false);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_in_training_agree_with_central_differences(int index, string name) =>
        CheckGradients(index, name, training: true);

    static void CheckGradients(int index, string name, bool training)
    {
        LayerCase c = LayerTable.Cases[index];
        using Sequential model = Model(c);
        NDArray x = Inputs(c, 2);
        using TraceScope scope = TraceScope.Begin(training, 0);
        Tensor input = K.Placeholder([.. x.Shape.ToArray().Select(d => (int?)d)]);
        Tensor loss = K.Sum(K.Tanh(model.Forward(input)[^1]));
        foreach (Tensor added in scope.Losses) loss += added;
        Tensor[] wrt = [input, .. model.TrainableWeights];
        using Function function = K.Function([input], K.Gradients(loss, wrt));
        NDArray[] gradients = function.Run(x);

        var exact = new Dictionary<Tensor, double[]> { [input] = Exact(x) };
        foreach (Variable w in model.Weights) exact[w] = Exact(w.GetValue());
        // Random numbers depend only on the run number: those of the first run are the same for both.
        Tensor[] random = [.. RandomNodes([loss]).Distinct()];
        using Function drawn = K.Function([], random);
        NDArray[] draws = random.Length == 0 ? [] : drawn.Run();
        for (int i = 0; i < random.Length; i++) exact[random[i]] = Exact(draws[i]);
        // Integers have no neighbors.
        for (int i = c.Classes > 0 ? 1 : 0; i < wrt.Length; i++)
        {
            double[] slopes = Ops.Reference.Slopes(exact, loss, wrt[i]);
            for (int k = 0; k < slopes.Length; k++)
                GoldenCase.AssertClose(gradients[i].Span[k], slopes[k], 1e-3, 1e-4, $"{name}, gradient {i}[{k}]");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_short_training_runs_and_changes_the_weights(int index, string name)
    {
        LayerCase c = LayerTable.Cases[index];
        using Sequential model = Model(c);
        model.Compile(new SGD(0.05), "mse");
        NDArray x = Inputs(c, 6);
        NDArray y = Values([6, .. c.Output.Skip(1).Select(d => d!.Value)]);
        float[][] before = [.. model.GetWeights().Select(w => w.ToArray())];
        History history = model.Fit(x, y, batchSize: 4, epochs: 2, verbose: 0);
        Assert.IsTrue(history["loss"].All(double.IsFinite), name);
        // The bias of the keys shifts all scores of a query equally, which a softmax ignores; a cell alone makes one
        // step, from states of 0. Statistics of data change only when a layer is adapted. An adapter replaces its
        // kernel.
        bool Moves(Variable w) => !w.Name.EndsWith("key_bias", StringComparison.Ordinal)
            && model.Layers[0] is not Normalization && w != model.Layers[0].Adapter?.Kernel
            && !(model.Layers[0] is Cell && w.Name.EndsWith("recurrent_kernel", StringComparison.Ordinal));
        for (int i = 0; i < before.Length; i++)
            if (Moves(model.Weights[i]))
                CollectionAssert.AreNotEqual(before[i], model.GetWeights()[i].ToArray(),
                    $"{name}, weight {model.Weights[i].Name}");

        model.Layers[0].Trainable = false;
        model.Compile(new SGD(0.05), "mse");
        float[][] frozen = [.. model.GetWeights().Select(w => w.ToArray())];
        model.Fit(x, y, epochs: 1, verbose: 0);
        for (int i = 0; i < frozen.Length; i++)
            CollectionAssert.AreEqual(frozen[i], model.GetWeights()[i].ToArray(), $"{name}, frozen weight {i}");
    }

    [TestMethod]
    public void Every_layer_has_a_case()
    {
        var covered = LayerTable.Cases.Select(c => c.Name).ToHashSet();
        // Merges are part of Branches.
        covered.UnionWith(LayerTable.Cases.Select(c => c.Make()).OfType<Branches>().Select(b => b.Merge.ClassName));
        // An InputLayer is not in a model's list of layers; it has its own tests.
        foreach (string name in LayerRegistry.Names.Where(n => n != "InputLayer"))
            Assert.IsTrue(covered.Contains(name), $"{name} has no case");
        foreach (Type type in typeof(Layer).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Layer)) && !t.IsAbstract && t != typeof(InputLayer) && !IsAlias(t)))
            Assert.IsTrue(covered.Contains(type.Name), $"{type.Name} has no case");
    }

    static bool IsAlias(Type type) => !type.IsAbstract && type.BaseType is { IsAbstract: false } same
        && type.Name != same.Name && LayerRegistry.Names.Contains(same.Name)
        && !LayerRegistry.Names.Contains(type.Name);

    [TestMethod]
    public void An_alias_of_a_layer_takes_the_same_arguments_and_writes_the_same_configuration()
    {
        Type[] aliases = [.. typeof(Layer).Assembly.GetExportedTypes().Where(IsAlias)];
        Assert.HasCount(25, aliases);
        foreach (Type alias in aliases)
        {
            static string Signature(Type type) =>
                string.Join(
                    ", ", type.GetConstructors().Single().GetParameters()
                    .Select(p => $"{p.ParameterType} {p.Name} {p.DefaultValue}"));
            Assert.AreEqual(Signature(alias.BaseType!), Signature(alias));
            object?[] arguments = [.. alias.GetConstructors().Single().GetParameters()
                .Select(p => p.HasDefaultValue ? p.DefaultValue : p.ParameterType == typeof(int) ? (object)2
                    : (Sizes)2)];
            var one = (Layer)alias.GetConstructors().Single().Invoke(arguments);
            var other = (Layer)alias.BaseType!.GetConstructors().Single().Invoke(arguments);
            Assert.AreEqual(other.Serialize().ToJsonString(), one.Serialize().ToJsonString());
            string renamed = other.Serialize().ToJsonString()
                .Replace($"\"{alias.BaseType.Name}\"", $"\"{alias.Name}\"", StringComparison.Ordinal);
            Assert.AreEqual(alias.BaseType, Layer.FromConfig(JsonDocument.Parse(renamed).RootElement).GetType());
        }
    }

    [TestMethod]
    public void Every_layer_is_listed_in_the_guide()
    {
        string guide = string.Concat(
            new[] { "layers", "recurrent" }.Select(
                page => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "guide", $"{page}.md"))));
        foreach (string name in LayerRegistry.Names) Assert.Contains($"`{name}`", guide);
    }

    [TestMethod]
    public void Spatial_sizes_can_be_free_until_data_arrives()
    {
        K.SetRandomSeed(6);
        using var model = new Sequential([
            new Conv2D(4, 3, padding: "same", inputShape: [null, null, 2]),
            new MaxPooling2D(2),
            new ZeroPadding2D(1),
            new SeparableConv2D(3, 2),
            new UpSampling2D(2, interpolation: "bilinear"),
            new Conv2DTranspose(2, 2, strides: 2),
            new DepthwiseConv2D((2, 1), depthMultiplier: 2),
            new Cropping2D(1),
            new AveragePooling2D(2, padding: "same"),
            new GlobalMaxPooling2D(),
            new Dense(1),
        ]);
        CollectionAssert.AreEqual(new int?[] { null, null, null, 4 }, model.Layers[0].OutputShape!.ToArray());
        CollectionAssert.AreEqual(new int?[] { null, null, null, 4 }, model.Layers[7].OutputShape!.ToArray());
        Assert.Contains("unknown until data arrive",
            Assert.ThrowsExactly<ArgumentException>(() => K.Function(model.Inputs, model.Outputs)).Message);
        model.Compile("adam", "mse");
        foreach (int[] size in new int[][] { [4, 6, 8, 2], [3, 5, 4, 2] })
        {
            Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Values(size), Values([size[0], 1]))["loss"]));
            CollectionAssert.AreEqual(new[] { size[0], 1 }, model.Predict(Values(size)).Shape.ToArray());
        }

        using var sequence = new Sequential(
            [new Conv1D(3, 2, padding: "causal", inputShape: [null, 2]), new MaxPooling1D(2), new LSTM(3)]);
        foreach (int steps in new[] { 4, 7 })
            CollectionAssert.AreEqual(new[] { 2, 3 }, sequence.Predict(Values([2, steps, 2])).Shape.ToArray());
    }

    [TestMethod]
    public void A_layer_written_by_a_user_trains_like_any_other()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential([new Scale(inputShape: [3]), new Dense(1)]);
        Assert.AreEqual("scale_1", model.Layers[0].Name);
        model.Compile(new Adam(0.05), "mse");
        NDArray x = Values([64, 3]), y = new float[64];
        for (int i = 0; i < 64; i++) y.Span[i] = 2 * x[i, 0] - x[i, 1];
        History history = model.Fit(x, y, epochs: 60, verbose: 0);
        Assert.IsTrue(history["loss"][^1] < 0.01 * history["loss"][0]);
    }

    [TestMethod]
    public void Initial_weights_can_be_given()
    {
        using var model = new Sequential(
            [new Dense(1, inputShape: [2], weights: [new float[,] { { 2 }, { 3 } }, new float[] { 1 }])]);
        Assert.AreEqual(2 * 5 + 3 * 7 + 1, model.Predict(new float[,] { { 5, 7 } }).Span[0]);
        Assert.ThrowsExactly<ArgumentException>(
            () => model.Add(new Dense(1, weights: [new float[,] { { 2 }, { 3 } }])));
        Assert.HasCount(1, model.Layers);
    }

    [TestMethod]
    [DataRow("BatchNormalization", "batch_normalization")]
    [DataRow("Dense", "dense")]
    [DataRow("RepeatVector", "repeat_vector")]
    [DataRow("Conv2D", "conv2d")]
    [DataRow("MaxPooling2D", "max_pooling2d")]
    [DataRow("LSTM", "lstm")]
    [DataRow("UpSampling1D", "up_sampling1d")]
    [DataRow("SeparableConv2D", "separable_conv2d")]
    [DataRow("ConvLSTM2D", "conv_lst_m2d")]
    [DataRow("PReLU", "p_re_lu")]
    public void Names_are_spelled_as_in_Keras(string className, string expected) =>
        Assert.AreEqual(expected, Layer.SnakeCase(className));

    [TestMethod]
    public void Bilinear_interpolation_uses_pixel_centers()
    {
        using var model = new Sequential([new UpSampling2D((1, 2), interpolation: "bilinear", inputShape: [1, 3, 1])]);
        NDArray x = new float[] { 0, 4, 2 };
        CollectionAssert.AreEqual(new[] { 0f, 1, 3, 3.5f, 2.5f, 2 }, model.Predict(x.Reshape(1, 1, 3, 1)).ToArray());
    }

    internal static Layer Make(int index)
    {
        K.SetRandomSeed(4);
        return LayerTable.Cases[index].Make();
    }

    internal static int?[] InputOf(int index) => [.. LayerTable.Cases[index].Input.Select(d => (int?)d)];

    internal static IEnumerable<object[]> Cases => LayerTable.Cases.Select((c, i) => new object[] { i, c.Name });

    static Sequential Model(LayerCase c)
    {
        K.SetRandomSeed(4);
        var model = new Sequential();
        model.Add(c.Make());
        model.Build([null, .. c.Input]);
        return model;
    }

    static IEnumerable<Tensor> RandomNodes(IEnumerable<Tensor> roots) =>
        Topology.Order(roots).SelectMany(t => t.Op switch
    {
        RandomOp => [t],
        Scan scan => RandomNodes([.. scan.Body.NextStates, .. scan.Body.Outputs]),
        _ => Enumerable.Empty<Tensor>(),
    });

    static NDArray Inputs(LayerCase c, int count)
    {
        NDArray x = Values([count, .. c.Input]);
        if (c.Classes > 0)
            foreach (ref float v in x.Span) v = MathF.Floor((v + 1) / 2 * c.Classes);
        return x;
    }

    static double[] Exact(NDArray array) => [.. array.ToArray().Select(v => (double)v)];

    static NDArray Values(int[] shape)
    {
        var random = new Random(11);
        var result = new NDArray(shape);
        foreach (ref float v in result.Span) v = random.NextSingle() * 2 - 1;
        return result;
    }

    sealed class Scale(Shape? inputShape = null) : Layer(new LayerOptions(InputShape: inputShape))
    {
        Variable? _factor;

        public override Tensor Call(Tensor x) => x * _factor!;

        protected override void Build(Shape inputShape) =>
            _factor = AddWeight("factor", [inputShape[-1]!.Value], "ones");
    }
}
