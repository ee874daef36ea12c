using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Onnx;

// Writes each operation and composite.
internal sealed partial class OnnxWriter
{
    static readonly Dictionary<Type, Action<OnnxWriter, Tensor, Reading>> s_operators = new()
    {
        [typeof(Elementwise)] = (w, y, r) => w.WriteElementwise(y, ((Elementwise)r.What).Kind, r.Inputs),
        [typeof(NamedFunction)] = (w, y, r) => w.WriteFunction(y, (NamedFunction)r.What, r.Inputs),
        [typeof(Clipped)] = (w, y, r) => w.WriteClipped(y, (Clipped)r.What, r.Inputs),
        [typeof(ParametricRelu)] = (w, y, r) => w.WriteByElement(y, "PRelu", r.Inputs),
        [typeof(Softmax)] = (w, y, r) => w.Out(y, w.Node("Softmax", [w.In(r.Inputs[0])], ("axis", -1))),
        [typeof(SoftmaxAlong)] = (w, y, r) =>
            w.Out(y, w.Node("Softmax", [w.In(r.Inputs[0])], ("axis", ((SoftmaxAlong)r.What).Axis))),
        [typeof(Reduce)] = (w, y, r) =>
            w.WriteReduction(y, ReductionName(((Reduce)r.What).Kind), r.Inputs[0], ((Reduce)r.What).Axes,
                keepDims: false),
        [typeof(KeptReduction)] = (w, y, r) =>
            w.WriteReduction(y, ReductionName(((KeptReduction)r.What).Kind), r.Inputs[0], ((KeptReduction)r.What).Axes,
                keepDims: true),
        [typeof(MeanOver)] = (w, y, r) =>
            w.WriteReduction(y, "ReduceMean", r.Inputs[0], ((MeanOver)r.What).Axes, ((MeanOver)r.What).KeepDims),
        [typeof(ArgMax)] = (w, y, r) =>
            w.Out(y, w.AsFloat(w.Node("ArgMax", [w.In(r.Inputs[0])], ("axis", -1), ("keepdims", 0)))),
        [typeof(MatMul)] = (w, y, r) => w.WriteProduct(y, (MatMul)r.What, r.Inputs, null),
        [typeof(IntegerMatMul)] = (w, y, r) => w.WriteIntegerProduct(y, (IntegerMatMul)r.What, r.Inputs),
        [typeof(Unpack)] = (w, y, r) => w.OutAlias(y, r.Inputs[0]),
        [typeof(BatchMatMul)] = (w, y, r) => w.WriteBatchProduct(y, (BatchMatMul)r.What, r.Inputs),
        [typeof(Biased)] = (w, y, r) =>
            w.WriteBiased(y, ((Biased)r.What).Inner, [.. r.Inputs.SkipLast(1)], r.Inputs[^1]),
        [typeof(DepthwiseConvolution)] = (w, y, r) => w.WriteConvolution(y, r.What, r.Inputs, null),
        [typeof(GroupedConvolution)] = (w, y, r) => w.WriteConvolution(y, r.What, r.Inputs, null),
        [typeof(TransposedConvolution)] = (w, y, r) => w.WriteConvolution(y, r.What, r.Inputs, null),
        [typeof(Convolve)] = (w, y, r) => w.WriteConvolution(y, r.What, r.Inputs, null),
        [typeof(MaxPool)] = (w, y, r) => w.WritePool(y, "MaxPool", ((MaxPool)r.What).Windows, r.Inputs[0]),
        [typeof(AveragePool)] = (w, y, r) => w.WritePool(y, "AveragePool", ((AveragePool)r.What).Windows, r.Inputs[0]),
        [typeof(Patches)] = (w, y, r) => w.WritePatches(y, (Patches)r.What, r.Inputs[0]),
        [typeof(Upsampled)] = (w, y, r) => w.WriteUpsampled(y, (Upsampled)r.What, r.Inputs[0]),
        [typeof(Ops.Margins)] = (w, y, r) => w.WriteMargins(y, ((Ops.Margins)r.What).Ends, r.Inputs[0]),
        [typeof(BatchNormalized)] = (w, y, r) => w.WriteBatchNormalized(y, (BatchNormalized)r.What, r.Inputs),
        [typeof(Standardized)] = (w, y, r) => w.WriteStandardized(y, (Standardized)r.What, r.Inputs),
        [typeof(LayerNormalized)] = (w, y, r) => w.WriteLayerNormalized(y, (LayerNormalized)r.What, r.Inputs),
        [typeof(Reshape)] = (w, y, r) => w.Out(y, w.Reshaped(w.In(r.Inputs[0]), r.Inputs[0].Dims, y.Dims)),
        [typeof(BroadcastTo)] = (w, y, r) => w.Out(y, w.Node("Expand", [w.In(r.Inputs[0]), w.SizesOf(y.Dims)])),
        [typeof(Transpose)] = (w, y, r) => w.WriteTranspose(y, ((Transpose)r.What).Axes, r.Inputs[0]),
        [typeof(Slice)] = (w, y, r) => w.WriteSlice(y, (Slice)r.What, r.Inputs[0]),
        [typeof(Pad)] = (w, y, r) => w.WritePad(y, (Pad)r.What, r.Inputs[0]),
        [typeof(Concat)] = (w, y, r) => w.WriteConcat(y, ((Concat)r.What).Axis, r.Inputs),
        [typeof(Reverse)] = (w, y, r) =>
            w.Out(y,
                w.Sliced(w.In(r.Inputs[0]), ((Reverse)r.What).Axis, w.Integers(-1), w.Integers(long.MinValue),
                    step: -1)),
        [typeof(CumulativeSum)] = (w, y, r) =>
            w.Out(y,
                w.Node("CumSum", [w.In(r.Inputs[0]), w.Integers([], [((CumulativeSum)r.What).Axis])],
                    ("reverse", ((CumulativeSum)r.What).Backward ? 1 : 0))),
        [typeof(CumulativeProduct)] = (w, y, r) => w.WriteCumulativeProduct(y, (CumulativeProduct)r.What, r.Inputs[0]),
        [typeof(Gather)] = (w, y, r) => w.WriteGather(y, r.Inputs[0], r.Inputs[1]),
        [typeof(BatchGather)] = (w, y, r) => w.WriteBatchGather(y, r.Inputs[0], r.Inputs[1]),
        [typeof(OneHot)] = (w, y, r) =>
            w.Out(y,
                w.Node("OneHot",
                    [w.AsIndex(r.Inputs[0]), w.Integers(((OneHot)r.What).Depth),
                        w.Number(new NDArray([0f, 1f], 2), "off_on")], ("axis", -1))),
        [typeof(SizeOf)] = (w, y, r) => w.Out(y, w.AsFloat(w.Squeezed(w.SizeOf(((SizeOf)r.What).Size), 0))),
        [typeof(LowerTriangle)] = (w, y, r) => w.WriteLowerTriangle(y, ((LowerTriangle)r.What).Size),
        [typeof(Recurrent)] = (w, y, r) => w.WriteRecurrent(y, r),
        [typeof(RecurrentLayer)] = (w, y, r) => w.WriteRecurrent(y, r),
        [typeof(Scan)] = (w, y, r) => w.WriteScan(y, (Scan)r.What, r.Inputs),
        [typeof(Part)] = (w, y, r) => w.Out(y, w._parts[(y.Inputs[0], ((Part)r.What).Index)]),
        [typeof(CustomForward)] = (w, y, r) => w.WriteCustom(y, ((CustomForward)r.What).Custom, r.Inputs),
    };

