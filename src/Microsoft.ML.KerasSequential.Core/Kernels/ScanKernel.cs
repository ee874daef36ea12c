using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A loop, unrolled into the launches of its body for each step, since all sizes are known when a plan is bound. A step
/// reads and writes sequences and states in place; its temporary memory is the same at each step.
/// </summary>
internal static unsafe class ScanKernel
{
    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (Scan)node.Op;
        (Graph graph, Schedule schedule) = op.Body.Plan;
        MemoryPlan memory = MemoryPlan.Of(graph, schedule, binding.Bindings);
        nint arena = (nint)binding.Temporary(memory.Size);
        int steps = binding.Evaluate(op.Steps), states = op.Body.States.Length;
        nint[] blocks = [.. Enumerable.Range(0, states + op.Body.Outputs.Length)
            .Select(i => (nint)(binding.Address(node) + op.BlockOffset(node.Inputs, i, binding.Bindings)))];
        var launches = new List<Launch>();
        for (int i = 0; i < states; i++)
        {
            int size = binding.Evaluate(op.Body.States[i].Dims.Size);
            launches.Add(
                new BlocksKernel((nint)binding.Address(node.Inputs[op.FirstState + i]), blocks[i], 1, 0, 0, size));
        }

        // The addresses of one step; the function below reads the dictionary of the step being bound.
        Dictionary<Tensor, nint> at = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < op.Body.Shared.Length; i++)
            at[graph.Inputs[op.FirstShared + i]] = (nint)binding.Address(node.Inputs[op.FirstShared + i]);
        CpuBinding inner = binding.Inside(tensor => at.TryGetValue(tensor, out nint address) ? address
            : memory.Contains(tensor) ? arena + (nint)memory.OffsetOf(tensor) * sizeof(float)
            : (nint)binding.Address(tensor));
        for (int k = 0; k < steps; k++)
        {
            int place = op.Backward ? steps - 1 - k : k;
            for (int i = 0; i < op.Body.Sequences.Length; i++)
                at[graph.Inputs[i]] = Slot((nint)binding.Address(node.Inputs[i]), op.Body.Sequences[i], place);
            for (int i = 0; i < states; i++)
            {
                at[graph.Inputs[op.FirstState + i]] =
                    Slot(blocks[i], op.Body.States[i], op.Body.KeepsStates ? k : k % 2);
                at[graph.Outputs[i]] = Slot(blocks[i], op.Body.States[i], op.Body.KeepsStates ? k + 1 : (k + 1) % 2);
            }
            for (int i = 0; i < op.Body.Outputs.Length; i++)
                at[graph.Outputs[states + i]] = Slot(blocks[states + i], op.Body.Outputs[i], place);
            foreach (Step part in schedule.Steps)
                launches.AddRange(inner.Temporarily(() => CpuKernels.Bind(part, inner)));
        }
        return launches;

        nint Slot(nint start, Tensor value, int slot) =>
            start + (nint)slot * binding.Evaluate(value.Dims.Size) * sizeof(float);
    }
}
