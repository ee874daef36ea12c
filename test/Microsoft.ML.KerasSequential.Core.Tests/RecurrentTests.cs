using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>States, cells and both ways to run them.</summary>
[TestClass]
public sealed class RecurrentTests
{
    [TestMethod]
    [DataRow("LSTM", false)]
    [DataRow("LSTM", true)]
    [DataRow("GRU", false)]
    [DataRow("GRU", true)]
    [DataRow("ResetAfterGRU", true)]
    [DataRow("SimpleRNN", true)]
    public void The_kernel_and_the_loop_agree(string kind, bool masked)
    {
        Func<StandardCell> cell = kind switch
        {
            "LSTM" => () => new LSTMCell(40),
            "GRU" => () => new GRUCell(40),
            "ResetAfterGRU" => () => new GRUCell(40, resetAfter: true),
            _ => () => new SimpleRNNCell(40),
        };
        using Sequential fast = Model(new RNN(cell(), returnSequences: true)),
            slow = Model(new RNN(new StepByStep(cell()), returnSequences: true));
        slow.SetWeights(fast.GetWeights());
        NDArray x = Values(37, 13, 5);
        for (int i = 0; i < 37; i++)
            for (int t = 0; t < i % 13; t++) x.Span.Slice((i * 13 + (t * 5 % 13)) * 5, 5).Clear();
        GoldenCase.AssertClose(fast.Predict(x).Span, slow.Predict(x).Span, 1e-4, 1e-5, "output");
        NDArray y = Values(37, 13, 40);
        foreach (Sequential model in new[] { fast, slow })
        {
            model.Compile(new SGD(0.5), "mse");
            model.Fit(x, y, epochs: 3, shuffle: false, verbose: 0);
        }
        for (int i = 0; i < fast.Weights.Count; i++)
            GoldenCase.AssertClose(fast.GetWeights()[i].Span, slow.GetWeights()[i].Span, 1e-3, 1e-4, $"weight {i}");

        Sequential Model(Layer layer)
        {
            K.SetRandomSeed(5);
            return new(
                [masked ? new Masking(inputShape: [13, 5]) : new Activation("linear", inputShape: [13, 5]), layer]);
        }
    }

    [TestMethod]
    public void Weights_do_not_depend_on_the_number_of_threads()
    {
        int threads = Device.Threads;
        try
        {
            float[][] first = Train(1), second = Train(2);
            for (int i = 0; i < first.Length; i++) CollectionAssert.AreEqual(first[i], second[i]);
        }
        finally
        {
            Device.Threads = threads;
        }

        static float[][] Train(int threads)
        {
            Device.Threads = threads;
            K.SetRandomSeed(6);
            using var model = new Sequential(
                [new Embedding(50, 24, inputLength: 12),
                    new Bidirectional(new LSTM(32, dropout: 0.2, returnSequences: true)), new Conv1D(16, 3),
                    new GRU(24), new Dense(1)]);
            model.Compile("adam", "mse");
            NDArray x = Values(64, 12), y = Values(64, 1);
            foreach (ref float v in x.Span) v = MathF.Floor((v + 1) * 25);
            model.Fit(x, y, epochs: 2, verbose: 0);
            return [.. model.GetWeights().Select(w => w.ToArray())];
        }
    }

