using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Onnx;

// Recurrent layers and loops.
internal sealed partial class OnnxWriter
{
    /// <summary>A recurrent operation with the preceding product: inputs x, kernel, recurrent kernel, states, then the
    /// biases of the product.</summary>
    sealed record RecurrentLayer(Recurrent Operation) : Composite;

    /// <summary>This library multiplies all time steps by the kernel at once, before the loop; in ONNX, the operator
    /// does it.</summary>
    Reading ReadRecurrent(Tensor node)
    {
        var operation = (Recurrent)node.Op;
        var biases = new List<Tensor>();
        Tensor sum = node.Inputs[0];
        while (sum.Op is Elementwise { Kind: ElementwiseKind.Add } && _constants.Contains(sum.Inputs[1]))
        {
            biases.InsertRange(0, Summands(sum.Inputs[1]));
            sum = sum.Inputs[0];
        }
        if (sum.Op is not MatMul { TransposeA: false, TransposeB: false } || !_constants.Contains(sum.Inputs[1]))
            return new(operation, node.Inputs);
        return new(new RecurrentLayer(operation), [sum.Inputs[0], sum.Inputs[1], .. node.Inputs.Skip(1), .. biases]);
    }

    static IEnumerable<Tensor> Summands(Tensor tensor) =>
        tensor.Op is Elementwise { Kind: ElementwiseKind.Add } && tensor.Inputs.All(i => i.Dims.Equals(tensor.Dims))
        ? tensor.Inputs.SelectMany(Summands) : [tensor];

    void WriteRecurrent(Tensor node, Reading reading)
    {
        Recurrent operation = (reading.What as RecurrentLayer)?.Operation ?? (Recurrent)reading.What;
        CellProgram program = operation.Program;
        if (program.Masked)
            throw new NotSupportedException($"{LayerOf(node)} cannot be exported to ONNX: its loop uses a mask, which "
                + "ONNX operators do not support.");
        int own = node.Inputs.Length - 1, units = node.Inputs[1].Dims[0].Constant!.Value, gates = program.Gates;
        bool whole = reading.What is RecurrentLayer;
        Tensor[] recurrent = [.. reading.Inputs.Skip(whole ? 2 : 1).Take(own)];
        Tensor[] biases = whole ? [.. reading.Inputs.Skip(2 + own)] : [];

        // i f c o is i o f c in ONNX; z r h is the same.
        int[] order = program.Kind == CellKind.LSTM ? [0, 3, 1, 2] : [.. Enumerable.Range(0, gates)];
        Tensor Ordered(Tensor gatesLast) =>
            K.Concatenate([.. order.Select(g => K.Slice(gatesLast, -1, g * units, units))]);
        Tensor Kernel(Tensor kernel) => K.ExpandDims(K.Transpose(Ordered(kernel)), 0);
        // Without a preceding product, each gate takes its input directly.
        Tensor identity = whole ? reading.Inputs[1] : K.Constant(Identity(gates * units));
        if (!whole) _constants.Add(identity);
        string w = Weight(identity, Kernel, 1, "W"), r = Weight(recurrent[0], Kernel, 1, "R");
        string bias = Bias();

        string[] states = [.. recurrent.Skip(1).Take(program.States)
            .Select(s => s.Op is BroadcastTo && s.Inputs[0].Op is Scalar { Value: 0 } ? "" : Unsqueezed(In(s), 0))];
        string name = program.Kind switch { CellKind.SimpleRNN => "RNN", CellKind.LSTM => "LSTM", _ => "GRU" };
        int[] wanted = [.. Enumerable.Range(0, program.States * SequenceOp.ViewsPerState + 2)
            .Where(v => _wantedParts.Contains((node, v)))];
        bool Wanted(int state, int view) => wanted.Contains(state * SequenceOp.ViewsPerState + view);
        bool all = Wanted(0, SequenceOp.After), last = Wanted(0, SequenceOp.Last),
            cell = program.States > 1 && Wanted(1, SequenceOp.Last);
        if (wanted.Length > (all ? 1 : 0) + (last ? 1 : 0) + (cell ? 1 : 0)) throw Impossible(node, operation);
        bool[] outputs = program.States > 1 ? [all, last, cell] : [all, last];

        var attributes = new List<(string, object)> { ("hidden_size", units) };
        GateFunction[] functions = program.Kind switch
        {
            CellKind.SimpleRNN => [program.Activation],
            CellKind.LSTM => [program.RecurrentActivation, program.Activation, program.Activation],
            _ => [program.RecurrentActivation, program.Activation],
        };
        attributes.Add(("activations",
            functions.Select(f => f == GateFunction.Linear ? "Affine" : f.ToString()).ToArray()));
        if (functions.Any(f => f is GateFunction.HardSigmoid or GateFunction.Linear))
        {
            // Only functions with parameters take one, in order.
            GateFunction[] numbered = [.. functions.Where(f => f is GateFunction.HardSigmoid or GateFunction.Linear)];
            attributes.Add(("activation_alpha", numbered.Select(f => f == GateFunction.Linear ? 1f : 0.2f).ToArray()));
            attributes.Add(("activation_beta", numbered.Select(f => f == GateFunction.Linear ? 0f : 0.5f).ToArray()));
        }
        if (program.Kind == CellKind.ResetAfterGRU) attributes.Add(("linear_before_reset", 1));
        string[] results = Nodes(name, [In(reading.Inputs[0]), w, r, bias, "", .. states], outputs, [.. attributes]);
        if (all) _parts[(node, SequenceOp.After)] = Squeezed(results[0], 1);
        if (last) _parts[(node, SequenceOp.Last)] = Squeezed(results[1], 0);
        if (cell) _parts[(node, SequenceOp.ViewsPerState + SequenceOp.Last)] = Squeezed(results[2], 0);

        // The biases of the product and of the recurrent product, concatenated.
        string Bias()
        {
            Tensor none = K.Constant(new NDArray(gates * units));
            Tensor before = biases.Length > 0 ? biases[0] : none,
                behind = biases.Skip(1).Aggregate((Tensor?)null, (sum, b) => sum is null ? b : sum + b) ?? none;
            // The candidate's recurrent bias is inside the reset gate.
            if (program.Kind == CellKind.ResetAfterGRU)
            {
                Tensor inside = K.Concatenate([K.Slice(none, 0, 0, 2 * units), node.Inputs[operation.BiasInput]]);
                behind = behind == none ? inside : behind + inside;
            }
            if (biases.Length == 0 && behind == none) return "";
            Tensor both = K.ExpandDims(K.Concatenate([Ordered(before), Ordered(behind)]), 0);
            if (new[] { before, behind }.Concat(behind.Inputs).Any(_weights.Contains)
                || node.Inputs.Skip(operation.BiasInput).Any(_weights.Contains))
                _weights.Add(both);
            return Constant(both, x => x, "B");
        }
    }