    /// <summary>The types that can be written.</summary>
    public static IReadOnlyCollection<Type> Known => s_operators.Keys;

    // ── Elementwise operators
    // ───────────────────────────────────────────────────────────────────────────────────────────

    void WriteElementwise(Tensor y, ElementwiseKind kind, IReadOnlyList<Tensor> x)
    {
        switch (kind)
        {
            case ElementwiseKind.Identity or ElementwiseKind.StopGradient:
                OutAlias(y, x[0]);
                break;
            case ElementwiseKind.Less or ElementwiseKind.LessEqual or ElementwiseKind.Equal:
                OutTruth(y, Node(kind == ElementwiseKind.LessEqual ? "LessOrEqual" : kind.ToString(), x.Select(In)));
                break;
            // 1 − (a = b) is a ≠ b.
            case ElementwiseKind.Subtract when x[0].Op is Scalar { Value: 1 } && IsTruth(x[1]):
                OutTruth(y, Node("Not", [InTruth(x[1])]));
                break;
            case ElementwiseKind.Multiply when x.All(IsTruth):
                OutTruth(y, Node("And", x.Select(InTruth)));
                break;
            case ElementwiseKind.Where:
                Out(y, Node("Where", [InTruth(x[0]), In(x[1]), In(x[2])]));
                break;
            case ElementwiseKind.Square:
                WriteByElement(y, "Mul", [x[0], x[0]]);
                break;
            case ElementwiseKind.Expm1:
                WriteEach(y, x, inputs => Node("Sub", [Node("Exp", inputs), Number(1)]));
                break;
            case ElementwiseKind.Log1p:
                Out(y, Node("Log", [Node("Add", [In(x[0]), Number(1)])]));
                break;
            default:
                WriteByElement(y, OperatorOf(kind), x);
                break;
        }
    }