    [TestMethod]
    public void A_stateful_layer_continues_from_the_last_batch()
    {
        foreach (Func<RNN> make in new Func<RNN>[]
        {
            () => new LSTM(3, stateful: true, batchInputShape: [2, 4, 2]), () =>
                new GRU(3, stateful: true, batchInputShape: [2, 4, 2]),
            () => new RNN([new SimpleRNNCell(4), new LSTMCell(3)], stateful: true, batchInputShape: [2, 4, 2]),
        })
        {
            K.SetRandomSeed(7);
            RNN layer = make();
            using var model = new Sequential([layer]);
            Assert.IsTrue(model.Stateful);
            using var whole = new Sequential([(RNN)Layer.FromConfig(Saving.Config.Parse(Patched(layer)))]);
            whole.SetWeights(model.GetWeights());
            NDArray x = Values(2, 8, 2);
            float[] expected = whole.Predict(x).ToArray();
            Pieces(x, out NDArray first, out NDArray second);
            model.Predict(first);
            float[] once = model.Predict(second).ToArray();
            GoldenCase.AssertClose(once, expected, 1e-5, 1e-6, "the second half");
            CollectionAssert.AreNotEqual(once, model.Predict(second).ToArray());
            model.ResetStates();
            model.Predict(first);
            CollectionAssert.AreEqual(once, model.Predict(second).ToArray());
            NDArray[] states = [.. layer.States.Select(s => s.GetValue())];
            float[] next = model.Predict(second).ToArray();
            layer.ResetStates(states);
            CollectionAssert.AreEqual(next, model.Predict(second).ToArray());
            Assert.ThrowsExactly<ArgumentException>(() => layer.ResetStates([new NDArray(3, 3)]));
        }

        static System.Text.Json.Nodes.JsonObject Patched(RNN layer)
        {
            System.Text.Json.Nodes.JsonObject config = layer.Serialize();
            config["config"]!["stateful"] = false;
            config["config"]!["batch_input_shape"] = new System.Text.Json.Nodes.JsonArray(null, 8, 2);
            return config;
        }

        static void Pieces(NDArray x, out NDArray first, out NDArray second)
        {
            (first, second) = (new NDArray(2, 4, 2), new NDArray(2, 4, 2));
            for (int b = 0; b < 2; b++)
            {
                x.Span.Slice(b * 16, 8).CopyTo(first.Span[(b * 8)..]);
                x.Span.Slice(b * 16 + 8, 8).CopyTo(second.Span[(b * 8)..]);
            }
        }
    }

