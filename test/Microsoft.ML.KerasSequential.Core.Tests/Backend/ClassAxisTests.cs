using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests.Backend;

/// <summary>Crossentropy and softmax along any axis, against float64 computed class by class.</summary>
[TestClass]
public sealed class ClassAxisTests
{
    static IEnumerable<object[]> ShapesAndAxes =>
        from shape in new int[][] { [2, 3], [2, 3, 4], [2, 3, 2, 4], [2, 3, 2, 2, 3] }
        from axis in Enumerable.Range(-shape.Length, 2 * shape.Length)
        select new object[] { shape, axis };

    /// <summary>The values at each position, class by class.</summary>
    static double[][] Rows(ReadOnlySpan<float> values, int[] shape, int axis)
    {
        int at = axis < 0 ? axis + shape.Length : axis, classes = shape[at],
            stride = shape[(at + 1)..].Aggregate(1, (s, d) => s * d);
        var rows = new double[values.Length / classes][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[classes];
            for (int c = 0; c < classes; c++)
                rows[i][c] = values[i / stride * stride * classes + c * stride + i % stride];
        }
        return rows;
    }

    static int[] Without(int[] shape, int axis) =>
        [.. shape.Where((_, i) => i != (axis < 0 ? axis + shape.Length : axis))];

    static NDArray With(NDArray array, int axis, params int[] shape)
    {
        int at = axis < 0 ? axis + shape.Length : axis;
        return array.Reshape([.. shape.Select((d, i) => i == at ? 1 : d)]);
    }

    /// <summary>Numbers between 0 and 1 that do not sum to 1.</summary>
    static NDArray Positive(int seed, int[] shape)
    {
        NDArray values = Numbers.Random(seed, shape);
        foreach (ref float v in values.Span) v = 0.5f + 0.45f * v;
        return values;
    }

    static NDArray Classes(int[] places, int classes)
    {
        var numbers = new NDArray(places);
        for (int i = 0; i < numbers.Size; i++) numbers.Span[i] = i * 5 % 7 % classes;
        return numbers;
    }

    static double[] LogSoftmax(double[] row) => Reference64.LogSoftmax(row);

    [TestMethod]
    [DynamicData(nameof(ShapesAndAxes))]
    public void Class_indices_can_keep_or_omit_the_class_axis(int[] shape, int axis)
    {
        int classes = shape[axis < 0 ? axis + shape.Length : axis];
        int[] places = Without(shape, axis);
        NDArray numbers = Classes(places, classes), logits = Numbers.Random(1, shape),
            probabilities = Positive(2, shape);
        double[] ofLogits =
            [.. Rows(logits.Span, shape, axis).Select((row, i) => -LogSoftmax(row)[(int)numbers.Span[i]])];
        // TensorFlow uses their logarithms as logits.
        double[] ofProbabilities = [.. Rows(probabilities.Span, shape, axis)
            .Select((row, i) => -LogSoftmax([.. row.Select(p => Math.Log(p))])[(int)numbers.Span[i]])];
        foreach (NDArray target in new[] { numbers, With(numbers, axis, shape), numbers.Reshape([.. places, 1]) })
        {
            Numbers.AreEqual(
                K.SparseCategoricalCrossentropy(K.Constant(target), K.Constant(logits), fromLogits: true, axis: axis),
                places, ofLogits);
            Numbers.AreEqual(K.SparseCategoricalCrossentropy(K.Constant(target), K.Constant(probabilities), axis: axis),
                places, ofProbabilities);
            Numbers.AreEqual(
                K.SparseCategoricalCrossentropy(K.Constant(target), K.Softmax(K.Constant(logits), axis), axis: axis),
                places, ofLogits);
        }
    }

