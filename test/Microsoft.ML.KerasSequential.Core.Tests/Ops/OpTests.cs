using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests.Ops;

/// <summary>
/// Every op on random shapes, including empty ones and sizes of 1: values against float64, gradients against central
/// differences.
/// </summary>
[TestClass]
public sealed class OpTests
{
    /// <summary>Sizes around the vector widths, where tails start and end.</summary>
    static readonly int[] s_sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33];

    [TestMethod]
    [DynamicData(nameof(Indices))]
    public void Values_agree_with_the_float64_reference(int index, string op)
    {
        OpCase c = OpTable.Cases[index];
        ForRandomShapes(12, s_sizes, (m, n, seed) =>
        {
            (Tensor[] inputs, NDArray[] values, Dictionary<Tensor, double[]> exact) = Inputs(c, m, n, seed);
            Tensor y = c.Build(inputs);
            using Function function = K.Function(inputs, [y]);
            Compare(function.Run(values)[0], new Reference(exact).Evaluate(y), 1e-4, 1e-5, op);
        });
    }

    [TestMethod]
    [DynamicData(nameof(Indices))]
    public void Gradients_agree_with_central_differences(int index, string op)
    {
        OpCase c = OpTable.Cases[index];
        ForRandomShapes(5, [.. new[] { 0, 1, 2, 3, 5, 17 }.Where(size => size <= c.LargestDifferences)], (m, n, seed) =>
        {
            (Tensor[] inputs, NDArray[] values, Dictionary<Tensor, double[]> exact) = Inputs(c, m, n, seed);
            Tensor y = c.Build(inputs);
            int[] wrt = c.Differentiable ?? [.. Enumerable.Range(0, inputs.Length)];
            var random = new Random(seed + 1);
            int[] shape = [.. y.Shape.Select(d => d!.Value)];
            float[] weights = [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b))
                .Select(_ => (float)random.NextDouble() - 0.5f)];
            Tensor loss = K.Sum(y * K.Constant(new NDArray(weights, shape)));
            using Function function = K.Function(inputs, K.Gradients(loss, [.. wrt.Select(i => inputs[i])]));
            NDArray[] gradients = function.Run(values);

            bool stops = y.Op is Elementwise { Kind: ElementwiseKind.StopGradient };
            for (int g = 0; g < wrt.Length; g++)
            {
                Tensor input = inputs[wrt[g]];
                double[] expected = stops ? new double[exact[input].Length] : Reference.Slopes(exact, loss, input);
                Compare(gradients[g], expected, 1e-3, 1e-4, $"{op}, gradient by input {wrt[g]}");
            }
        });
    }

    [TestMethod]
    public void Every_op_has_a_case_a_kernel_and_a_gradient_or_a_reason()
    {
        var covered = OpTable.Cases.Select(c => c.Op).ToHashSet();
        foreach (ElementwiseKind kind in Enum.GetValues<ElementwiseKind>())
        {
            Assert.IsTrue(covered.Contains(kind.ToString()), $"{kind} has no case in OpTable");
            Assert.IsTrue(ProgramBuilder.Expressions.ContainsKey(kind), $"{kind} has no expression");
            bool excused = typeof(ElementwiseKind)
                .GetField(kind.ToString())!.GetCustomAttribute<NoGradientAttribute>() is not null;
            Assert.AreNotEqual(excused, Gradients.Elementwise.ContainsKey(kind),
                $"{kind} needs a gradient or a reason to have none");
        }
        foreach (Type op in typeof(Op).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && t != typeof(Elementwise)))
        {
            // Later represents values that no running graph contains.
            bool source = op == typeof(Later) || op == typeof(Placeholder) || op == typeof(ReadVariable)
                || op == typeof(Constant) || op == typeof(Scalar);
            if (source) continue;
            bool random = op.IsSubclassOf(typeof(RandomOp));
            // The gradient of the recurrent kernels is covered by the gradient test of Recurrent; parts are read in all
            // cases of ops with several results.
            bool withItsOp = op == typeof(RecurrentGradient) || op == typeof(Part);
            Assert.IsTrue(random || withItsOp || covered.Contains(op.Name), $"{op.Name} has no case in OpTable");
            bool needsNoKernel = op == typeof(Reshape) || op == typeof(BroadcastTo) || op == typeof(Part);
            Assert.IsTrue(needsNoKernel || CpuKernels.Table.ContainsKey(op), $"{op.Name} has no CPU kernel");
            bool excused = op.GetCustomAttribute<NoGradientAttribute>() is not null || op == typeof(SizeOf)
                || op == typeof(Part);
            Assert.AreNotEqual(excused, Gradients.Structural.ContainsKey(op) || Gradients.Multiple.ContainsKey(op),
                $"{op.Name} needs a gradient or a reason to have none");
        }
    }

    static IEnumerable<object[]> Indices => OpTable.Cases.Select((c, i) => new object[] { i, c.Op });

    internal static void ForRandomShapes(int runs, int[] sizes, Action<int, int, int> check)
    {
        Arbitrary<(int, int, int)> arbitrary = (from m in Gen.Elements(sizes)
                                                from n in Gen.Elements(sizes)
                                                from seed in Gen.Choose(0, int.MaxValue - 1)
                                                select (m, n, seed)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(1, 1),
            Prop.ForAll(arbitrary, s => check(s.Item1, s.Item2, s.Item3)));
    }

    static (Tensor[] Inputs, NDArray[] Values, Dictionary<Tensor, double[]> Exact) Inputs(
        OpCase c, int m, int n, int seed)
    {
        var random = new Random(seed);
        int[][] shapes = c.Shapes(m, n);
        Tensor[] inputs = [.. shapes.Select(s => K.Placeholder([.. s.Select(d => (int?)d)]))];
        var values = new NDArray[shapes.Length];
        var exact = new Dictionary<Tensor, double[]>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < shapes.Length; i++)
        {
            values[i] = new NDArray(shapes[i]);
            foreach (ref float v in values[i].Span) v = (float)c.Value(i, random);
            exact[inputs[i]] = [.. values[i].ToArray().Select(v => (double)v)];
        }
        return (inputs, values, exact);
    }

    static void Compare(NDArray actual, double[] expected, double relative, double absolute, string what)
    {
        Assert.AreEqual(expected.Length, actual.Size, what);
        for (int i = 0; i < expected.Length; i++)
            GoldenCase.AssertClose(actual.Span[i], expected[i], relative, absolute, $"{what}[{i}] of {actual}");
    }
}
