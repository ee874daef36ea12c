using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Activation = Microsoft.ML.KerasSequential.Layers.Activation;

namespace Microsoft.ML.KerasSequential.Onnx;

// Maps operators to layers.
internal sealed partial class ForeignModel
{
    static readonly Dictionary<string, Action<ForeignModel, NodeProto>> s_operators = new()
    {
        ["Identity"] = (m, n) => m.Goes(n),
        ["Cast"] = (m, n) => m.Goes(n),
        ["Dropout"] = (m, n) => m.ReadDropout(n),
        ["Relu"] = (m, n) => m.ReadLayer(n, new Activation("relu")),
        ["Sigmoid"] = (m, n) => m.ReadLayer(n, new Activation("sigmoid")),
        ["Tanh"] = (m, n) => m.ReadLayer(n, new Activation("tanh")),
        ["Softplus"] = (m, n) => m.ReadLayer(n, new Activation("softplus")),
        ["Softsign"] = (m, n) => m.ReadLayer(n, new Activation("softsign")),
        ["Exp"] = (m, n) => m.ReadLayer(n, new Activation("exponential")),
        ["Mish"] = (m, n) => m.ReadLayer(n, new Activation("mish")),
        ["Gelu"] = (m, n) => m.ReadGelu(n),
        ["Selu"] = (m, n) => m.ReadLayer(n, new Activation("selu"),
            Near(Number(n, "alpha", 1.6732632f), 1.6732632f) && Near(Number(n, "gamma", 1.0507010f), 1.0507010f)),
        ["HardSigmoid"] = (m, n) =>
            m.ReadLayer(n, new Activation(Near(Number(n, "alpha", 0.2f), 0.2f) ? "hard_sigmoid" : "hardsigmoid"),
                (Near(Number(n, "alpha", 0.2f), 0.2f) || Near(Number(n, "alpha", 0.2f), 1 / 6f))
                && Near(Number(n, "beta", 0.5f), 0.5f)),
        ["Elu"] = (m, n) => m.ReadLayer(n, new ELU(Number(n, "alpha", 1))),
        ["LeakyRelu"] = (m, n) => m.ReadLayer(n, new LeakyReLU(Number(n, "alpha", 0.01f))),
        ["ThresholdedRelu"] = (m, n) => m.ReadLayer(n, new ThresholdedReLU(Number(n, "alpha", 1))),
        ["PRelu"] = (m, n) => m.ReadPRelu(n),
        ["Clip"] = (m, n) => m.ReadClip(n),
        ["Softmax"] = (m, n) => m.ReadSoftmax(n),
        ["Gemm"] = (m, n) => m.ReadGemm(n),
        ["MatMul"] = (m, n) => m.ReadMatMul(n),
        ["Conv"] = (m, n) => m.ReadConv(n),
        ["ConvTranspose"] = (m, n) => m.ReadConvTranspose(n),
        ["MaxPool"] = (m, n) => m.ReadPool(n, max: true),
        ["AveragePool"] = (m, n) => m.ReadPool(n, max: false),
        ["GlobalMaxPool"] = (m, n) => m.ReadGlobalPool(n, max: true),
        ["GlobalAveragePool"] = (m, n) => m.ReadGlobalPool(n, max: false),
        ["ReduceMean"] = (m, n) => m.ReadReduction(n, max: false),
        ["ReduceMax"] = (m, n) => m.ReadReduction(n, max: true),
        ["BatchNormalization"] = (m, n) => m.ReadBatchNormalization(n),
        ["LayerNormalization"] = (m, n) => m.ReadLayerNormalization(n),
        ["Flatten"] = (m, n) => m.ReadFlatten(n),
        ["Reshape"] = (m, n) => m.ReadReshape(n),
        ["Squeeze"] = (m, n) => m.ReadSqueeze(n),
        ["Transpose"] = (m, n) => m.ReadTranspose(n),
        ["Pad"] = (m, n) => m.ReadPad(n),
        ["Resize"] = (m, n) => m.ReadResize(n),
        ["Gather"] = (m, n) => m.ReadGather(n),
        ["LSTM"] = (m, n) => m.ReadRecurrent(n),
        ["GRU"] = (m, n) => m.ReadRecurrent(n),
        ["RNN"] = (m, n) => m.ReadRecurrent(n),
    };

