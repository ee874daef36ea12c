using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models as Mermaid flowcharts.</summary>
[TestClass]
public sealed class MermaidTests
{
    [TestMethod]
    public void A_chain_of_layers_is_a_chain_of_boxes_after_the_input()
    {
        using Sequential model = new([new Dense(32, inputShape: [500]), new Dropout(0.2), new Dense(10)]);
        Assert.AreEqual("""
            flowchart TB
                n0["dense_1_input: InputLayer"]
                n1["dense_1: Dense"]
                n2["dropout_1: Dropout"]
                n3["dense_2: Dense"]
                n0 --> n1
                n1 --> n2
                n2 --> n3

            """.ReplaceLineEndings("\n"), model.ToMermaid());
        Assert.Contains("n1[\"dense_1: Dense<br/>input: (None, 500)<br/>output: (None, 32)\"]",
            model.ToMermaid(showShapes: true));
        Assert.Contains("n1[\"Dense\"]", model.ToMermaid(showLayerNames: false));
        Assert.StartsWith("flowchart LR\n", model.ToMermaid(rankdir: "LR"));
    }

    [TestMethod]
    public void Wrappers_and_nested_models_are_boxes_or_frames()
    {
        using Sequential inner = new([new Dense(4, inputShape: [3])], name: "inner"), steps =
            new([new Dense(2)], name: "steps");
        using Sequential model =
            new([inner, new RepeatVector(3), new TimeDistributed(steps), new Bidirectional(new LSTM(4))]);
        string plain = model.ToMermaid();
        Assert.Contains("n1[\"inner: Sequential\"]", plain);
        Assert.Contains("n3[\"time_distributed_1(steps): TimeDistributed(Sequential)\"]", plain);
        Assert.Contains("n4[\"bidirectional_1(lstm_1): Bidirectional(LSTM)\"]", plain);
        Assert.DoesNotContain("subgraph", plain);
        Assert.AreEqual("""
            flowchart TB
                n0["inner_input: InputLayer"]
                subgraph g0["inner"]
                    n1["dense_1_input: InputLayer"]
                    n2["dense_1: Dense"]
                end
                n3["repeat_vector_1: RepeatVector"]
                n4["time_distributed_1: TimeDistributed"]
                subgraph g1["steps"]
                    n5["dense_1_input: InputLayer"]
                    n6["dense_1: Dense"]
                end
                n7["bidirectional_1(lstm_1): Bidirectional(LSTM)"]
                n0 --> n1
                n1 --> n2
                n2 --> n3
                n3 --> n4
                n4 --> n5
                n5 --> n6
                n6 --> n7

            """.ReplaceLineEndings("\n"), model.ToMermaid(expandNested: true));
    }

    [TestMethod]
    public void The_branches_of_blocks_split_and_merge()
    {
        using Sequential model =
            new([new Residual([new Dense(3), new Dense(3)], inputShape: [3]),
            new Branches([new Dense(1), new Dense(2)], "concatenate")]);
        string text = model.ToMermaid(showShapes: true, expandNested: true);
        // Input 0; the residual's 1, 2 and their sum 3, which the input reaches too; the branches 4 and 5 and their
        // merge 6.
        string[] arrows = [.. text.Split('\n').Where(l => l.Contains("-->", StringComparison.Ordinal))
            .Select(l => l.Trim()).Order()];
        CollectionAssert.AreEqual(
            new[] { "n0 --> n1", "n0 --> n3", "n1 --> n2", "n2 --> n3", "n3 --> n4", "n3 --> n5", "n4 --> n6",
            "n5 --> n6" }, arrows);
        Assert.Contains("concatenate_1: Concatenate<br/>input: [(None, 1), (None, 2)]<br/>output: (None, 3)", text);
    }

    [TestMethod]
    public void Names_cannot_end_their_box()
    {
        using Sequential model = new([new Dense(2, inputShape: [2], name: "a\"] --> b#1;<b>`{%}\n~名前")]);
        string line = model.ToMermaid().Split('\n')[2];
        Assert.AreEqual("    n1[\"a#34;] --#62; b#35;1#59;#60;b#62;#96;#123;#37;#125; #126;名前: Dense\"]", line);
    }

    [TestMethod]
    public void An_unbuilt_model_and_an_unknown_direction_are_rejected()
    {
        using Sequential model = new([new Dense(2)]);
        Assert.Contains("not yet been built", Assert.ThrowsExactly<InvalidOperationException>(() => model.ToMermaid())
            .Message);
        Assert.AreEqual("rankdir", Assert.ThrowsExactly<ArgumentException>(() => model.ToMermaid(rankdir: "up"))
            .ParamName);
        model.Build([null, 3]);
        Assert.Contains("(None, 3)", model.ToMermaid(showShapes: true));
    }
}
