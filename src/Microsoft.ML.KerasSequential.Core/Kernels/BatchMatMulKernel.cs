using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Many small products: each is one chunk.</summary>
internal sealed unsafe class BatchMatMulKernel : Launch
{
    readonly Launch[][] _products;

    BatchMatMulKernel(Launch[][] products)
    {
        _products = products;
        Chunks = products.Length;
    }

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!, a = node.Inputs[0], b = node.Inputs[1];
        var op = (BatchMatMul)node.Op;
        int count = binding.Evaluate(node.Dims.Product(0, node.Rank - 2)),
            size = binding.Evaluate(node.Dims.Product(node.Rank - 2, node.Rank));
        if (size == 0) return [];
        var products = new Launch[count][];
        for (int i = 0; i < count; i++)
        {
            Matrix left = View(a, op.TransposeA, i, binding), right = View(b, op.TransposeB, i, binding);
            products[i] =
                [.. MatMulKernel.Product(left, right, (nint)(binding.Address(node) + (nint)i * size), null, binding)];
        }
        // Few large products use all threads, one product at a time.
        return count < 4 ? products.SelectMany(p => p) : [new BatchMatMulKernel(products)];
    }

    public override void Run(int chunk, float* scratch)
    {
        foreach (Launch launch in _products[chunk])
            for (int i = 0; i < launch.Chunks; i++) launch.Run(i, scratch);
    }

    static Matrix View(Tensor tensor, bool transposed, int index, CpuBinding binding)
    {
        int rows = binding.Evaluate(tensor.Dims[tensor.Rank - 2]), columns = binding.Evaluate(tensor.Dims.Last);
        return Matrix.Of((nint)(binding.Address(tensor) + (nint)index * rows * columns), rows, columns, transposed);
    }
}