    static bool Near(float a, float b) => MathF.Abs(a - b) <= 1e-5f * MathF.Abs(b);

    // ── Elementwise operators
    // ───────────────────────────────────────────────────────────────────────────────────────────

    void ReadLayer(NodeProto node, Layer layer, bool fits = true)
    {
        Require(node, fits, "its parameters differ from those of Keras");
        Add(layer);
        Goes(node);
    }

    void ReadDropout(NodeProto node)
    {
        float rate = Has(node, 1) && _arrays.Has(node.Input[1]) ? Constant(node, 1).Span[0]
            : Number(node, "ratio", 0.5f);
        ReadLayer(node, new Dropout(rate), rate is >= 0 and < 1);
    }

    void ReadGelu(NodeProto node)
    {
        bool approximate = Word(node, "approximate", "none") == "tanh";
        ReadLayer(node, approximate ? new Lambda(x => K.Gelu(x, approximate: true)) : new Activation("gelu"));
    }

    void ReadPRelu(NodeProto node)
    {
        NDArray slope = Constant(node, 1);
        if (slope.Rank == Rank && slope.Shape[0] == 1) slope = slope.Reshape(slope.Shape[1..].ToArray());
        Require(node, slope.Rank < Rank && !_hasOnes, "its slopes have too many dimensions");
        // Aligned at the end, in the value's order of dimensions; then transposed to the model's.
        int[] sizes = new int[Rank - 1], aligned = [.. Enumerable.Repeat(1, Rank - 1 - slope.Rank), .. slope.Shape];
        Require(node, _view[0] == 0, "the batch is not its first axis");
        for (int i = 1; i < Rank; i++) sizes[_view[i] - 1] = aligned[i - 1];
        int[] shared = [.. Enumerable.Range(1, Rank - 1).Where(i => sizes[i - 1] == 1 && Size(i) != 1)];
        Require(node, Enumerable.Range(1, Rank - 1).All(i => sizes[i - 1] == 1 || Size(i) == sizes[i - 1]),
            "its slopes do not match its input");
        NDArray turned = Turned(slope.Reshape(aligned),
            [.. Enumerable.Range(1, Rank - 1).Select(i => Array.IndexOf(_view, i) - 1)]);
        Add(new PReLU(sharedAxes: shared.Length == 0 ? null : shared), turned);
        Goes(node);
    }

    void ReadClip(NodeProto node)
    {
        float min = Has(node, 1) ? Constant(node, 1).Span[0] : Number(node, "min", float.NegativeInfinity),
            max = Has(node, 2) ? Constant(node, 2).Span[0] : Number(node, "max", float.PositiveInfinity);
        Require(node, min == 0, "its lower bound is not 0");
        ReadLayer(node, new ReLU(float.IsFinite(max) ? max : null));
    }

    void ReadSoftmax(NodeProto node)
    {
        long axis = Integer(node, "axis", _opset < 13 ? 1 : -1);
        if (axis < 0) axis += Rank;
        Require(node, axis > 0 && axis < Rank && !_hasOnes, "its axis is not an axis of its input");
        // Before opset 13, all axes from the given one on were flattened.
        Require(node, _opset >= 13 || axis == Rank - 1, "it covers several axes");
        int own = _view[axis];
        ReadLayer(node, own == Rank - 1 ? new Activation("softmax") : new Softmax(own));
    }

    // ── Products
    // ────────────────────────────────────────────────────────────────────────────────────────────────────────

    void ReadGemm(NodeProto node)
    {
        Require(node, Integer(node, "transA", 0) == 0, "its first factor is transposed");
        NDArray kernel = Constant(node, 1);
        Require(node, kernel.Rank == 2 && Rank == 2, "its factors are not matrices");
        if (Integer(node, "transB", 0) != 0) kernel = Turned(kernel, [1, 0]);
        Scale(kernel, Number(node, "alpha", 1));
        NDArray? bias = Has(node, 2) ? Constant(node, 2) : null;
        if (bias is not null) Scale(bias, Number(node, "beta", 1));
        AddDense(node, kernel, bias);
        Goes(node);
    }

