using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.Backend.Numbers;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Connectionist temporal classification against all alignments, one by one, and against the numbers of Keras'
/// own tests.</summary>
[TestClass]
public sealed class CtcTests
{
    static readonly float[] s_first =
    [
        0.633766f, 0.221185f, 0.0917319f, 0.0129757f, 0.0142857f, 0.0260553f, 0.111121f, 0.588392f, 0.278779f,
            0.0055756f, 0.00569609f, 0.010436f, 0.0357786f, 0.633813f, 0.321418f, 0.00249248f, 0.00272882f,
        0.0037688f, 0.0663296f, 0.643849f, 0.280111f, 0.00283995f, 0.0035545f, 0.00331533f, 0.458235f, 0.396634f,
            0.123377f, 0.00648837f, 0.00903441f, 0.00623107f,
    ];

    static readonly float[] s_second =
    [
        0.30176f, 0.28562f, 0.0831517f, 0.0862751f, 0.0816851f, 0.161508f, 0.24082f, 0.397533f, 0.0557226f,
            0.0546814f, 0.0557528f, 0.19549f, 0.230246f, 0.450868f, 0.0389607f, 0.038309f, 0.0391602f, 0.202456f,
        0.280884f, 0.429522f, 0.0326593f, 0.0339046f, 0.0326856f, 0.190345f, 0.423286f, 0.315517f, 0.0338439f,
            0.0393744f, 0.0339315f, 0.154046f,
    ];

    [TestMethod]
    public void The_loss_is_that_of_Keras()
    {
        NDArray labels = new float[,] { { 0, 1, 2, 1, 0 }, { 0, 1, 1, 0, -1 } },
            y = new([.. s_first, .. s_second], 2, 5, 6);
        Tensor loss = K.CtcBatchCost(
            K.Constant(labels), K.Constant(y), K.Constant(new float[,] { { 5 }, { 5 } }),
            K.Constant(new float[,] { { 5 }, { 4 } }));
        AreEqual(loss, [2, 1], 3.34211, 5.42262);
    }

    [TestMethod]
    public void The_loss_is_the_sum_over_all_alignments_for_any_lengths()
    {
        var random = new Random(3);
        Tensor labels = K.Placeholder(null, 3), y = K.Placeholder(null, null, 4), steps = K.Placeholder(null, 1),
            counts = K.Placeholder(null, 1);
        using Function function = K.Function([labels, y, steps, counts], [K.CtcBatchCost(labels, y, steps, counts)]);
        for (int run = 0; run < 20; run++)
        {
            int batch = random.Next(1, 5), length = random.Next(1, 6);
            var t = new NDArray(batch, 3);
            foreach (ref float v in t.Span) v = random.Next(3);
            NDArray p = Probabilities(random, batch, length, 4), inputLength = new(batch, 1),
                labelLength = new(batch, 1);
            for (int b = 0; b < batch; b++) (inputLength[b, 0], labelLength[b, 0]) =
                (random.Next(1, length + 1), random.Next(0, 4));
            NDArray loss = function.Run(t, p, inputLength, labelLength)[0];
            for (int b = 0; b < batch; b++)
            {
                int[] wanted = [.. Enumerable.Range(0, (int)labelLength[b, 0]).Select(i => (int)t[b, i])];
                double expected = -Math.Log(
                    Alignments(p, b, (int)inputLength[b, 0]).Where(a => a.Labels.SequenceEqual(wanted)).Sum(
                        a => a.Probability));
                GoldenCase.AssertClose(
                    loss[b, 0], expected, 1e-4, 1e-5, $"[{string.Join(" ", wanted)}] in {inputLength[b, 0]} steps");
            }
        }
    }

    [TestMethod]
    public void The_gradient_agrees_with_central_differences()
    {
        NDArray labels = new float[,] { { 1, 1, 0 }, { 2, 0, 9 }, { 1, 0, 0 } };
        NDArray y = Probabilities(new Random(5), 3, 5, 4);
        CheckGradients(t => K.CtcBatchCost(
            K.Constant(labels), t[0], K.Constant(new float[,] { { 5 }, { 4 }, { 3 } }),
            K.Constant(new float[,] { { 3 }, { 2 }, { 1 } })), [y]);
    }