    static NDArray Identity(int size)
    {
        var identity = new NDArray(size, size);
        for (int i = 0; i < size; i++) identity.Span[i * size + i] = 1;
        return identity;
    }

    /// <summary>ONNX has cumulative sums but no products, so this is a loop along the axis.</summary>
    void WriteCumulativeProduct(Tensor y, CumulativeProduct product, Tensor x)
    {
        Dims line = x.Dims.Without(product.Axis);
        string start = Node("Expand", [Number(1), SizesOf(line)]), factors = In(x);
        var graph = new GraphProto { Name = NewName($"{_path}/body") };
        List<NodeProto> outer = _nodes;
        _nodes = [];
        string before = NewName($"{_path}/step"), factor = NewName($"{_path}/step");
        graph.Input.Add(ValueInfo(before, line));
        graph.Input.Add(ValueInfo(factor, line));
        string next = Node("Mul", [before, factor]);
        graph.Output.Add(ValueInfo(Node("Identity", [next]), line));
        graph.Output.Add(ValueInfo(Node("Identity", [next]), line));
        graph.Node.AddRange(_nodes);
        _nodes = outer;
        int direction = product.Backward ? 1 : 0;
        string[] results = Nodes("Scan", [start, factors], [true, true], ("body", graph), ("num_scan_inputs", 1),
            ("scan_input_axes", (int[])[product.Axis]), ("scan_output_axes", (int[])[product.Axis]),
            ("scan_input_directions", (int[])[direction]), ("scan_output_directions", (int[])[direction]));
        Out(y, results[1]);
    }

    /// <summary>A loop over the time steps; its body is a graph that sees the outer values.</summary>
    void WriteScan(Tensor node, Scan scan, IReadOnlyList<Tensor> x)
    {
        ScanBody body = scan.Body;
        int states = body.States.Length, sequences = body.Sequences.Length;
        string[] starts = [.. x.Skip(scan.FirstState).Take(states).Select(In)],
            steps = [.. x.Take(sequences).Select(In)];
        for (int i = 0; i < body.Shared.Length; i++) OutAlias(body.Shared[i], x[scan.FirstShared + i]);

        var graph = new GraphProto { Name = NewName($"{_path}/body") };
        (List<NodeProto> outer, string path) = (_nodes, _path);
        _nodes = [];
        foreach (Tensor placeholder in body.States.Concat(body.Sequences))
        {
            string name = NewName($"{_path}/step");
            Out(placeholder, name);
            graph.Input.Add(ValueInfo(name, placeholder.Dims));
        }
        Emit([.. body.NextStates, .. body.Outputs]);
        _path = path;
        // First the states after a step, then the collected values: separate outputs, because one value may serve both.
        foreach (Tensor next in body.NextStates) Give(next);
        for (int i = 0; i < states; i++)
            if (_wantedParts.Contains((node, i * SequenceOp.ViewsPerState + SequenceOp.After)))
                Give(body.NextStates[i]);
        foreach (Tensor output in body.Outputs) Give(output);
        graph.Node.AddRange(_nodes);
        _nodes = outer;

        bool[] wanted = [.. graph.Output.Select(_ => true)];
        var attributes = new List<(string, object)> { ("body", graph), ("num_scan_inputs", sequences) };
        if (scan.Backward)
        {
            attributes.Add(("scan_input_directions", Enumerable.Repeat(1, sequences).ToArray()));
            if (graph.Output.Count > states)
                attributes.Add(("scan_output_directions", Enumerable.Repeat(1, graph.Output.Count - states).ToArray()));
        }
        string[] results = Nodes("Scan", [.. starts, .. steps], wanted, [.. attributes]);
        int at = states;
        for (int i = 0; i < states; i++)
        {
            int view = i * SequenceOp.ViewsPerState;
            if (_wantedParts.Contains((node, view + SequenceOp.Before))) throw Impossible(node, scan);
            _parts[(node, view + SequenceOp.Last)] = results[i];
            if (_wantedParts.Contains((node, view + SequenceOp.After)))
                _parts[(node, view + SequenceOp.After)] = results[at++];
        }
        for (int i = 0; i < body.Outputs.Length; i++)
            _parts[(node, states * SequenceOp.ViewsPerState + i)] = results[at++];

        void Give(Tensor value) => graph.Output.Add(ValueInfo(Node("Identity", [In(value)]), value.Dims));
    }
}