    bool IsTruth(Tensor tensor) =>
        _values.TryGetValue(tensor, out Forms? forms) && forms.Truth is not null && forms.ChannelsFirst is null;

    static string OperatorOf(ElementwiseKind kind) => kind switch
    {
        ElementwiseKind.Negate => "Neg",
        ElementwiseKind.Subtract => "Sub",
        ElementwiseKind.Multiply => "Mul",
        ElementwiseKind.Divide => "Div",
        ElementwiseKind.Minimum => "Min",
        ElementwiseKind.Maximum => "Max",
        _ => kind.ToString(),
    };

    void WriteByElement(Tensor y, string operation, IReadOnlyList<Tensor> x, params (string, object)[] attributes) =>
        WriteEach(y, x, inputs => Node(operation, inputs, attributes));

    /// <summary>Elementwise operations keep the order of their inputs' dimensions.</summary>
    void WriteEach(Tensor y, IReadOnlyList<Tensor> x, Func<string[], string> write)
    {
        if (StaysFirst(x)) OutFirst(y, write([.. x.Select(t => InFirst(t, y.Rank))]));
        else Out(y, write([.. x.Select(In)]));
    }

    void WriteFunction(Tensor y, NamedFunction function, IReadOnlyList<Tensor> x) =>
        WriteByElement(y, function.Operator, x, function.Attributes);

    void WriteClipped(Tensor y, Clipped clipped, IReadOnlyList<Tensor> x) =>
        WriteEach(y, x, inputs => Node("Clip", [.. inputs, Number(clipped.Min), Number(clipped.Max)]));

    string AsFloat(string value) => Node("Cast", [value], ("to", (int)TensorProto.Types.DataType.Float));

    string AsIndex(Tensor tensor) => Node("Cast", [In(tensor)], ("to", (int)TensorProto.Types.DataType.Int64));

    void WriteGather(Tensor y, Tensor table, Tensor indices)
    {
        bool isPacked = table.Format == ValueFormat.Int8;
        string rows = Node("Gather", [isPacked ? WholeNumbers(table) : TableOf(table), AsIndex(indices)], ("axis", 0));
        Out(y, isPacked ? AsFloat(rows) : rows);
    }

    string TableOf(Tensor table) => _constants.Contains(table) && table.Rank == 2 ? Weight(table, null, 0) : In(table);

    void WriteBatchGather(Tensor y, Tensor table, Tensor indices)
    {
        string limited = table.Dims[1].Constant is int rows
            ? Node("Clip", [In(indices), Number(0), Number(rows - 1)]) : In(indices);
        string index = Node("Cast", [limited], ("to", (int)TensorProto.Types.DataType.Int64));
        Out(y, Node("GatherND", [In(table), Unsqueezed(index, -1)], ("batch_dims", 1)));
    }

    // ── Reductions
    // ──────────────────────────────────────────────────────────────────────────────────────────────────────

    static string ReductionName(ReduceKind kind) => $"Reduce{kind}";

    void WriteReduction(Tensor y, string operation, Tensor x, Axes axes, bool keepDims)
    {
        if (axes.Count == 0)
        {
            OutAlias(y, x);
            return;
        }
        // Over all spatial dimensions, as in global pooling: only the channels remain, in either data format.
        bool overPlaces = IsFirst(x) && !keepDims && axes.Values.SequenceEqual(Enumerable.Range(1, x.Rank - 2));
        string value = overPlaces ? InFirst(x) : In(x);
        long[] along = [.. axes.Values.Select(a => (long)(overPlaces ? FirstAxis(a, x.Rank) : a))];
        // Sums take their axes as an input since opset 13, other reductions since 18.
        int since = operation == "ReduceSum" ? 13 : 18;
        Out(y, options.Opset >= since
            ? Node(operation, [value, Integers(along)], ("keepdims", keepDims ? 1 : 0))
            : Node(operation, [value], ("axes", along), ("keepdims", keepDims ? 1 : 0)));
    }