    void ReadMatMul(NodeProto node)
    {
        Require(node, node.Input[0] == _value && _arrays.Has(node.Input[1]), "its second factor is computed");
        NDArray kernel = Constant(node, 1);
        Require(node, kernel.Rank == 2, "its second factor is not a matrix");
        Turn();
        Goes(node);
        NDArray? bias = null;
        // The bias is a separate node if there is no matrix to add it to.
        if (_readers.GetValueOrDefault(_value) is [{ OpType: "Add", Input.Count: 2 } add]
            && add.Input.FirstOrDefault(i => i != _value) is { } other && _arrays.Has(other)
            && _arrays.Floats(other) is { Rank: 1 } values && values.Size == kernel.Shape[1])
        {
            bias = values;
            Goes(add);
        }
        AddDense(node, kernel, bias);
    }

    void AddDense(NodeProto node, NDArray kernel, NDArray? bias)
    {
        Turn();
        Require(node, Size(Rank - 1) == kernel.Shape[0],
            $"its kernel of shape {Shape.Format(kernel.Shape)} does not match its input of shape {_model.OutputShape}");
        if (bias is not null)
        {
            Require(node, bias.Size == kernel.Shape[1] || bias.Size == 1, "its bias does not match its kernel");
            var all = new NDArray(kernel.Shape[1]);
            for (int i = 0; i < all.Size; i++) all.Span[i] = bias.Span[bias.Size == 1 ? 0 : i];
            bias = all;
        }
        Add(new Dense(kernel.Shape[1], useBias: bias is not null), bias is null ? [kernel] : [kernel, bias]);
    }

    static void Scale(NDArray array, float factor)
    {
        if (factor == 1) return;
        foreach (ref float v in array.Span) v *= factor;
    }

    // ── Normalization
    // ───────────────────────────────────────────────────────────────────────────────────────────────────

    void ReadBatchNormalization(NodeProto node)
    {
        if (_hasOnes) Turn();
        Require(node, Rank >= 2 && node.Input.Count >= 5, "it lacks inputs");
        Require(node, Integer(node, "training_mode", 0) == 0, "it is in training mode");
        int axis = _view[1];
        NDArray[] weights = [Constant(node, 1), Constant(node, 2), Constant(node, 3), Constant(node, 4)];
        Require(node, axis > 0 && weights.All(w => w.Rank == 1 && w.Size == Size(axis)),
            "its weights do not match its input");
        Add(new BatchNormalization(axis: axis == Rank - 1 ? -1 : axis, epsilon: Number(node, "epsilon", 1e-5f)),
            weights);
        Goes(node);
    }

    void ReadLayerNormalization(NodeProto node)
    {
        Turn();
        long axis = Integer(node, "axis", -1);
        Require(node, axis == -1 || axis == Rank - 1, "it covers several axes");
        NDArray scale = Constant(node, 1);
        NDArray? shift = Has(node, 2) ? Constant(node, 2) : null;
        Require(node,
            scale.Rank == 1 && scale.Size == Size(Rank - 1)
            && (shift is null || shift.Shape.SequenceEqual(scale.Shape)), "its weights do not match its input");
        Add(new LayerNormalization(epsilon: Number(node, "epsilon", 1e-5f), center: shift is not null),
            shift is null ? [scale] : [scale, shift]);
        Goes(node);
    }

    // ── Shapes
    // ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    void ReadFlatten(NodeProto node)
    {
        Require(node, Integer(node, "axis", 1) == 1, "its axis is not 1");
        Flatten();
        Goes(node);
    }

    void Flatten()
    {
        if (_hasOnes)
        {
            _hasOnes = false;
            _view = [0, 1];
            return;
        }
        Turn();
        if (Rank > 2) Add(new Flatten());
        _view = [0, 1];
    }

    void ReadReshape(NodeProto node)
    {
        long[] sizes = Integers(node, 1, "shape") ?? throw Unknown(node, "its sizes are computed");
        Require(node,
            sizes.Length >= 2 && sizes.Count(s => s == -1) <= 1 && sizes.All(s => s is >= -1 and <= int.MaxValue),
            $"its sizes are {string.Join(", ", sizes)}");
        if (sizes.Length == 2 && sizes[1] != 0)
        {
            long size = _model.OutputShape.Skip(1).Aggregate(1L, (product, d) => product * (d ?? -1));
            Require(node, sizes[1] == -1 || sizes[1] == size, $"its sizes are {string.Join(", ", sizes)}");
            Flatten();
        }
        else
        {
            Turn();
            // The batch must stay: copied, inferred, or one sample.
            Require(node, sizes[0] is 0 or -1 or 1, $"its sizes are {string.Join(", ", sizes)}");
            int[] target = [.. sizes.Skip(1).Select((s, i) => s == 0 ? Size(i + 1) ?? -1 : (int)s)];
            Add(new Reshape(target));
            _view = [.. Enumerable.Range(0, Rank)];
        }
        Goes(node);
    }