    [TestMethod]
    [DynamicData(nameof(ShapesAndAxes))]
    public void Distributions_can_be_along_any_axis(int[] shape, int axis)
    {
        int[] places = Without(shape, axis);
        NDArray targets = Positive(3, shape), logits = Numbers.Random(4, shape), probabilities = Positive(5, shape);
        double[][] t = Rows(targets.Span, shape, axis);
        static double Cross(double[] target, IEnumerable<double> logs) => -target.Zip(logs, (a, b) => a * b).Sum();
        double[] ofLogits = [.. Rows(logits.Span, shape, axis).Select((row, i) => Cross(t[i], LogSoftmax(row)))];
        double[] ofProbabilities = [.. Rows(probabilities.Span, shape, axis)
            .Select((row, i) => Cross(t[i], row.Select(p => Math.Log(Math.Clamp(p / row.Sum(), 1e-7, 1 - 1e-7)))))];
        Numbers.AreEqual(
            K.CategoricalCrossentropy(K.Constant(targets), K.Constant(logits), fromLogits: true, axis: axis), places,
            ofLogits);
        Numbers.AreEqual(K.CategoricalCrossentropy(K.Constant(targets), K.Constant(probabilities), axis: axis), places,
            ofProbabilities);
        Numbers.AreEqual(
            K.CategoricalCrossentropy(K.Constant(targets), K.Softmax(K.Constant(logits), axis), axis: axis), places,
            ofLogits);
    }