    [TestMethod]
    public void A_stateful_layer_trains_and_keeps_its_state_from_batch_to_batch()
    {
        K.SetRandomSeed(8);
        var layer = new LSTM(3, stateful: true, batchInputShape: [2, 4, 2]);
        using var model = new Sequential([layer, new Dense(1)]);
        model.Compile("sgd", "mse");
        model.Fit(Values(8, 4, 2), Values(8, 1), epochs: 2, shuffle: false, verbose: 0);
        Assert.IsTrue(layer.States[0].GetValue().ToArray().All(v => v != 0));
        Assert.Contains("batch size is 2",
            Assert.ThrowsExactly<ArgumentException>(() => model.Fit(Values(7, 4, 2), Values(7, 1), verbose: 0))
            .Message);
        Assert.Contains("batches of 2",
            Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(Values(8, 4, 2), Values(8, 1), batchSize: 4, verbose: 0)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => model.TrainOnBatch(Values(4, 4, 2), Values(4, 1)));
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(Values(3, 4, 2)));
        Assert.Contains("batch size",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new GRU(2, stateful: true, inputShape: [3, 2])])).Message);
    }

    [TestMethod]
    public void Sequences_of_any_length_go_through_a_model_of_free_length()
    {
        K.SetRandomSeed(9);
        using var model = new Sequential(
            [new LSTM(4, returnSequences: true, inputShape: [null, 3]),
                new RNN(new GRUCell(2, activation: "softsign"), goBackwards: true), new Dense(1)]);
        CollectionAssert.AreEqual(new int?[] { null, null, 4 }, model.Layers[0].OutputShape!.ToArray());
        using Function symbolic = K.Function(model.Inputs, model.Outputs);
        foreach (int steps in new[] { 1, 4, 9 })
        {
            NDArray p = model.Predict(Values(5, steps, 3));
            Assert.AreEqual(5, p.Size);
            CollectionAssert.AreEqual(p.ToArray(), symbolic.Run(Values(5, steps, 3))[0].ToArray());
        }
        model.Compile("adam", "mse");
        model.TrainOnBatch(Values(4, 6, 3), Values(4, 1));
        model.TrainOnBatch(Values(3, 2, 3), Values(3, 1));
    }

    [TestMethod]
    public void A_custom_cell_learns()
    {
        K.SetRandomSeed(10);
        using var model = new Sequential([new RNN(new Summing(), inputShape: [6, 2]), new Dense(1)]);
        model.Compile(new Adam(0.05), "mse");
        NDArray x = Values(64, 6, 2), y = new float[64];
        for (int i = 0; i < 64; i++)
            for (int t = 0; t < 6; t++) y.Span[i] += x[i, t, 0] - x[i, t, 1];
        History history = model.Fit(x, y, epochs: 60, verbose: 0);
        Assert.IsTrue(history["loss"][^1] < 0.01 * history["loss"][0],
            $"{history["loss"][0]} to {history["loss"][^1]}");
    }

    [TestMethod]
    public void States_can_be_passed_and_returned_in_a_custom_layer()
    {
        K.SetRandomSeed(11);
        using var model = new Sequential([new EncoderDecoder(3, inputShape: [4, 2])]);
        CollectionAssert.AreEqual(new int?[] { null, 4, 3 }, model.OutputShape.ToArray());
        Assert.HasCount(6, model.Weights);
        model.Compile("adam", "mse");
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Values(3, 4, 2), Values(3, 4, 3))["loss"]));
        Assert.Contains("single output tensor",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new LSTM(2, returnState: true, inputShape: [3, 2])])).Message);
        Assert.Contains("single output tensor",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new Bidirectional(new LSTM(2), mergeMode: null, inputShape: [3, 2])])).Message);
    }

    [TestMethod]
    public void Dropped_inputs_are_the_same_at_all_steps()
    {
        K.SetRandomSeed(12);
        float[] seen = [];
        var spy = new CustomOp("Spy", a =>
        {
            seen = a.Input(0).ToArray();
            a.Input(0).CopyTo(a.Output);
        }, a => a.OutputGradient.CopyTo(a.Gradient));
        using var model = new Sequential([
            new SimpleRNN(1, activation: "linear", kernelInitializer: "ones", recurrentInitializer: "zeros",
                dropout: 0.5, returnSequences: true, inputShape: [5, 1]),
            new Lambda(x => spy.Call(x)),
        ]);
        model.Compile(new SGD(0), "mse");
        var ones = new NDArray(20, 5, 1);
        ones.Span.Fill(1);
        model.TrainOnBatch(ones, new NDArray(20, 5, 1));
        float[][] samples = [.. seen.Chunk(5)];
        Assert.IsTrue(samples.All(s => s.All(v => v == s[0] && v is 0 or 2)));
        Assert.IsTrue(samples.Any(s => s[0] == 0) && samples.Any(s => s[0] == 2));
    }

    [TestMethod]
    public void A_custom_activation_is_not_mistaken_for_the_built_in_one_of_its_name()
    {
        using var scope = new Utils.CustomObjectScope(new() { ["tanh"] = (Func<Tensor, Tensor>)(x => 2 * x) });
        using var model =
            new Sequential([new SimpleRNN(1, activation: "tanh", kernelInitializer: "ones", inputShape: [1, 1])]);
        Assert.AreEqual(6, model.Predict(new float[,,] { { { 3 } } }).Span[0]);
    }

    [TestMethod]
    public void A_layer_can_be_used_several_times_with_one_set_of_weights()
    {
        K.SetRandomSeed(13);
        var shared = new Dense(3, activation: "tanh");
        using var model = new Sequential([new Dense(3, inputShape: [2]), shared, shared, new Dense(1)]);
        Assert.HasCount(6, model.Weights);
        Assert.AreEqual(2 * 3 + 3 + 9 + 3 + 3 + 1, model.CountParams());
        model.Compile(new SGD(0.1), "mse");
        History history = model.Fit(Values(8, 2), Values(8, 1), epochs: 5, verbose: 0);
        Assert.IsTrue(history["loss"][^1] < history["loss"][0]);
    }

    [TestMethod]
    public void A_model_inside_another_one_shares_its_weights_and_can_be_frozen()
    {
        K.SetRandomSeed(14);
        var inside = new Sequential([new Dense(4, inputShape: [3]), new BatchNormalization(), new Dense(2)],
            name: "inside");
        using var model = new Sequential([inside, new Dense(1)]);
        Assert.AreSame(inside, model.Layers[0]);
        CollectionAssert.AreEqual(new int?[] { null, 3 }, model.InputShape.ToArray());
        Assert.HasCount(10, model.GetWeights());
        NDArray x = Values(8, 3), y = Values(8, 1);
        inside.Trainable = false;
        model.Compile(new SGD(0.1), "mse");
        float[][] before = [.. inside.GetWeights().Select(w => w.ToArray())];
        model.Fit(x, y, epochs: 2, verbose: 0);
        for (int i = 0; i < before.Length; i++) CollectionAssert.AreEqual(before[i], inside.GetWeights()[i].ToArray());
        inside.Trainable = true;
        model.Compile(new SGD(0.1), "mse");
        model.Fit(x, y, epochs: 2, verbose: 0);
        CollectionAssert.AreNotEqual(before[0], inside.GetWeights()[0].ToArray());
        using Sequential copy = Sequential.FromJson(model.ToJson());
        copy.SetWeights(model.GetWeights());
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), copy.Predict(x).ToArray());
        var lines = new List<string>();
        model.Summary(printFn: lines.Add);
        Assert.IsTrue(
            lines.Any(l => l.StartsWith("inside (Sequential)", StringComparison.Ordinal)
                && l.Contains("(None, 2)", StringComparison.Ordinal)));
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        try
        {
            model.Save(path);
            using Sequential loaded = Sequential.Load(path);
            CollectionAssert.AreEqual(model.Predict(x).ToArray(), loaded.Predict(x).ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_weight_is_found_by_the_names_of_its_layers()
    {
        using var model =
            new Sequential([new Bidirectional(new LSTM(2), inputShape: [3, 2]), new Residual([new Dense(4)])]);
        string[] expected =
        [
            "bidirectional_1/forward_lstm_1/kernel", "bidirectional_1/forward_lstm_1/recurrent_kernel",
                "bidirectional_1/forward_lstm_1/bias",
            "bidirectional_1/backward_lstm_1/kernel", "bidirectional_1/backward_lstm_1/recurrent_kernel",
                "bidirectional_1/backward_lstm_1/bias",
            "residual_1/dense_1/kernel", "residual_1/dense_1/bias",
        ];
        CollectionAssert.AreEqual(
            expected, model.Layers.SelectMany(l => l.NamedWeights().Select(w => $"{l.Name}/{w.Path}")).ToArray());
    }

    [TestMethod]
    public void An_embedding_names_the_index_that_is_out_of_range()
    {
        using var model = new Sequential([new Embedding(5, 2, inputLength: 3), new Flatten(), new Dense(1)]);
        model.Compile("sgd", "mse");
        Assert.Contains("from 0 to 4, but got 5",
            Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new float[,] { { 1, 2, 5 } }, new float[1], verbose: 0)).Message);
        Assert.Contains(
            "0.5", Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new float[,] { { 1, 0.5f, 4 } }, new float[1], verbose: 0)).Message);
        Assert.Contains("input_length",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new Embedding(5, 2, inputLength: 3, inputShape: [4])])).Message);
    }

    [TestMethod]
    public void A_step_that_adds_a_loss_is_rejected() =>
        Assert.Contains("cannot add losses",
            Assert.ThrowsExactly<ArgumentException>(() => new Sequential([new RNN(new Adding(), inputShape: [3, 2])]))
            .Message);

    internal static NDArray Values(params int[] shape)
    {
        var random = new Random(21);
        var result = new NDArray(shape);
        foreach (ref float v in result.Span) v = random.NextSingle() * 2 - 1;
        return result;
    }

    /// <summary>A cell without a kernel for entire sequences.</summary>
    sealed class StepByStep : Cell
    {
        readonly StandardCell _cell;

        public StepByStep(StandardCell cell) => _cell = Track(cell);

        public override IReadOnlyList<int> StateSize => _cell.StateSize;

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states) => _cell.Step(x, states);

        protected override void Build(Shape inputShape) => _cell.EnsureBuilt(inputShape);
    }

    /// <summary>A weighted sum of the inputs so far.</summary>
    sealed class Summing : Cell
    {
        Variable? _weight;

        public override IReadOnlyList<int> StateSize => [1];

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
        {
            Tensor sum = states[0] + K.Dot(x, _weight!);
            return new(sum, [sum]);
        }

        protected override void Build(Shape inputShape) => _weight = AddWeight("weight", [inputShape[-1]!.Value, 1]);
    }

    /// <summary>A cell that requests what a step does not support.</summary>
    sealed class Adding : Cell
    {
        public override IReadOnlyList<int> StateSize => [2];

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
        {
            AddLoss(K.Sum(x));
            return new(x, [x]);
        }
    }

    /// <summary>The last states of one layer are the initial states of another.</summary>
    sealed class EncoderDecoder : Layer
    {
        readonly LSTM _encoder, _decoder;

        public EncoderDecoder(int units, Shape inputShape) : base(new LayerOptions(InputShape: inputShape))
        {
            _encoder = Track(new LSTM(units, returnState: true));
            _decoder = Track(new LSTM(units, returnSequences: true));
        }

        public override Tensor Call(Tensor x) => _decoder.Run(x, initialState: _encoder.Run(x).States).Output;
    }
}