    // ── Products
    // ────────────────────────────────────────────────────────────────────────────────────────────────────────

    void WriteBiased(Tensor y, object inner, IReadOnlyList<Tensor> x, Tensor bias)
    {
        if (inner is MatMul product) WriteProduct(y, product, x, bias);
        else WriteConvolution(y, inner, x, bias);
    }

    void WriteProduct(Tensor y, MatMul product, IReadOnlyList<Tensor> x, Tensor? bias)
    {
        (Tensor a, Tensor b) = (x[0], x[1]);
        bool plain = !product.TransposeA && !product.TransposeB && _constants.Contains(b) && b.Rank == 2
            && !_constants.Contains(a);
        if (plain && IsFirst(a))
        {
            // The same at each position: a convolution of size 1.
            string kernel = Weight(b,
                k => K.Reshape(K.Transpose(k),
                    [k.Shape[1]!.Value, k.Shape[0]!.Value, .. Enumerable.Repeat(1, a.Rank - 2)]), 0);
            OutFirst(y,
                Node("Conv", bias is null ? [InFirst(a), kernel] : [InFirst(a), kernel, In(bias)],
                    ("kernel_shape", Enumerable.Repeat(1, a.Rank - 2).ToArray())));
        }
        else if (plain && options.Weights == OnnxWeights.Int8)
        {
            Out(y, WholeProduct(In(a), b, bias));
        }
        else if (plain && a.Rank == 2 && bias is not null)
        {
            Out(y, Node("Gemm", [In(a), Weight(b, null, 1), In(bias)]));
        }
        else
        {
            string left = product.TransposeA ? Node("Transpose", [Matrix(a, columns: 1)], ("perm", (int[])[1, 0]))
                : In(a);
            string right = plain ? Weight(b, null, 1) : Matrix(b, product.TransposeB ? 1 : b.Rank - 1);
            if (product.TransposeB) right = Node("Transpose", [right], ("perm", (int[])[1, 0]));
            string result = Node("MatMul", [left, right]);
            Out(y, bias is null ? result : Node("Add", [result, In(bias)]));
        }
    }

    /// <summary>Flattens a tensor to two dimensions: those before a position, and the rest; for products that take the
    /// latter as columns.</summary>
    string Matrix(Tensor tensor, int columns)
    {
        if (tensor.Rank == 2) return In(tensor);
        int split = columns == 1 ? tensor.Rank - 1 : columns;
        return Reshaped(In(tensor), tensor.Dims,
            new(tensor.Dims.Product(0, split), tensor.Dims.Product(split, tensor.Rank)));
    }

    /// <summary>Dynamically quantized inputs, an integer product, and dequantization by row and column.</summary>
    string WholeProduct(string x, Tensor kernel, Tensor? bias)
    {
        string name = NewName(kernel is Variable variable ? variable.Name : $"{_path}/kernel");
        if (_weights.Contains(kernel)) _weightAxes[name] = 1;
        (string whole, string scales, _) = Whole(name, Value(kernel), 1);
        string[] quantized = Nodes("DynamicQuantizeLinear", [x], [true, true, true]);
        string product = AsFloat(Node("MatMulInteger", [quantized[0], whole, quantized[2]]));
        string result = Node("Mul", [product, Node("Mul", [quantized[1], scales])]);
        return bias is null ? result : Node("Add", [result, In(bias)]);
    }

    /// <summary>A product of integers of 8 bits with sums of 32 bits.</summary>
    void WriteIntegerProduct(Tensor y, IntegerMatMul product, IReadOnlyList<Tensor> x)
    {
        string right = WholeNumbers(x[1]);
        if (product.TransposeB) right = Node("Transpose", [right], ("perm", (int[])[1, 0]));
        Out(y, AsFloat(Node("MatMulInteger", [WholeNumbers(x[0]), right])));
    }

    /// <summary>A value as integers of 8 bits; a weight is stored in this way.</summary>
    string WholeNumbers(Tensor tensor)
    {
        if (!_constants.Contains(tensor))
            return Node("Cast", [In(tensor)], ("to", (int)TensorProto.Types.DataType.Int8));
        object key = (tensor, nameof(WholeNumbers));
        if (_cache.TryGetValue(key, out string? known)) return known;
        NDArray value = Value(tensor.Unpacked());
        string name = NewName(tensor is Variable variable ? variable.Name : $"{_path}/kernel");
        _initializers.Add(OnnxTensors.Int8(name, value.Shape, [.. value.ToArray().Select(ValueFormats.ToInteger)]));
        if (_weights.Contains(tensor)) _weightAxes[name] = -1;
        return _cache[key] = name;
    }