    [TestMethod]
    public void Labels_that_do_not_fit_cost_infinity_and_unknown_labels_are_an_error()
    {
        NDArray labels = new float[,] { { 0, 0 }, { 0, 1 }, { 0, -1 }, { 1, 9 }, { 0, 7 } };
        Tensor y = K.Constant(Probabilities(new Random(5), 5, 2, 3));
        Tensor loss = K.CtcBatchCost(
            K.Constant(labels), y, K.Constant(2f, [5, 1]),
            K.Constant(new float[,] { { 2 }, { 2 }, { 1 }, { 1 }, { 1 } }));
        float[] values = K.Eval(loss).ToArray();
        Assert.AreEqual(float.PositiveInfinity, values[0], "two equal labels need a blank in between");
        Assert.IsTrue(values[1..].All(float.IsFinite), string.Join(" ", values));
        Assert.IsFalse(K.Eval(K.Gradients(K.Sum(loss), [y])[0]).ToArray().Any(float.IsNaN));
        // The blank, a negative number, one beyond all classes.
        foreach (float wrong in new[] { 2f, -1, 7 })
        {
            NDArray unknown = new float[,] { { 0, 0 }, { 0, 1 }, { 0, 0 }, { 0, wrong }, { 0, 0 } };
            Tensor refused = K.CtcBatchCost(K.Constant(unknown), y, K.Constant(2f, [5, 1]), K.Constant(2f, [5, 1]));
            Assert.Contains("from 0 to 1", Assert.ThrowsExactly<ArgumentException>(() => K.Eval(refused)).Message);
        }
        Assert.ThrowsExactly<ArgumentException>(
            () => K.CtcBatchCost(K.Placeholder([null, null]), y, K.Ones(5, 1), K.Ones(5, 1)));
        Assert.ThrowsExactly<ArgumentException>(
            () => K.CtcBatchCost(K.Constant(labels), y, K.Ones(5, 2), K.Ones(5, 1)));
    }