    void ReadSqueeze(NodeProto node)
    {
        long[] axes = [.. (Integers(node, 1, "axes") ?? throw Unknown(node, "its axes are not given"))
            .Select(a => a < 0 ? a + (_hasOnes ? _view.Length : Rank) : a)];
        if (_hasOnes)
        {
            Require(node, axes.Order().SequenceEqual(Enumerable.Range(2, _view.Length - 2).Select(i => (long)i)),
                "it keeps dimensions of a global pooling");
            Flatten();
        }
        else
        {
            Turn();
            Require(node, axes.All(a => a > 0 && a < Rank && Size((int)a) == 1), "its axes are not of size 1");
            int?[] left = [.. _model.OutputShape.Skip(1).Where((_, i) => !axes.Contains(i + 1))];
            Require(node, left.Length > 0 && left.Count(d => d is null) <= 1, "it leaves no known sizes");
            Add(new Reshape([.. left.Select(d => d ?? -1)]));
            _view = [.. Enumerable.Range(0, Rank)];
        }
        Goes(node);
    }

    void ReadTranspose(NodeProto node)
    {
        Require(node, !_hasOnes, "it transposes the result of a global pooling");
        int[] axes = Integers(node, "perm", () => [.. Enumerable.Range(0, Rank).Reverse()]);
        Require(node, axes.Order().SequenceEqual(Enumerable.Range(0, Rank)), $"it is not a permutation of {Rank} axes");
        _view = [.. axes.Select(a => _view[a])];
        Goes(node);
    }

    void ReadGather(NodeProto node)
    {
        Require(node,
            Has(node, 1) && node.Input[1] == _value && _arrays.Has(node.Input[0]) && Integer(node, "axis", 0) == 0,
            "it is not a lookup of rows");
        Turn();
        NDArray table = Constant(node, 0);
        Require(node, table.Rank == 2 && table.Size > 0, "its table is not a matrix");
        int?[] length = [.. _model.OutputShape.Skip(1)];
        Add(new Embedding(table.Shape[0], table.Shape[1]), table);
        _view = [.. Enumerable.Range(0, length.Length + 2)];
        Goes(node);
    }

    // ── Recurrent layers
    // ────────────────────────────────────────────────────────────────────────────────────────────────

