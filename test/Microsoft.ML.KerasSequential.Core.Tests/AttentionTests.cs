using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Attention over sequences that are too long for all scores at once.</summary>
[TestClass]
public sealed class AttentionTests
{
    const int Steps = 25, Size = 3, Largest = 8;

    /// <summary>25 queries are cut into four blocks of seven, so the last one is padded.</summary>
    [TestMethod]
    [DataRow(false, null, false)]
    [DataRow(true, null, false)]
    [DataRow(true, 10, true)]
    [DataRow(false, 4, true)]
    public void Blocks_give_what_all_scores_give(bool causal, int? window, bool masked)
    {
        NDArray x = Values(2, Steps, Size);
        var mask = new NDArray(2, Steps);
        for (int i = 0; i < mask.Span.Length; i++) mask.Span[i] = masked && i % 5 == 2 ? 0 : 1;
        using TraceScope scope = TraceScope.Begin(training: false, 0);
        Tensor input = K.Placeholder(2, Steps, Size), seen = K.Constant(mask);
        Tensor heads = K.Reshape(input, 2, 1, Steps, Size), key = K.Sin(heads * 2);
        Tensor blocks = AttentionBlocks.Attend(heads, heads * heads, q => Products(q, key),
            new Visible(masked ? seen : null, masked ? seen : null, Causal: causal, Window: window), 0, null,
            whole: Largest, largest: Largest);
        Assert.Contains("Scan", string.Join(" ", Topology.Order([blocks]).Select(t => t.Op.Name)));

        var visible = new NDArray(2, 1, Steps, Steps);
        for (int b = 0; b < 2; b++)
            for (int q = 0; q < Steps; q++)
                for (int k = 0; k < Steps; k++)
                    visible[b, 0, q, k] = mask[b, q] > 0 && mask[b, k] > 0 && (!causal || k <= q)
                        && (window is null || Math.Abs(k - q) < window) ? 1 : 0;
        Tensor scores = K.Where(K.Constant(visible), Products(heads, key), K.Constant(-1e9f));
        Tensor whole = new(new BatchMatMul(false, false), K.Softmax(scores), heads * heads);

        Tensor cotangent = K.Constant(Values(2, 1, Steps, Size));
        Tensor[] slopes = [K.Gradients(K.Sum(blocks * cotangent), [input])[0],
            K.Gradients(K.Sum(whole * cotangent), [input])[0]];
        using Function function = K.Function([input], [blocks, whole, .. slopes]);
        NDArray[] got = function.Run(x);
        GoldenCase.AssertClose(got[0].Span, got[1].Span, 1e-4, 1e-6, "output");
        GoldenCase.AssertClose(got[2].Span, got[3].Span, 1e-4, 1e-5, "gradient");
    }

    [TestMethod]
    public void A_layer_trains_in_memory_that_is_linear_in_the_steps()
    {
        long Bytes(int steps)
        {
            using var model =
                new Sequential(
                    [new MultiHeadAttention(2, 8, useCausalMask: true, inputShape: [steps, 16]),
                        new GlobalAveragePooling1D(), new Dense(1)]);
            model.Compile("adam", "mse");
            return model.StepBytes([steps, 16], [1], 2);
        }
        long half = Bytes(4096), full = Bytes(8192);
        Assert.IsLessThan(2.1 * half, full, $"{half} and {full} bytes");
        Assert.IsLessThan(2 * 2 * 4096L * 4096 * sizeof(float), half, "less than all scores once");
    }

    /// <summary>All keys have the same weight, so a row is the share of its keys that dropout leaves.</summary>
    [TestMethod]
    public void Dropout_draws_anew_in_each_block()
    {
        const int steps = 96, rows = 24;
        using TraceScope scope = TraceScope.Begin(training: true, 3);
        var ones = new NDArray(1, 1, steps, 1);
        ones.Span.Fill(1);
        Tensor input = K.Placeholder(1, 1, steps, 1);
        Tensor y = AttentionBlocks.Attend(input, input, q => Products(q, input), new Visible(), 0.25, seed: 5,
            whole: rows, largest: rows);
        using Function function = K.Function([input], [y, K.Gradients(K.Sum(y), [input])[0]]);
        NDArray[] first = function.Run(ones), second = function.Run(ones);
        float[] shares = first[0].ToArray();
        Assert.AreEqual(1, shares.Average(), 0.03);
        Assert.AreNotEqual(string.Join(" ", shares[..rows]), string.Join(" ", shares[rows..(2 * rows)]));
        CollectionAssert.AreNotEqual(shares, second[0].ToArray());
        // The backward pass sees the same draw: outputs and values weigh the same pairs.
        Assert.AreEqual(shares.Sum(), first[1].ToArray().Sum(), 1e-2);
    }

    [TestMethod]
    public void Impossible_arguments_are_rejected()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MultiHeadAttention(0, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MultiHeadAttention(2, 2, slidingWindow: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GroupedQueryAttention(2, 2, 0));
        Assert.ThrowsExactly<ArgumentException>(() => new GroupedQueryAttention(2, 3, 2));
        Assert.ThrowsExactly<ArgumentException>(() => new Attention(scoreMode: "sum"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AdditiveAttention(dropout: 1));
        Assert.Contains("axes 1 to 1",
            Assert.ThrowsExactly<ArgumentException>(() => new Sequential(
                [new MultiHeadAttention(1, 2, attentionAxes: 2, inputShape: [3, 4])]).Build([null, 3, 4])).Message);
    }

    static Tensor Products(Tensor x, Tensor y) => new(new BatchMatMul(false, true), x, y);

    static NDArray Values(params int[] shape)
    {
        var random = new Random(7);
        var result = new NDArray(shape);
        foreach (ref float v in result.Span) v = random.NextSingle() * 2 - 1;
        return result;
    }
}