    [TestMethod]
    public void A_model_learns_to_spell()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential(
            [new GRU(16, returnSequences: true, inputShape: [6, 3]),
            new TimeDistributed(new Dense(4, activation: "softmax"))]);
        // Two labels each; all six time steps count.
        model.Compile(new Optimizers.Adam(0.02), Losses.Loss.FromFunction((t, p) =>
        {
            Tensor labels = K.Sum(K.OnesLike(t), axis: 1, keepdims: true);
            return K.CtcBatchCost(t, p, 3 * labels, labels);
        }, "ctc"));
        var x = new NDArray(9, 6, 3);
        var y = new NDArray(9, 2);
        for (int i = 0; i < 9; i++)
        {
            (y[i, 0], y[i, 1]) = (i / 3, i % 3);
            (x[i, 1, i / 3], x[i, 4, i % 3]) = (1, 1);
        }
        model.Fit(x, y, batchSize: 9, epochs: 150, verbose: 0);
        (IReadOnlyList<Tensor> decoded, _) = K.CtcDecode(K.Constant(model.Predict(x)), K.Constant(6f, [9]));
        NDArray read = K.Eval(decoded[0]);
        for (int i = 0; i < 9; i++) Assert.AreEqual(
            (y[i, 0], y[i, 1], -1f), (read[i, 0], read[i, 1], read[i, 2]), $"{read}");
    }

    [TestMethod]
    public void The_best_path_is_that_of_Keras()
    {
        float[,,] y =
        {
            { { 1, 0, 0, 0 }, { 0, 0, 0.4f, 0.6f }, { 0, 0, 0.4f, 0.6f }, { 0, 0.9f, 0.1f, 0 }, { 0, 0, 0, 0 },
                { 0, 0, 0, 0 } },
            { { 0.1f, 0.9f, 0, 0 }, { 0, 0.9f, 0.1f, 0 }, { 0, 0, 0.1f, 0.9f }, { 0, 0.9f, 0.1f, 0.1f },
                { 0.9f, 0.1f, 0, 0 }, { 0, 0, 0, 0 } },
        };
        (IReadOnlyList<Tensor> decoded, Tensor logProbability) =
            K.CtcDecode(K.Constant(y), K.Constant(new float[] { 4, 5 }));
        AreEqual(decoded.Single(), [2, 6], 0, 1, -1, -1, -1, -1, 1, 1, 0, -1, -1, -1);
        AreEqual(logProbability, [2, 1], -Math.Log(1 * 0.6 * 0.6 * 0.9), -5 * Math.Log(0.9));

        Tensor free = K.Placeholder(null, null, 4), lengths = K.Placeholder(null, 1);
        using Function function = K.Function([free, lengths], [K.CtcDecode(free, lengths).Decoded[0]]);
        AreEqual(function.Run(y, new float[,] { { 2 }, { 3 } })[0], [2, 6], 0, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1,
            -1);
    }

    [TestMethod]
    public void The_beam_search_is_that_of_Keras()
    {
        double[] logits =
        [
            0.30999, 0.309938, 0.0679938, 0.0673362, 0.0708352, 0.173908, 0.215136, 0.439699, 0.0370931, 0.0393967,
                0.0381581, 0.230517, 0.199959, 0.489485, 0.0233221, 0.0251417, 0.0233289, 0.238763,
            0.279611, 0.452966, 0.0204795, 0.0209126, 0.0194803, 0.20655, 0.51286, 0.288951, 0.0243026, 0.0220788,
                0.0219297, 0.129878, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2,
        ];
        Tensor y = K.Constant(new NDArray([.. logits.Select(v => (float)Math.Exp(v + 2))], 1, 7, 6));
        (IReadOnlyList<Tensor> decoded, Tensor logProbability) =
            K.CtcDecode(y, K.Constant(new float[] { 5 }), greedy: false, beamWidth: 2, topPaths: 2);
        AreEqual(decoded[0], [1, 7], 1, 0, -1, -1, -1, -1, -1);
        AreEqual(decoded[1], [1, 7], 1, -1, -1, -1, -1, -1, -1);
        AreEqual(logProbability, [1, 2], -5.811451, -6.63339);

        float[,,] repeated =
            { { { 0, 0, 1 }, { 1, 0, 0 }, { 0, 0, 1 }, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { 0, 1, 0 } } };
        AreEqual(K.CtcDecode(K.Constant(repeated), K.Constant(new float[] { 7 }), false, 1).Decoded[0], [1, 7], 0, 0,
            1, 1, -1, -1, -1);
        AreEqual(K.CtcDecode(
            K.Constant(repeated), K.Constant(new float[] { 7 }), false, 1, mergeRepeated: true).Decoded[0], [1, 7],
            0, 1, -1, -1, -1, -1, -1);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => K.CtcDecode(y, K.Ones(1), false, beamWidth: 2, topPaths: 3));
    }

    [TestMethod]
    public void A_wide_beam_finds_the_most_likely_labels()
    {
        var random = new Random(8);
        for (int run = 0; run < 10; run++)
        {
            NDArray p = Probabilities(random, 2, 4, 3);
            (IReadOnlyList<Tensor> decoded, Tensor logProbability) =
                K.CtcDecode(K.Constant(p), K.Constant(new float[] { 4, 3 }), greedy: false, beamWidth: 200,
                topPaths: 3);
            NDArray logs = K.Eval(logProbability);
            for (int b = 0; b < 2; b++)
            {
                var best = Alignments(p, b, 4 - b).GroupBy(a => string.Join(" ", a.Labels)).Select(
                    g => (Labels: g.Key, Probability: g.Sum(a => a.Probability))).OrderByDescending(
                        g => g.Probability).Take(3).ToArray();
                for (int path = 0; path < 3; path++)
                {
                    NDArray labels = K.Eval(decoded[path]);
                    Assert.AreEqual(best[path].Labels,
                        string.Join(" ", Enumerable.Range(0, 4).Select(i => labels[b, i]).Where(v => v >= 0)));
                    GoldenCase.AssertClose(
                        logs[b, path], Math.Log(best[path].Probability), 1e-4, 1e-5, "log probability");
                }
            }
        }
    }

    /// <summary>Every path through the time steps, and the labels it represents.</summary>
    static IEnumerable<(int[] Labels, double Probability)> Alignments(NDArray p, int sample, int steps)
    {
        int classes = p.Shape[2], ways = (int)Math.Pow(classes, steps);
        for (int way = 0; way < ways; way++)
        {
            var labels = new List<int>();
            double probability = 1;
            for (int step = 0, rest = way, before = -1; step < steps; step++, rest /= classes)
            {
                int label = rest % classes;
                probability *= p[sample, step, label];
                if (label != before && label != classes - 1) labels.Add(label);
                before = label;
            }
            yield return ([.. labels], probability);
        }
    }

    static NDArray Probabilities(Random random, params int[] shape)
    {
        var p = new NDArray(shape);
        int classes = shape[^1];
        for (int row = 0; row < p.Size; row += classes)
        {
            Span<float> values = p.Span.Slice(row, classes);
            float sum = 0;
            foreach (ref float v in values) sum += v = (float)random.NextDouble() + 0.02f;
            foreach (ref float v in values) v /= sum;
        }
        return p;
    }
}