    void ReadRecurrent(NodeProto node)
    {
        Require(node, HasStepsFirst && Integer(node, "layout", 0) == 0,
            "the time steps are not the first axis of its input");
        Require(node, Word(node, "direction", "forward") == "forward", "its direction is not forward");
        Require(node, !Has(node, 4), "it has sequence lengths");
        Require(node,
            Enumerable.Range(5, 3)
            .All(i => !Has(node, i)
                || (_arrays.Has(node.Input[i]) && _arrays.Floats(node.Input[i]).ToArray().All(v => v == 0))),
                "it has initial states other than zeros");
        Require(node, Attribute(node, "clip") is null && Integer(node, "input_forget", 0) == 0,
            "it clips values or couples its gates");
        int gates = node.OpType switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
        NDArray w = Constant(node, 1), r = Constant(node, 2);
        Require(node,
            w.Rank == 3 && r.Rank == 3 && w.Shape[0] == 1 && r.Shape[0] == 1 && w.Shape[1] == r.Shape[1]
            && w.Shape[1] == gates * r.Shape[2] && w.Shape[2] == Size(2) && r.Shape[2] > 0, "its kernels do not match");
        int units = r.Shape[2];
        NDArray? b = Has(node, 3) ? Constant(node, 3) : null;
        Require(node, b is null || (b.Rank == 2 && b.Shape[0] == 1 && b.Shape[1] == 2 * gates * units),
            "its biases do not match");
        // i o f c in ONNX is i f c o here; z r h is the same.
        int[] order = gates == 4 ? [0, 2, 3, 1] : [.. Enumerable.Range(0, gates)];
        (NDArray kernel, NDArray recurrent) = (Gates(w, order, units), Gates(r, order, units));
        float[] one = new float[gates * units], two = new float[gates * units];
        for (int g = 0; b is not null && g < gates; g++)
        {
            b.Span.Slice(order[g] * units, units).CopyTo(one.AsSpan(g * units));
            b.Span.Slice((gates + order[g]) * units, units).CopyTo(two.AsSpan(g * units));
        }
        string[] functions = Functions(node, gates);
        bool after = Integer(node, "linear_before_reset", 0) != 0;
        bool sequences = _readers.ContainsKey(node.Output[0]) || _file.Graph.Output[0].Name == node.Output[0];
        float[] sum = [.. one.Zip(two, (a, c) => a + c)];
        Layer layer = node.OpType switch
        {
            "LSTM" => new LSTM(units, activation: functions[1], recurrentActivation: functions[0],
                useBias: b is not null, returnSequences: sequences),
            "GRU" => new GRU(units, activation: functions[1], recurrentActivation: functions[0], useBias: b is not null,
                resetAfter: after, returnSequences: sequences),
            _ => new SimpleRNN(units, activation: functions[0], useBias: b is not null, returnSequences: sequences),
        };
        Add(layer,
            b is null ? [kernel, recurrent]
            : [kernel, recurrent,
                after ? new NDArray([.. one, .. two], 2, gates * units) : new NDArray(sum, gates * units)]);
        // (steps, directions, batch, units) or (directions, batch, units): the single direction is removed.
        int output = sequences ? 0 : 1;
        Require(node,
            node.Output.Count > output && _readers.GetValueOrDefault(node.Output[output]) is [{ OpType: "Squeeze" }],
            "its directions are not squeezed");
        NodeProto squeeze = _readers[node.Output[output]][0];
        Require(squeeze, Integers(squeeze, 1, "axes") is [var axis] && axis == (sequences ? 1 : 0),
            "it squeezes axes other than the directions");
        _view = sequences ? [1, 0, 2] : [0, 1];
        Goes(squeeze);
    }

    string[] Functions(NodeProto node, int gates)
    {
        string[] missing = gates switch { 4 => ["Sigmoid", "Tanh", "Tanh"], 3 => ["Sigmoid", "Tanh"], _ => ["Tanh"] };
        string[] given = Attribute(node, "activations") is { } a ? [.. a.Strings.Select(s => s.ToStringUtf8())]
            : missing;
        Require(node,
            given.Length == missing.Length
            && (gates != 4 || given[1].Equals(given[2], StringComparison.OrdinalIgnoreCase)),
            "its activations do not match those of Keras");
        float[] alpha = [.. Attribute(node, "activation_alpha")?.Floats ?? []],
            beta = [.. Attribute(node, "activation_beta")?.Floats ?? []];
        int numbered = 0;
        return [.. given.Select(Keras)];

        string Keras(string name)
        {
            string lower = name.ToLowerInvariant();
            if (lower is "sigmoid" or "tanh" or "relu" or "softsign" or "softplus") return lower;
            float a = numbered < alpha.Length ? alpha[numbered] : lower == "affine" ? 1 : 0.2f,
                c = numbered < beta.Length ? beta[numbered] : lower == "affine" ? 0 : 0.5f;
            numbered++;
            if (lower == "hardsigmoid" && Near(a, 0.2f) && Near(c, 0.5f)) return "hard_sigmoid";
            if (lower == "affine" && a == 1 && c == 0) return "linear";
            throw Unknown(node, $"its activation {name} is not a Keras activation");
        }
    }

    /// <summary>Converts (1, gates·units, inputs) to (inputs, gates·units), with the gates reordered.</summary>
    static NDArray Gates(NDArray given, int[] order, int units)
    {
        int inputs = given.Shape[2], columns = given.Shape[1];
        var result = new NDArray(inputs, columns);
        for (int column = 0; column < columns; column++)
        {
            int from = order[column / units] * units + column % units;
            for (int i = 0; i < inputs; i++) result.Span[i * columns + column] = given.Span[from * inputs + i];
        }
        return result;
    }

    static NDArray Turned(NDArray array, int[] axes) =>
        array.Size == 0 ? array : K.Evaluate(K.PermuteDimensions(K.Constant(array), axes));
}
