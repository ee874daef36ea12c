using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Cumulative sums along an axis: one thread per line.</summary>
internal sealed class CumulativeKernel : IKernel<CumulativeKernel.Arguments>
{
    /// <summary>
    /// Lines of values that are <see cref="Stride"/> apart, starting at the first position that counts.
    /// </summary>
    public struct Arguments
    {
        public ArrayView<float> X, Gradient, Target;
        public int Lines, Size, Inner, First, Stride;

        public readonly long Start(int line)
        {
            int outer = line / Inner;
            return ((long)outer * Size + First) * Inner + (line - outer * Inner);
        }
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        var op = (Cumulative)step.Macro!.Op;
        IReadOnlyList<Tensor> inputs = step.Macro.Inputs;
        Dims dims = inputs[0].Dims;
        int outer = binding.Evaluate(dims.Product(0, op.Axis)), size = binding.Evaluate(dims[op.Axis]),
            inner = binding.Evaluate(dims.Product(op.Axis + 1, dims.Rank));
        if (outer * size * inner == 0) return [];
        ArrayView<float> x = binding.View(inputs[0]);
        var arguments = new Arguments
        {
            X = x,
            Gradient = inputs.Count > 1 ? binding.View(inputs[1]) : x,
            Target = binding.View(step.Root),
            Lines = outer * inner,
            Size = size,
            Inner = inner,
            First = op.Backward ? size - 1 : 0,
            Stride = op.Backward ? -inner : inner,
        };
        return [op switch
        {
            CumulativeSum => binding.Items<CumulativeKernel, Arguments>(arguments.Lines, arguments),
            CumulativeProduct => binding.Items<CumulativeProductKernel, Arguments>(arguments.Lines, arguments),
            _ => binding.Items<CumulativeProductGradientKernel, Arguments>(arguments.Lines, arguments),
        }];
    }

    public static void Run(Arguments a)
    {
        for (int line = Items.First; line < a.Lines; line += Items.Stride)
        {
            long at = a.Start(line);
            float sum = 0f;
            for (int place = 0; place < a.Size; place++, at += a.Stride)
            {
                sum += a.X[at];
                a.Target[at] = sum;
            }
        }
    }
}

/// <summary>Cumulative products along an axis.</summary>
internal sealed class CumulativeProductKernel : IKernel<CumulativeKernel.Arguments>
{
    public static void Run(CumulativeKernel.Arguments a)
    {
        for (int line = Items.First; line < a.Lines; line += Items.Stride)
        {
            long at = a.Start(line);
            float product = 1f;
            for (int place = 0; place < a.Size; place++, at += a.Stride)
            {
                product *= a.X[at];
                a.Target[at] = product;
            }
        }
    }
}

/// <summary>
/// The backward pass: the product before each position, times the contribution of the products after it.
/// </summary>
internal sealed class CumulativeProductGradientKernel : IKernel<CumulativeKernel.Arguments>
{
    public static void Run(CumulativeKernel.Arguments a)
    {
        for (int line = Items.First; line < a.Lines; line += Items.Stride)
        {
            long at = a.Start(line);
            float before = 1f, behind = 0f;
            for (int place = 0; place < a.Size; place++, at += a.Stride)
            {
                a.Target[at] = before;
                before *= a.X[at];
            }
            for (int place = 0; place < a.Size; place++)
            {
                at -= a.Stride;
                float sum = a.Gradient[at] + behind;
                a.Target[at] *= sum;
                behind = a.X[at] * sum;
            }
        }
    }
}