    [TestMethod]
    [DynamicData(nameof(ShapesAndAxes))]
    public void Softmax_and_the_unit_norm_take_any_axis(int[] shape, int axis)
    {
        NDArray x = Numbers.Random(6, shape), softmax = K.Eval(K.Softmax(K.Constant(x), axis)),
            unit = K.Eval(K.L2Normalize(K.Constant(x), axis));
        CollectionAssert.AreEqual(shape, softmax.Shape.ToArray());
        double[][] rows = Rows(x.Span, shape, axis), soft = Rows(softmax.Span, shape, axis),
            normal = Rows(unit.Span, shape, axis);
        for (int i = 0; i < rows.Length; i++)
        {
            for (int c = 0; c < rows[i].Length; c++)
            {
                Assert.AreEqual(Math.Exp(LogSoftmax(rows[i])[c]), soft[i][c], 1e-6);
                Assert.AreEqual(rows[i][c] / Math.Sqrt(rows[i].Sum(v => v * v)), normal[i][c], 1e-5);
            }
        }
    }

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(1, false)]
    [DataRow(-2, true)]
    [DataRow(-2, false)]
    public void Gradients_work_along_any_axis(int axis, bool fromLogits)
    {
        int[] shape = [2, 3, 2];
        NDArray predictions = Positive(7, shape);
        Tensor numbers = K.Constant(With(Classes([2, 2], 3), axis, shape));
        Numbers.CheckGradients(p => K.SparseCategoricalCrossentropy(numbers, p[0], fromLogits, axis), [predictions]);
        Numbers.CheckGradients(p => K.CategoricalCrossentropy(p[1], p[0], fromLogits, axis),
            [predictions, Positive(8, shape)]);
    }

    [TestMethod]
    public void An_axis_that_does_not_exist_is_an_error_that_names_it()
    {
        Tensor p = K.Constant(Positive(9, [2, 3, 4])), t = K.Constant(Classes([2, 4], 3));
        foreach (int axis in new[] { 3, -4, int.MinValue, int.MaxValue })
        {
            foreach (Action call in new Action[]
            {
                () => K.CategoricalCrossentropy(p, p, axis: axis), () =>
                    K.SparseCategoricalCrossentropy(t, p, axis: axis),
                () => K.Softmax(p, axis), () => K.L2Normalize(p, axis),
            })
            {
                ArgumentException error = Assert.ThrowsExactly<ArgumentException>(call);
                Assert.AreEqual("axis", error.ParamName);
                Assert.Contains($"Axis {axis}", error.Message);
                Assert.Contains("(2, 3, 4)", error.Message);
            }
        }
    }

    [TestMethod]
    public void Targets_that_do_not_fit_along_the_axis_are_an_error_with_both_shapes()
    {
        Tensor p = K.Constant(Positive(9, [2, 3, 4]));
        foreach (int[] wrong in new int[][] { [2, 3], [2, 3, 1], [2, 4, 3], [1, 2, 4], [2, 2, 4], [2], [2, 1, 4, 1] })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(
                () => K.SparseCategoricalCrossentropy(K.Constant(new NDArray(wrong)), p, axis: 1)).Message;
            Assert.Contains(Shape.Format(wrong), message);
            Assert.Contains("(2, 3, 4)", message);
        }
        foreach (int[] wrong in new int[][] { [2, 4], [2, 1, 4], [2, 4, 3] })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(
                () => K.CategoricalCrossentropy(K.Constant(new NDArray(wrong)), p, axis: 1)).Message;
            Assert.Contains(Shape.Format(wrong), message);
            Assert.Contains("(2, 3, 4)", message);
        }
    }

    [TestMethod]
    public void Crossentropies_agree_for_both_orders_of_channels()
    {
        NDArray image = new float[] { 8, 7.1f, 0, 4.5f, 2.6f, 0.55f, 0.9f, 4.2f, 11.2f };
        int[] labels = [0, 1, 3, 2, 1, 0, 2, 2, 1];
        double Evaluated(bool first, bool sparse)
        {
            string order = first ? "channels_first" : "channels_last";
            int axis = first ? 1 : -1;
            using var model = new Sequential([
                new Conv2D(4, 1, dataFormat: order, kernelInitializer: "ones", biasInitializer: "ones",
                    inputShape: first ? [1, 3, 3] : [3, 3, 1]),
                new Lambda(x => K.Softmax(x, axis)),
            ]);
            Func<Tensor, Tensor, Tensor> loss = sparse
                ? (t, p) => K.SparseCategoricalCrossentropy(t, p, axis: axis)
                : (t, p) => K.CategoricalCrossentropy(t, p, axis: axis);
            model.Compile("rmsprop", loss);
            int channels = sparse ? 1 : 4;
            NDArray target = first ? new(1, channels, 3, 3) : new(1, 3, 3, channels);
            for (int i = 0; i < 9; i++)
            {
                if (sparse) target.Span[i] = labels[i];
                else target.Span[first ? labels[i] * 9 + i : i * 4 + labels[i]] = 1;
            }
            return model.Evaluate(first ? image.Reshape(1, 1, 3, 3) : image.Reshape(1, 3, 3, 1), target, batchSize: 1,
                verbose: 0)["loss"];
        }

        // Equal weights make all four classes equally likely.
        foreach (bool sparse in new[] { false, true })
            foreach (bool first in new[] { false, true }) Assert.AreEqual(Math.Log(4), Evaluated(first, sparse), 1e-5);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_model_with_channels_first_learns_like_one_with_channels_last(bool keepsAxis)
    {
        NDArray x = Numbers.Random(10, 8, 2, 3, 3), y = Classes([8, 3, 3], 4);
        static NDArray Turned(NDArray a, int[] axes) => K.Eval(K.PermuteDimensions(K.Constant(a), axes));
        (double[] Losses, float[] Bias, Evaluation Judged) Trained(bool first)
        {
            int axis = first ? 1 : -1;
            using var model = new Sequential(
                [new Conv2D(4, 1, dataFormat: first ? "channels_first" : "channels_last",
                    kernelInitializer: new Initializers.Constant(0.1), inputShape: first ? [2, 3, 3] : [3, 3, 2])]);
            model.Compile("sgd", (t, p) => K.SparseCategoricalCrossentropy(t, p, fromLogits: true, axis: axis),
                metrics: [new Metrics.SparseCategoricalCrossentropy(fromLogits: true, axis: axis)]);
            NDArray data = first ? x : Turned(x, [0, 2, 3, 1]),
                target = !keepsAxis ? y : first ? y.Reshape(8, 1, 3, 3) : y.Reshape(8, 3, 3, 1);
            History history = model.Fit(data, target, batchSize: 4, epochs: 3, shuffle: false, verbose: 0);
            return ([.. history["loss"]], model.GetWeights()[1].ToArray(), model.Evaluate(data, target, verbose: 0));
        }

        var last = Trained(first: false);
        var first = Trained(first: true);
        Assert.IsLessThan(last.Losses[0], last.Losses[2]);
        for (int i = 0; i < 3; i++) Assert.AreEqual(last.Losses[i], first.Losses[i], 1e-5);
        for (int i = 0; i < 4; i++) Assert.AreEqual(last.Bias[i], first.Bias[i], 1e-6);
        Assert.AreEqual(first.Judged["loss"], first.Judged["sparse_categorical_crossentropy"], 1e-5);
        Assert.AreEqual(last.Judged["loss"], first.Judged["loss"], 1e-5);
    }
}
