using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Utils;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of recurrent layers.</summary>
[TestClass]
public sealed class RecurrentSuite
{
    const int Samples = 2, Steps = 5, Inputs = 4, Units = 3;

    delegate RNN Maker(bool sequences = false, double dropout = 0, bool unroll = false, int implementation = 2,
        bool useBias = true, bool stateful = false, Shape? inputShape = null, Shape? batchInputShape = null);

    static Maker Of(string kind) => kind switch
    {
        "SimpleRNN" => (sequences, dropout, unroll, _, bias, stateful, shape, batch) => new SimpleRNN(Units,
            dropout: dropout, recurrentDropout: dropout, returnSequences: sequences, unroll: unroll, useBias: bias,
            stateful: stateful, inputShape: shape, batchInputShape: batch),
        "GRU" => (sequences, dropout, unroll, implementation, bias, stateful, shape, batch) => new GRU(Units,
            dropout: dropout, recurrentDropout: dropout, returnSequences: sequences, unroll: unroll,
            implementation: implementation, useBias: bias, stateful: stateful, inputShape: shape,
            batchInputShape: batch),
        _ => (sequences, dropout, unroll, implementation, bias, stateful, shape, batch) => new LSTM(Units,
            dropout: dropout, recurrentDropout: dropout, returnSequences: sequences, unroll: unroll,
            implementation: implementation, useBias: bias, stateful: stateful, inputShape: shape,
            batchInputShape: batch),
    };

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Recurrent_layers_meet_the_requirements_of_every_layer(string kind)
    {
        Maker make = Of(kind);
        int?[] shape = [Samples, Steps, Inputs];
        Run(() => make(sequences: true), shape);
        foreach (bool unroll in new[] { true, false }) Run(() => make(dropout: 0.1, unroll: unroll), shape);
        foreach (int implementation in new[] { 1, 2 })
        {
            Run(() => make(implementation: implementation), shape);
            Run(() => make(implementation: implementation, dropout: 0.1), shape);
            Run(() => make(implementation: implementation, useBias: false), shape);
        }
        RNN free = make(inputShape: [null, Inputs]);
        using var model = new Sequential([free]);
        model.Compile("sgd", "mse");
        Assert.IsTrue(
            double.IsFinite(model.TrainOnBatch(Random(1, Samples, Steps, Inputs), Random(1, Samples, Units))["loss"]));
        using var single = new Sequential([make(batchInputShape: [1, Steps, Inputs])]);
        single.Compile("sgd", "mse");
        Assert.IsTrue(double.IsFinite(single.TrainOnBatch(Random(1, 1, Steps, Inputs), Random(1, 1, Units))["loss"]));
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void A_stateful_layer_rejects_other_batch_sizes(string kind)
    {
        using var model = new Sequential([Of(kind)(stateful: true, batchInputShape: [Samples, Steps, Inputs])]);
        model.Compile("sgd", "mse");
        NDArray x = Random(1, 2 * Samples, Steps, Inputs);
        Assert.ThrowsExactly<ArgumentException>(
            () => model.Fit(x, Random(1, 2 * Samples, Units), batchSize: 32, verbose: 0));
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(x, batchSize: Samples + 1));
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Predictions_apply_no_dropout(string kind)
    {
        foreach (bool unroll in new[] { true, false })
        {
            using var model = new Sequential([Of(kind)(dropout: 0.5, unroll: unroll, inputShape: [Steps, Inputs])]);
            NDArray x = Random(1, Samples, Steps, Inputs);
            CollectionAssert.AreEqual(model.Predict(x).ToArray(), model.Predict(x).ToArray());
        }
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void States_last_until_they_are_reset(string kind)
    {
        RNN layer = Of(kind)(stateful: true);
        using var model = new Sequential(
            [new Embedding(12, Inputs, maskZero: true, inputLength: Steps, batchInputShape: [Samples, Steps]), layer]);
        model.Compile("sgd", "mse");
        NDArray ones = Full(1, Samples, Steps);
        float Largest() => model.Predict(ones).ToArray().Max();
        float first = Largest();
        model.TrainOnBatch(ones, Full(1, Samples, Units));
        float second = Largest();
        Assert.AreNotEqual(first, second);
        layer.ResetStates();
        NDArray third = model.Predict(ones);
        Assert.AreNotEqual(second, third.ToArray().Max());
        model.ResetStates();
        NDArray fourth = model.Predict(ones);
        Close(third, fourth, 0, 1e-5);
        Assert.AreNotEqual(fourth.ToArray().Max(), Largest());
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Padding_on_the_left_and_on_the_right_gives_the_same_result(string kind)
    {
        using var model = new Sequential(
            [new Embedding(12, Inputs, maskZero: true, inputLength: Steps, batchInputShape: [Samples, Steps]),
                Of(kind)()]);
        NDArray left = Full(1, Samples, Steps), right = Full(1, Samples, Steps);
        left[0, 0] = left[1, 0] = left[1, 1] = 0;
        right[0, Steps - 1] = right[1, Steps - 1] = right[1, Steps - 2] = 0;
        Close(model.Predict(left), model.Predict(right), 0, 1e-5);
    }

    [TestMethod]
    [DataRow(3, 4, 1)]
    [DataRow(7, 6, 2)]
    public void A_masked_step_repeats_the_output_and_keeps_the_state(int size, int steps, int copies)
    {
        const int samples = 5;
        NDArray x = Random(1, samples, steps, size), first = Random(1, samples, size);
        for (int i = 0; i < size; i++) x[0, steps - 1, i] = 0;
        foreach (bool unroll in new[] { true, false })
        {
            var layer = new RNN(new CountingCell(copies), returnState: true, unroll: unroll);
            Tensor input = K.Placeholder(samples, steps, size), state = K.Placeholder(samples, size);
            CellOutput output = layer.Run(input, new Masking().ComputeMask(input, null), [state]);
            using Function function = K.Function([input, state], [output.Output, output.States[0]]);
            NDArray[] results = function.Run(x, first);
            for (int s = 0; s < samples; s++)
                for (int i = 0; i < size; i++)
                {
                    int last = s == 0 ? steps - 2 : steps - 1;
                    for (int c = 0; c < copies; c++) Assert.AreEqual(x[s, last, i], results[0][s, c * size + i], 1e-6);
                    Assert.AreEqual(first[s, i] + last + 1, results[1][s, i], 1e-5);
                }
        }
    }

    /// <summary>Repeats the input side by side, and counts steps in its state.</summary>
    sealed class CountingCell(int copies) : Cell
    {
        int _size;

        public override IReadOnlyList<int> StateSize => [_size];

        public override IReadOnlyList<int?> OutputShapeOf(Shape inputShape) => [inputShape[-1] * copies];

        public override IReadOnlyList<int[]> StateShapes(Shape inputShape) => [[inputShape[-1]!.Value]];

        protected override void Build(Shape inputShape) => _size = inputShape[-1]!.Value;

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states) =>
            new(copies == 1 ? x : K.Concatenate([.. Enumerable.Repeat(x, copies)]), [states[0] + 1]);
    }

    [TestMethod]
    public void A_masked_sequence_trains_unrolled_and_in_a_loop()
    {
        NDArray x = Random(1, 6, 3, 4), y = Random(1, 6, 3, 5);
        foreach (bool unroll in new[] { false, true })
        {
            using var model = new Sequential(
                [new Masking(inputShape: [3, 4]), new SimpleRNN(5, returnSequences: true, unroll: unroll)]);
            model.Compile("adam", "categorical_crossentropy");
            Assert.IsTrue(double.IsFinite(model.Fit(x, y, batchSize: 100, verbose: 0)["loss"][0]));
        }
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Weights_follow_trainable(string kind)
    {
        RNN layer = Of(kind)(inputShape: [Steps, Inputs]);
        using var model = new Sequential([layer]);
        void Holds(int trainable, int frozen)
        {
            Assert.HasCount(3, layer.Weights);
            Assert.HasCount(trainable, layer.TrainableWeights);
            Assert.HasCount(frozen, layer.NonTrainableWeights);
        }

        Holds(3, 0);
        layer.Trainable = false;
        Holds(0, 3);
        layer.Trainable = true;
        Holds(3, 0);
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void Configurations_of_stateful_layers_are_restored(string kind)
    {
        foreach (bool stateful in new[] { false, true })
        {
            RNN layer = Of(kind)(stateful: stateful, batchInputShape: [Samples, Steps, Inputs]);
            using var model = new Sequential([layer]);
            using Sequential copy = Sequential.FromJson(model.ToJson());
            Assert.AreEqual(layer.GetConfig().ToJsonString(), copy.Layers[0].GetConfig().ToJsonString());
        }
    }

    [TestMethod]
    [DataRow("SimpleRNN", 1)]
    [DataRow("GRU", 1)]
    [DataRow("LSTM", 2)]
    public void States_can_be_set_and_are_what_was_returned(string kind, int states)
    {
        RNN layer = Of(kind)(stateful: true, batchInputShape: [Samples, Steps, Inputs]);
        using var model = new Sequential([layer]);
        layer.ResetStates();
        Assert.HasCount(states, layer.States);
        Assert.IsTrue(layer.States[0].GetValue().ToArray().All(v => v == 0));
        layer.ResetStates([.. Enumerable.Repeat(Full(1, Samples, Units), states)]);
        Assert.IsTrue(layer.States[0].GetValue().ToArray().All(v => v == 1));
        Assert.ThrowsExactly<ArgumentException>(
            () => layer.ResetStates([.. Enumerable.Repeat(Full(1, Samples, Units), states + 1)]));
        Assert.ThrowsExactly<ArgumentException>(
            () => layer.ResetStates([.. Enumerable.Repeat(Full(1, Samples, Units + 1), states)]));

        layer.ResetStates();
        NDArray x = Random(1, Samples, Steps, Inputs);
        NDArray output = model.Predict(x, batchSize: Samples);
        Close(output, layer.States[0].GetValue(), 0, 1e-4);
    }

    [TestMethod]
    [DataRow("SimpleRNN", 1)]
    [DataRow("GRU", 1)]
    [DataRow("LSTM", 2)]
    public void Initial_states_can_be_tensors_and_states_of_another_layer(string kind, int states)
    {
        RNN first = Of(kind)(sequences: true), second = Of(kind)();
        Tensor input = K.Placeholder(Samples, Steps, Inputs);
        Tensor[] given = [.. Enumerable.Range(0, states).Select(_ => K.Placeholder(Samples, Units))];
        CellOutput sequences = first.Run(input, null, given);
        Assert.HasCount(states, sequences.States);
        using Function function =
            K.Function([input, .. given], [second.Run(sequences.Output, null, sequences.States).Output]);
        NDArray x = Random(1, Samples, Steps, Inputs);
        NDArray[] start = [.. given.Select(_ => Random(1, Samples, Units))];
        NDArray one = function.Run([x, .. start])[0],
            other = function.Run([x, .. given.Select(_ => Full(10, Samples, Units))])[0];
        CollectionAssert.AreEqual(new[] { Samples, Units }, one.Shape.ToArray());
        CollectionAssert.AreNotEqual(one.ToArray(), other.ToArray());
    }

    [TestMethod]
    [DataRow("SimpleRNNCell")]
    [DataRow("GRUCell")]
    [DataRow("LSTMCell")]
    [DataRow("Minimal")]
    public void A_cell_trains_alone_and_stacked_and_is_restored_from_its_configuration(string kind)
    {
        Cell Make(int units) => kind switch
        {
            "SimpleRNNCell" => new SimpleRNNCell(units),
            "GRUCell" => new GRUCell(units),
            "LSTMCell" => new LSTMCell(units),
            _ => new MinimalCell(units),
        };
        using var scope = new CustomObjectScope(new()
        {
            ["MinimalCell"] = (Func<System.Text.Json.JsonElement, Layer>)(
                c => new MinimalCell(c.GetProperty("units").GetInt32())),
        });
        foreach (RNN layer
            in new[] { new RNN(Make(32), inputShape: [null, 5]),
                new RNN([Make(8), Make(12), Make(32)], inputShape: [null, 5]) })
        {
            using var model = new Sequential([layer]);
            model.Compile("rmsprop", "mse");
            Assert.IsTrue(double.IsFinite(model.TrainOnBatch(new NDArray(6, 5, 5), new NDArray(6, 32))["loss"]));
            NDArray x = Random(1, 6, 5, 5);
            NDArray expected = model.Predict(x);
            using Sequential copy = Sequential.FromJson(model.ToJson());
            copy.SetWeights(model.GetWeights());
            Close(expected, copy.Predict(x), 0, 1e-4);
        }
    }

    /// <summary>A cell as a user writes it.</summary>
    sealed class MinimalCell(int units) : Cell
    {
        Variable? _kernel, _recurrent;

        public override IReadOnlyList<int> StateSize => [units];

        protected override void Build(Shape inputShape)
        {
            Assert.AreEqual(2, inputShape.Rank);
            _kernel = AddWeight("kernel", [inputShape[-1]!.Value, units], "uniform");
            _recurrent = AddWeight("recurrent_kernel", [units, units], "uniform");
        }

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
        {
            Tensor output = K.Dot(x, _kernel!) + K.Dot(states[0], _recurrent!);
            return new(output, [output]);
        }

        public override System.Text.Json.Nodes.JsonObject GetConfig()
        {
            System.Text.Json.Nodes.JsonObject config = base.GetConfig();
            config["units"] = units;
            return config;
        }
    }

    [TestMethod]
    public void Stacked_cells_apply_dropout_and_freeze_independently()
    {
        LSTMCell[] cells = [new(3, dropout: 0.1, recurrentDropout: 0.1),
            new(3, dropout: 0.1, recurrentDropout: 0.1, kernelRegularizer: "l2")];
        var layer = new RNN(cells, inputShape: [null, 5]);
        using var model = new Sequential([layer]);
        model.Compile("sgd", "mse");
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Random(1, 6, 5, 5), Random(1, 6, 3))["loss"]));
        Assert.HasCount(6, layer.TrainableWeights);
        cells[0].Trainable = false;
        Assert.HasCount(3, layer.TrainableWeights);
        Assert.HasCount(3, layer.NonTrainableWeights);
        CollectionAssert.AreEqual(new int?[] { null, 5, 6 },
            new RNN([new LSTMCell(3), new LSTMCell(6)], returnSequences: true).ComputeOutputShape([null, 5, 4])
            .ToArray());
    }

    [TestMethod]
    public void Stacked_cells_return_their_states_in_either_order()
    {
        foreach (bool reversed in new[] { false, true })
        {
            var layer = new RNN(new StackedRNNCells([new LSTMCell(3), new LSTMCell(6)], reverseStateOrder: reversed),
                returnState: true);
            CellOutput output = layer.Run(K.Placeholder(2, 5, 4));
            CollectionAssert.AreEqual(reversed ? new[] { 6, 6, 3, 3 } : [3, 3, 6, 6],
                output.States.Select(s => s.Shape[-1]!.Value).ToArray());
        }
    }

    [TestMethod]
    [DataRow("SimpleRNN")]
    [DataRow("GRU")]
    [DataRow("LSTM")]
    public void An_identity_is_repeated_for_each_gate(string kind)
    {
        RNN layer = kind switch
        {
            "SimpleRNN" => new SimpleRNN(Units, recurrentInitializer: "identity", inputShape: [Steps, Inputs]),
            "GRU" => new GRU(Units, recurrentInitializer: "identity", inputShape: [Steps, Inputs]),
            _ => new LSTM(Units, recurrentInitializer: "identity", inputShape: [Steps, Inputs]),
        };
        using var model = new Sequential([layer]);
        NDArray kernel = layer.GetWeights()[1];
        for (int row = 0; row < Units; row++)
            for (int column = 0; column < kernel.Shape[1]; column++)
                Assert.AreEqual(column % Units == row ? 1f : 0, kernel[row, column]);
    }

    [TestMethod]
    public void An_output_can_have_a_different_size_than_the_state()
    {
        using var model = new Sequential([new RNN(new PlusOneCell(5), inputShape: [null, 6])]);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(new NDArray(32, 4, 6), new NDArray(32, 6))["loss"]));
        CollectionAssert.AreEqual(new int?[] { null, 6 }, model.OutputShape.ToArray());
    }

    sealed class PlusOneCell(int units) : Cell
    {
        public override IReadOnlyList<int> StateSize => [units];

        public override IReadOnlyList<int?> OutputShapeOf(Shape inputShape) => [inputShape[-1]];

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states) => new(x + 1, [states[0] + 1]);
    }

    [TestMethod]
    [DataRow("channels_first", true)]
    [DataRow("channels_first", false)]
    [DataRow("channels_last", true)]
    [DataRow("channels_last", false)]
    public void A_convolutional_layer_returns_the_state_that_it_keeps(string dataFormat, bool sequences)
    {
        int[] shape = dataFormat == "channels_first" ? [1, 2, 2, 5, 5] : [1, 2, 5, 5, 2];
        var layer = new ConvLSTM2D(2, (3, 3), dataFormat: dataFormat, stateful: true, batchInputShape: shape);
        using var model = new Sequential([layer]);
        Assert.HasCount(2, layer.States);
        Close(model.Predict(Random(1, shape), batchSize: 1), layer.States[0].GetValue(), 0, 1e-4);
        Run(() => new ConvLSTM2D(2, (3, 3), dataFormat: dataFormat, returnSequences: sequences),
            [.. shape.Select(d => (int?)d)]);
    }

    [TestMethod]
    public void A_convolutional_layer_keeps_its_state_until_it_is_reset()
    {
        int[] shape = [1, 2, 5, 5, 2];
        var layer = new ConvLSTM2D(2, (3, 3), padding: "same", stateful: true, batchInputShape: shape);
        using var model = new Sequential([layer]);
        model.Compile("sgd", "mse");
        NDArray ones = Full(1, shape);
        NDArray first = model.Predict(ones, batchSize: 1);
        model.TrainOnBatch(ones, Random(1, first.Shape.ToArray()));
        NDArray second = model.Predict(ones, batchSize: 1);
        Assert.AreNotEqual(first.ToArray().Max(), second.ToArray().Max());
        layer.ResetStates();
        NDArray third = model.Predict(ones, batchSize: 1);
        Assert.AreNotEqual(second.ToArray().Max(), third.ToArray().Max());
        model.ResetStates();
        NDArray fourth = model.Predict(ones, batchSize: 1);
        Close(third, fourth, 0, 1e-5);
        Assert.AreNotEqual(fourth.ToArray().Max(), model.Predict(ones, batchSize: 1).ToArray().Max());

        Run(() => new ConvLSTM2D(2, (3, 3), padding: "same", dropout: 0.1, recurrentDropout: 0.1), [1, 2, 5, 5, 2]);
        Run(() => new ConvLSTM2D(2, (3, 3), padding: "same", kernelRegularizer: new L1L2(0.01),
            recurrentRegularizer: new L1L2(0.01), biasRegularizer: "l2", activityRegularizer: "l2",
            kernelConstraint: "max_norm", recurrentConstraint: "max_norm", biasConstraint: "max_norm"),
            [1, 2, 5, 5, 2]);
    }
}
