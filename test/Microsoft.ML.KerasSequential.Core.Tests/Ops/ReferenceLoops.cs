using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests.Ops;

// Ops with several results: loops over sequences.
internal sealed partial class Reference
{
    readonly Dictionary<Tensor, double[][]> _results = new(ReferenceEqualityComparer.Instance);

    double[][] Results(Tensor node) => node.Op switch
    {
        Scan scan => Loop(scan, node),
        Recurrent recurrent => Sequence(recurrent, node),
        _ => throw new InvalidOperationException($"The reference does not know {node.Op.Name}."),
    };

    /// <summary>The body, step by step.</summary>
    double[][] Loop(Scan scan, Tensor node)
    {
        ScanBody body = scan.Body;
        int steps = scan.Steps.Evaluate(s_none), states = body.States.Length;
        double[][] state = [.. Enumerable.Range(0, states).Select(i => _values[node.Inputs[scan.FirstState + i]])];
        List<double>[] before = [.. state.Select(_ => new List<double>())],
            after = [.. state.Select(_ => new List<double>())];
        var outputs = new double[body.Outputs.Length][][];
        for (int i = 0; i < outputs.Length; i++) outputs[i] = new double[steps][];
        for (int k = 0; k < steps; k++)
        {
            int place = scan.Backward ? steps - 1 - k : k;
            var values = new Dictionary<Tensor, double[]>(_values, ReferenceEqualityComparer.Instance);
            for (int i = 0; i < body.Sequences.Length; i++)
            {
                double[] all = _values[node.Inputs[i]];
                int size = all.Length / steps;
                values[body.Sequences[i]] = all[(place * size)..((place + 1) * size)];
            }
            for (int i = 0; i < states; i++) values[body.States[i]] = state[i];
            for (int i = 0; i < body.Shared.Length; i++)
                values[body.Shared[i]] = _values[node.Inputs[scan.FirstShared + i]];
            var step = new Reference(values);
            for (int i = 0; i < states; i++) before[i].AddRange(state[i]);
            double[][] next = [.. body.NextStates.Select(step.Evaluate)];
            for (int i = 0; i < outputs.Length; i++) outputs[i][place] = step.Evaluate(body.Outputs[i]);
            state = next;
            for (int i = 0; i < states; i++) after[i].AddRange(state[i]);
        }
        return
        [
            .. Enumerable.Range(0, states).SelectMany(i => new[] { [.. before[i]], [.. after[i]], state[i] }),
            .. outputs.Select(o => o.SelectMany(v => v).ToArray()),
        ];
    }

    /// <summary>The standard cells from their equations, sample by sample and unit by unit.</summary>
    double[][] Sequence(Recurrent op, Tensor node)
    {
        CellProgram program = op.Program;
        int[] shape = node.Inputs[0].Dims.Evaluate(s_none);
        (int steps, int batch, int units) = (shape[0], shape[1], node.Inputs[1].Dims[0].Evaluate(s_none));
        double[] x = _values[node.Inputs[0]], kernel = _values[node.Inputs[1]];
        double[]? bias = program.Kind == CellKind.ResetAfterGRU ? _values[node.Inputs[op.BiasInput]] : null,
            mask = program.Masked ? _values[node.Inputs[op.MaskInput]] : null;
        double[][] state = [.. Enumerable.Range(0, program.States).Select(i => _values[node.Inputs[2 + i]])];
        List<double>[] before = [.. state.Select(_ => new List<double>())],
            after = [.. state.Select(_ => new List<double>())];
        for (int t = 0; t < steps; t++)
        {
            for (int i = 0; i < state.Length; i++) before[i].AddRange(state[i]);
            double[][] next = [.. state.Select(s => (double[])s.Clone())];
            for (int b = 0; b < batch; b++)
            {
                if (mask is not null && mask[t * batch + b] == 0) continue;
                double[] h = state[0][(b * units)..((b + 1) * units)];
                double Product(double[] row, int gate, int unit) =>
                    row.Select((v, i) => v * kernel[(i * program.Gates + gate) * units + unit]).Sum();
                double Input(int gate, int unit) => x[((t * batch + b) * program.Gates + gate) * units + unit];
                double[] Gate(int gate) =>
                    [.. Enumerable.Range(0, units)
                        .Select(u => Function(program.RecurrentActivation, Input(gate, u) + Product(h, gate, u)))];
                double[] first = program.Kind == CellKind.SimpleRNN ? [] : Gate(0),
                    second = program.Kind == CellKind.SimpleRNN ? [] : Gate(1);
                for (int u = 0; u < units; u++)
                {
                    double Own(double v) => Function(program.Activation, v);
                    switch (program.Kind)
                    {
                        case CellKind.SimpleRNN:
                            next[0][b * units + u] = Own(Input(0, u) + Product(h, 0, u));
                            break;
                        case CellKind.LSTM:
                            double c = second[u] * state[1][b * units + u]
                                + first[u] * Own(Input(2, u) + Product(h, 2, u));
                            next[1][b * units + u] = c;
                            next[0][b * units + u] =
                                Function(program.RecurrentActivation, Input(3, u) + Product(h, 3, u)) * Own(c);
                            break;
                        default:
                            double recurrent = program.Kind == CellKind.GRU
                                ? Product([.. h.Zip(second, (v, r) => v * r)], 2, u)
                                : second[u] * (Product(h, 2, u) + bias![u]);
                            next[0][b * units + u] = first[u] * h[u] + (1 - first[u]) * Own(Input(2, u) + recurrent);
                            break;
                    }
                }
            }
            state = next;
            for (int i = 0; i < state.Length; i++) after[i].AddRange(state[i]);
        }
        return [.. Enumerable.Range(0, state.Length)
            .SelectMany(i => new[] { [.. before[i]], [.. after[i]], state[i] })];
    }

    static double Function(GateFunction function, double x) => function switch
    {
        GateFunction.Relu => Math.Max(0, x),
        GateFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
        GateFunction.HardSigmoid => Math.Clamp(0.2 * x + 0.5, 0, 1),
        GateFunction.Tanh => Math.Tanh(x),
        _ => x,
    };
}