    void WriteBatchProduct(Tensor y, BatchMatMul product, IReadOnlyList<Tensor> x)
    {
        string Turned(Tensor tensor, bool transpose) => !transpose ? In(tensor)
            : Node("Transpose", [In(tensor)],
                ("perm", (int[])[.. Enumerable.Range(0, tensor.Rank - 2), tensor.Rank - 1, tensor.Rank - 2]));
        Out(y, Node("MatMul", [Turned(x[0], product.TransposeA), Turned(x[1], product.TransposeB)]));
    }

    // ── Normalization
    // ───────────────────────────────────────────────────────────────────────────────────────────────────

    void WriteBatchNormalized(Tensor y, BatchNormalized batch, IReadOnlyList<Tensor> x)
    {
        int channels = x[1].Dims[0].Constant!.Value;
        string Filled(float value) =>
            Number(new NDArray([.. Enumerable.Repeat(value, channels)], channels), value == 0 ? "zeros" : "ones");
        string scale = batch.Scaled ? In(x[3]) : Filled(1), shift = batch.Shifted ? In(x[^1]) : Filled(0);
        bool last = batch.Axis == y.Rank - 1 && y.Rank > 2;
        string result = Node("BatchNormalization", [last ? InFirst(x[0]) : In(x[0]), scale, shift, In(x[1]), In(x[2])],
            ("epsilon", batch.Epsilon));
        if (last) OutFirst(y, result);
        else Out(y, result);
    }

    /// <summary>Writes the statistics as they are, so that they can be read back.</summary>
    void WriteStandardized(Tensor y, Standardized standard, IReadOnlyList<Tensor> x)
    {
        string At(Tensor weight) =>
            Node("Reshape", [In(weight), Integers([.. standard.Shape.Select(s => (long)s)])]);
        string mean = At(x[1]);
        string width = Node("Max", [Node("Sqrt", [Node("Relu", [At(x[2])])]), Number(standard.Epsilon)]);
        // Nothing reads the count, but whoever reads the file back needs it.
        if (_counts.Add(standard.Count)) _kept.Add(Keep(standard.Count.GetValue(), standard.Count.Name));
        Out(y, standard.Invert ? Node("Add", [Node("Mul", [In(x[0]), width]), mean])
            : Node("Div", [Node("Sub", [In(x[0]), mean]), width]));
    }

    void WriteLayerNormalized(Tensor y, LayerNormalized layer, IReadOnlyList<Tensor> x)
    {
        int[] sizes = [.. y.Dims.Skip(layer.FirstAxis).Select(d => d.Constant!.Value)];
        string scale = layer.Scaled ? In(x[1])
            : Number(new NDArray([.. Enumerable.Repeat(1f, sizes.Aggregate(1, (p, s) => p * s))], sizes), "ones");
        Out(y,
            Node("LayerNormalization", layer.Shifted ? [In(x[0]), scale, In(x[^1])] : [In(x[0]), scale],
                ("axis", layer.FirstAxis), ("epsilon", layer.Epsilon)));
    }

    // ── Shapes and positions
    // ───────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>Reshapes a value: copied and known sizes are kept, one variable size is inferred, and others are read
    /// from the inputs.</summary>
    string Reshaped(string value, Dims from, Dims to)
    {
        long[] sizes = [
            .. to.Select((d, i) => d.Constant is int known and > 0 ? known : i < from.Rank && d.Equals(from[i]) ? 0
                : -1L)];
        return Node("Reshape",
            [value, sizes.Count(s => s == -1) <= 1 && to.All(d => d.Constant != 0) ? Integers(sizes) : SizesOf(to)]);
    }

    string Squeezed(string value, int axis) =>
        options.Opset >= 13 ? Node("Squeeze", [value, Integers(axis)])
        : Node("Squeeze", [value], ("axes", (int[])[axis]));

    string Unsqueezed(string value, int axis) =>
        options.Opset >= 13 ? Node("Unsqueeze", [value, Integers(axis)])
        : Node("Unsqueeze", [value], ("axes", (int[])[axis]));

