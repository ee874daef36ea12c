using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// A loop, unrolled into the launches of its body for each step, since all sizes are known when a plan is bound.
/// </summary>
internal static class ScanKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (Scan)node.Op;
        (Graph graph, Schedule schedule) = op.Body.Plan;
        MemoryPlan memory = MemoryPlan.Of(graph, schedule, binding.Bindings);
        ArrayView<float> arena = binding.Temporary(memory.Size), own = binding.View(node);
        int steps = binding.Evaluate(op.Steps), states = op.Body.States.Length;
        int[] blocks = [.. Enumerable.Range(0, states + op.Body.Outputs.Length)
            .Select(i => op.BlockOffset(node.Inputs, i, binding.Bindings))];
        var launches = new List<GpuLaunch>();
        for (int i = 0; i < states; i++)
        {
            ArrayView<float> first = binding.View(node.Inputs[op.FirstState + i]);
            if (first.Length > 0)
                launches.Add(BlocksKernel.Copy(binding, first, Slot(own.From(blocks[i]), op.Body.States[i], 0),
                    (int)first.Length));
        }

        // The locations of one step; the function below reads the dictionary of the step being bound.
        Dictionary<Tensor, ArrayView<float>> at = new(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < op.Body.Shared.Length; i++)
            at[graph.Inputs[op.FirstShared + i]] = binding.View(node.Inputs[op.FirstShared + i]);
        GpuBinding inner = binding.Inside(tensor => at.TryGetValue(tensor, out ArrayView<float> place) ? place
            : memory.Contains(tensor) ? arena.From(memory.OffsetOf(tensor))
            : binding.View(tensor));
        for (int k = 0; k < steps; k++)
        {
            int place = op.Backward ? steps - 1 - k : k;
            for (int i = 0; i < op.Body.Sequences.Length; i++)
                at[graph.Inputs[i]] = Slot(binding.View(node.Inputs[i]), op.Body.Sequences[i], place);
            for (int i = 0; i < states; i++)
            {
                ArrayView<float> block = own.From(blocks[i]);
                at[graph.Inputs[op.FirstState + i]] = Slot(block, op.Body.States[i], op.Body.KeepsStates ? k : k % 2);
                at[graph.Outputs[i]] = Slot(block, op.Body.States[i], op.Body.KeepsStates ? k + 1 : (k + 1) % 2);
            }
            for (int i = 0; i < op.Body.Outputs.Length; i++)
                at[graph.Outputs[states + i]] = Slot(own.From(blocks[states + i]), op.Body.Outputs[i], place);
            foreach (Step part in schedule.Steps)
                launches.AddRange(inner.Temporarily(() => GpuKernels.Bind(part, inner)));
        }
        return launches;

        ArrayView<float> Slot(ArrayView<float> start, Tensor value, int slot)
        {
            int size = binding.Evaluate(value.Dims.Size);
            return start.Slice((long)slot * size, size);
        }
    }
}
