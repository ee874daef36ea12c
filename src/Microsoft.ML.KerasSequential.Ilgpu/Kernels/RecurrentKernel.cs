using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// A standard cell over an entire sequence: each time step is one product with the recurrent kernel, added to the
/// projected input, and one kernel over the gates; a GRU's candidate takes another product.
/// </summary>
internal static class RecurrentKernel
{
    public static IEnumerable<GpuLaunch> BindForward(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, kernel = node.Inputs[1];
        var op = (Recurrent)node.Op;
        CellProgram program = op.Program;
        var sizes = new CellSizes(binding, program, node.Inputs[0].Dims, kernel.Dims[0]);
        ArrayView<float> own = binding.View(node), projected = binding.View(node.Inputs[0]),
            weights = binding.View(kernel);
        ArrayView<float> Block(int index) => own.From(op.BlockOffset(node.Inputs, index, binding.Bindings));
        ArrayView<float> hidden = Block(0), memory = program.Kind == CellKind.LSTM ? Block(1) : hidden,
            gates = Block(program.States), candidates = program.IsGru ? Block(program.States + 1) : hidden;
        ArrayView<float> bias = program.Kind == CellKind.ResetAfterGRU ? binding.View(node.Inputs[op.BiasInput])
            : hidden;
        ArrayView<float> mask = program.Masked ? binding.View(node.Inputs[op.MaskInput]) : hidden;
        if (sizes.State == 0) return [];

        var launches = new List<GpuLaunch>();
        for (int i = 0; i < program.States; i++)
            launches.Add(BlocksKernel.Copy(binding, binding.View(node.Inputs[2 + i]), Block(i), sizes.State));
        for (int t = 0; t < sizes.Steps; t++)
        {
            ArrayView<float> before = hidden.Slice((long)t * sizes.State, sizes.State),
                gate = gates.Slice((long)t * sizes.Gates, sizes.Gates),
                input = projected.Slice((long)t * sizes.Gates, sizes.Gates);
            var cell = new CellArguments
            {
                Projected = input,
                Gates = gate,
                Before = before,
                After = hidden.Slice((long)(t + 1) * sizes.State, sizes.State),
                MemoryBefore = memory.Slice((long)t * sizes.State, sizes.State),
                MemoryAfter = memory.Slice((long)(t + 1) * sizes.State, sizes.State),
                Candidate = program.IsGru ? candidates.Slice((long)t * sizes.State, sizes.State) : before,
                Bias = bias,
                Mask = program.Masked ? mask.Slice((long)t * sizes.Batch, sizes.Batch) : before,
                Outputs = before,
                Gradient = before,
                GatesGradient = gate,
                MemoryGradient = before,
                CandidateGradient = before,
                Kind = (int)program.Kind,
                Masked = program.Masked ? 1 : 0,
                Count = sizes.State,
                Units = sizes.Units,
                Width = sizes.Width,
            };
            int first = program.IsGru ? 2 * sizes.Units : sizes.Width;
            Product(before, sizes.Units, weights, sizes.Width, 1,
                new(sizes.Batch, first, sizes.Units) { ResultStride = sizes.Width },
                Epilogue.Added(binding, input, sizes.Width, gate));
            if (program.IsGru)
            {
                launches.Add(cell.Launch(binding, program, typeof(GateKernel<,>)));
                ArrayView<float> own2 = weights.From(2 * sizes.Units);
                var size = new ProductSize(sizes.Batch, sizes.Units, sizes.Units);
                if (program.Kind == CellKind.ResetAfterGRU)
                    Product(before, sizes.Units, own2, sizes.Width, 1, size,
                        Epilogue.Added(binding, bias, 0, cell.Candidate));
                else
                {
                    Product(cell.Candidate, sizes.Units, own2, sizes.Width, 1, size with { ResultStride = sizes.Width },
                        Epilogue.Added(binding, input.From(2 * sizes.Units), sizes.Width, gate.From(2 * sizes.Units)));
                }
            }
            launches.Add(cell.Launch(binding, program, typeof(CellKernel<,>)));
        }
        return launches;

        void Product(ArrayView<float> a, int aStride, ArrayView<float> b, int rowStride, int columnStride,
            ProductSize size, Epilogue epilogue) =>
            launches.AddRange(binding.Temporarily(() => MatMulKernel.Product(StridedFactor.Of(a, aStride, false),
                new StridedFactor { Values = b, RowStride = rowStride, ColumnStride = columnStride }, size, epilogue,
                binding)));
    }