    void WriteTranspose(Tensor y, Axes axes, Tensor x)
    {
        // Layers with channels first transpose their data back and forth; here that costs nothing.
        if (y.Rank >= 3 && axes.Values.SequenceEqual(ToLast(y.Rank))) OutFirst(y, In(x));
        else if (y.Rank >= 3 && axes.Values.SequenceEqual(ToFirst(y.Rank))) Out(y, InFirst(x));
        else Out(y, Node("Transpose", [In(x)], ("perm", axes.Values)));
    }

    void WriteSlice(Tensor y, Slice slice, Tensor x)
    {
        string end = slice.Start == 0 ? SizeOf(slice.Size) : slice.Size.Constant is int size
            ? Integers(slice.Start + size) : Node("Add", [SizeOf(slice.Size), Integers(slice.Start)]);
        if (IsFirst(x)) OutFirst(y, Sliced(InFirst(x), FirstAxis(slice.Axis, x.Rank), Integers(slice.Start), end));
        else Out(y, Sliced(In(x), slice.Axis, Integers(slice.Start), end));
    }

    string Sliced(string value, int axis, string start, string end, int step = 1) =>
        Node("Slice",
            step == 1 ? [value, start, end, Integers(axis)] : [value, start, end, Integers(axis), Integers(step)]);

    void WritePad(Tensor y, Pad pad, Tensor x)
    {
        if (x.Dims[pad.Axis].Constant is not int size || pad.Total.Constant is not int total)
        {
            throw new NotSupportedException(
                $"{LayerOf(y)} cannot be exported to ONNX: it pads a dimension of variable size with zeros.");
        }
        var pads = new long[2 * x.Rank];
        (pads[pad.Axis], pads[x.Rank + pad.Axis]) = (pad.Before, total - pad.Before - size);
        Out(y, Node("Pad", [In(x), Integers(pads)]));
    }

    void WriteMargins(Tensor y, IReadOnlyList<(int Before, int After)> ends, Tensor x)
    {
        bool first = IsFirst(x);
        string value = first ? InFirst(x) : In(x);
        int Axis(int place) => first ? place + 2 : place + 1;
        var pads = new long[2 * x.Rank];
        for (int i = 0; i < ends.Count; i++)
        {
            (pads[Axis(i)], pads[x.Rank + Axis(i)]) = (Math.Max(ends[i].Before, 0), Math.Max(ends[i].After, 0));
            if (ends[i].Before >= 0 && ends[i].After >= 0) continue;
            int start = Math.Max(-ends[i].Before, 0),
                size = x.Dims[i + 1].Constant!.Value - start - Math.Max(-ends[i].After, 0);
            value = Sliced(value, Axis(i), Integers(start), Integers(start + size));
        }
        if (pads.Any(p => p > 0)) value = Node("Pad", [value, Integers(pads)]);
        if (first) OutFirst(y, value);
        else Out(y, value);
    }

    void WriteConcat(Tensor y, int axis, IReadOnlyList<Tensor> x)
    {
        if (StaysFirst(x) && !x.Any(_constants.Contains))
            OutFirst(y, Node("Concat", [.. x.Select(t => InFirst(t))], ("axis", FirstAxis(axis, y.Rank))));
        else Out(y, Node("Concat", [.. x.Select(In)], ("axis", axis)));
    }

    void WriteLowerTriangle(Tensor y, Dim size)
    {
        // 1 if the column is not greater than the row.
        string numbers = Node("Range", [Integers([], [0]), Squeezed(SizeOf(size), 0), Integers([], [1])]);
        OutTruth(y, Node("LessOrEqual", [Unsqueezed(numbers, 0), Unsqueezed(numbers, 1)]));
    }

    void WriteCustom(Tensor y, CustomOp custom, IReadOnlyList<Tensor> x)
    {
        if (custom.Onnx is null)
        {
            throw new NotSupportedException($"{LayerOf(y)} cannot be exported to ONNX: it uses the custom operation "
                + $"{custom.Name}, which does not define its ONNX operators. " +
                "Pass the argument `onnx` to its constructor: a function that writes its nodes and returns the name of "
                + "their result.");
        }
        Out(y,
            custom.Onnx(
                new OnnxNodes(options.Opset, (operation, inputs, attributes) => Node(operation, inputs, attributes),
                    value => Number(value, $"{_path}/constant")), [.. x.Select(In)])
            ?? throw new InvalidOperationException($"{LayerOf(y)}: the function `onnx` of the custom operation "
                + $"{custom.Name} returned null instead of the name of a value."));
    }
}
