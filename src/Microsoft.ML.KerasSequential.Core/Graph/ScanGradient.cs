using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// The gradient of a loop is a loop in reverse: each step recomputes its forward pass from the states before it, and
/// passes the gradient with respect to them to the previous step. The gradients of what all steps share are
/// accumulated.
/// </summary>
internal static class ScanGradient
{
    public static Tensor?[] Rule(Tensor y, Tensor?[] g, Func<Tensor, bool> wanted)
    {
        var op = (Scan)y.Op;
        ScanBody body = op.Body;
        int states = body.States.Length;
        if (!body.KeepsStates || op.Backward
            || Enumerable.Range(0, states).Any(i => g[i * Scan.ViewsPerState + Scan.Before] is not null))
            throw new ArgumentException("Second derivatives through a recurrent layer are not available.");

        // The gradients that flow in from outside at each time step.
        var seeds = new List<Tensor>();
        var seedSources = new List<Tensor>();
        Tensor loss = 0;
        var carried = new List<Tensor>();
        var firstCarried = new List<Tensor>();
        for (int i = 0; i < states; i++)
        {
            Tensor flow = K.Placeholder(body.States[i].Dims);
            carried.Add(flow);
            firstCarried.Add(g[i * Scan.ViewsPerState + Scan.Last] ?? K.Fill(0, body.States[i]));
            if (g[i * Scan.ViewsPerState + Scan.After] is { } outer) flow += Seed(body.States[i].Dims, outer);
            loss += K.Sum(body.NextStates[i] * flow);
        }
        for (int i = 0; i < body.Outputs.Length; i++)
            if (g[states * Scan.ViewsPerState + i] is { } outer)
                loss += K.Sum(body.Outputs[i] * Seed(body.Outputs[i].Dims, outer));

        // The requested gradients: per time step, and for all time steps together.
        int[] sequences = [.. Enumerable.Range(0, body.Sequences.Length).Where(i => wanted(y.Inputs[i]))];
        int[] collected =
            [.. Enumerable.Range(op.FirstShared, y.Inputs.Length - op.FirstShared).Where(i => wanted(y.Inputs[i]))];
        Tensor Inside(int input) => input < op.FirstVariable ? body.Shared[input - op.FirstShared] : y.Inputs[input];
        Tensor[] slopes = Gradients.Of(loss,
            [.. sequences.Select(i => body.Sequences[i]), .. body.States, .. collected.Select(Inside)]);
        var next = new List<Tensor>(slopes.Skip(sequences.Length).Take(states));
        for (int i = 0; i < collected.Length; i++)
        {
            Tensor sum = K.Placeholder(Inside(collected[i]).Dims);
            carried.Add(sum);
            firstCarried.Add(K.Fill(0, sum));
            next.Add(sum + slopes[sequences.Length + states + i]);
        }

        var backward = new ScanBody([.. body.Sequences, .. body.States, .. seeds], [.. carried], body.Shared, [.. next],
            slopes[..sequences.Length], keepsStates: false);
        IEnumerable<Tensor> before = Enumerable.Range(0, states).Select(i => Scan.State(y, i, Scan.Before));
        Tensor result = Scan.Over(backward, op.Steps, backward: true,
            [.. y.Inputs[..op.FirstState], .. before, .. seedSources], firstCarried,
            y.Inputs[op.FirstShared..op.FirstVariable]);

        var flows = new Tensor?[y.Inputs.Length];
        for (int i = 0; i < sequences.Length; i++) flows[sequences[i]] = Scan.Output(result, i);
        for (int i = 0; i < states; i++) flows[op.FirstState + i] = Scan.State(result, i, Scan.Last);
        for (int i = 0; i < collected.Length; i++) flows[collected[i]] = Scan.State(result, states + i, Scan.Last);
        return flows;

        Tensor Seed(Dims dims, Tensor source)
        {
            seeds.Add(K.Placeholder(dims));
            seedSources.Add(source);
            return seeds[^1];
        }
    }
}