    public static IEnumerable<GpuLaunch> BindBackward(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, kernel = node.Inputs[0];
        var op = (RecurrentGradient)node.Op;
        CellProgram program = op.Program;
        var sizes = new CellSizes(binding, program, node.Inputs[1].Dims, kernel.Dims[0]);
        if (sizes.State == 0) return [];
        bool lstm = program.Kind == CellKind.LSTM, after = program.Kind == CellKind.ResetAfterGRU;
        ArrayView<float> own = binding.View(node), weights = binding.View(kernel), gates = binding.View(node.Inputs[1]);
        ArrayView<float> Block(int index) => own.From(op.BlockOffset(node.Inputs, index, binding.Bindings));
        ArrayView<float> gradient = Block(1).Slice(0, sizes.State),
            memoryGradient = lstm ? Block(2).Slice(0, sizes.State) : gradient;
        var launches = new List<GpuLaunch>();
        // The backward pass starts from the gradients with respect to the last states.
        for (int i = 0; i < program.States; i++)
            launches.Add(BlocksKernel.Copy(binding, binding.View(node.Inputs[4 + 3 * i]), Block(1 + i), sizes.State));
        for (int t = sizes.Steps - 1; t >= 0; t--)
        {
            ArrayView<float> At(ArrayView<float> all) => all.Slice((long)t * sizes.State, sizes.State);
            ArrayView<float> Input(int index) => At(binding.View(node.Inputs[index]));
            ArrayView<float> gate = gates.Slice((long)t * sizes.Gates, sizes.Gates),
                gateGradient = Block(0).Slice((long)t * sizes.Gates, sizes.Gates);
            ArrayView<float> candidateGradient = !program.IsGru ? gradient : after ? At(Block(1 + program.States))
                : Block(1 + program.States).Slice(0, sizes.State);
            var cell = new CellArguments
            {
                Projected = gate,
                Gates = gate,
                Before = Input(2),
                After = Input(3),
                MemoryBefore = lstm ? Input(5) : gradient,
                MemoryAfter = lstm ? Input(6) : gradient,
                Candidate = program.IsGru ? Input(op.CandidateInput) : gradient,
                Bias = gradient,
                Mask = program.Masked ? binding.View(node.Inputs[op.MaskInput])
                    .Slice((long)t * sizes.Batch, sizes.Batch) : gradient,
                Outputs = op.HasOutputs ? Input(op.OutputsInput) : gradient,
                Gradient = gradient,
                GatesGradient = gateGradient,
                MemoryGradient = memoryGradient,
                CandidateGradient = candidateGradient,
                Kind = (int)program.Kind,
                Masked = program.Masked ? 1 : 0,
                HasOutputs = op.HasOutputs ? 1 : 0,
                Count = sizes.State,
                Units = sizes.Units,
                Width = sizes.Width,
            };
            launches.Add(cell.Launch(binding, program, typeof(CellGradientKernel<,>)));
            ArrayView<float> candidateWeights = program.IsGru ? weights.From(2 * sizes.Units) : weights;
            var size = new ProductSize(sizes.Batch, sizes.Units, sizes.Units);
            if (program.Kind == CellKind.GRU)
            {
                Product(gateGradient.From(2 * sizes.Units), sizes.Width, candidateWeights, size,
                    Epilogue.Plain(binding, candidateGradient));
                launches.Add(cell.Launch(binding, program, typeof(ResetGradientKernel<,>)));
            }
            Product(gateGradient, sizes.Width, weights,
                size with { Inner = program.IsGru ? 2 * sizes.Units : sizes.Width },
                Epilogue.Added(binding, gradient, sizes.Units, gradient));
            if (after)
                Product(candidateGradient, sizes.Units, candidateWeights, size,
                    Epilogue.Added(binding, gradient, sizes.Units, gradient));
        }
        return launches;

        // The recurrent kernel, transposed.
        void Product(ArrayView<float> a, int aStride, ArrayView<float> b, ProductSize size, Epilogue epilogue) =>
            launches.AddRange(binding.Temporarily(() => MatMulKernel.Product(StridedFactor.Of(a, aStride, false),
                new StridedFactor { Values = b, RowStride = 1, ColumnStride = sizes.Width }, size, epilogue, binding)));
    }

    /// <summary>The sizes of a cell's values.</summary>
    sealed class CellSizes(GpuBinding binding, CellProgram program, Dims projected, Dim units)
    {
        public int Steps { get; } = binding.Evaluate(projected[0]);

        public int Batch { get; } = binding.Evaluate(projected[1]);

        public int Units { get; } = binding.Evaluate(units);

        public int Width => program.Gates * Units;

        /// <summary>A state of all samples.</summary>
        public int State => Batch * Units;

        /// <summary>The gates of all samples.</summary>
        public int Gates => Batch * Width;
    }
}
