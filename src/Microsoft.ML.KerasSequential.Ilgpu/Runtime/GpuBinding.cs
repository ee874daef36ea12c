using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>The location and size of a plan's values on a device, for one binding of the free sizes.</summary>
internal sealed class GpuBinding
{
    readonly Workspace _workspace;
    readonly Func<Tensor, ArrayView<float>> _place;
    readonly Func<Tensor, bool> _isVariable;
    readonly Func<Tensor, ArrayView<float>> _flag;
    readonly Tensor? _replaced;
    readonly ArrayView<float> _replacement;

    public GpuBinding(IlgpuDevice device, Bindings bindings, FloatPrecision precision, Workspace workspace,
        Func<Tensor, ArrayView<float>> place, Func<Tensor, bool> isVariable,
        Func<Tensor, ArrayView<float>> flag, ShareOfBatch? share = null) =>
        (Device, Bindings, Precision, _workspace, _place, _isVariable, _flag, Share) =
            (device, bindings, precision, workspace, place, isVariable, flag, share);

    GpuBinding(GpuBinding outer, Tensor? replaced, ArrayView<float> replacement, FloatPrecision precision)
        : this(outer.Device, outer.Bindings, precision, outer._workspace, outer._place, outer._isVariable,
            outer._flag, outer.Share) =>
        (_replaced, _replacement) = (replaced, replacement);

    public IlgpuDevice Device { get; }

    public Grids Grids => Device.Grids;

    public Bindings Bindings { get; }

    public FloatPrecision Precision { get; }

    /// <summary>The part of the batch that the device computes; null for all of it.</summary>
    public ShareOfBatch? Share { get; }

    public int Evaluate(Dim dim) => dim.Evaluate(Bindings);

    /// <summary>The size for the entire batch, of which this device may have a share.</summary>
    public int EvaluateWhole(Dim dim) => Share is { } share ? dim.Evaluate(Bindings, share.Batch) : Evaluate(dim);

    /// <summary>A tensor as rows of its last dimension.</summary>
    public (int Rows, int Columns) Matrix(Tensor tensor) =>
        (Evaluate(tensor.Dims.Product(0, tensor.Rank - 1)), Evaluate(tensor.Dims.Last));

    /// <summary>The memory of a value; a view is inside another value.</summary>
    public ArrayView<float> View(Tensor tensor)
    {
        int size = tensor.Op is MultiOp several ? several.Floats(tensor.Inputs, Bindings)
            : tensor.Format.Words(Evaluate(tensor.Dims.Size));
        int offset = 0;
        while (tensor != _replaced && tensor.Op.IsView)
        {
            if (tensor.Op is Part part)
                offset += ((MultiOp)tensor.Inputs[0].Op).Offset(tensor.Inputs[0].Inputs, part.Index, Bindings);
            tensor = tensor.Inputs[0];
        }
        return (tensor == _replaced ? _replacement : _place(tensor)).Slice(offset, size);
    }

    /// <summary>Whether the value is written directly to a variable.</summary>
    public bool IsVariable(Tensor tensor) => _isVariable(tensor);

    /// <summary>Where an operation stores an invalid index (<see cref="IndexUse"/>).</summary>
    public ArrayView<float> Flag(Tensor node) => _flag(node);

    /// <summary>The same binding with one value at another location.</summary>
    public GpuBinding With(Tensor tensor, ArrayView<float> view) => new(this, tensor, view, Precision);

    /// <summary>The same binding with the precision that an op has of its own.</summary>
    public GpuBinding In(Op op) => op is IProductOp { Precision: { } own } && Device.HasTensorCores && own != Precision
        ? new(this, _replaced, _replacement, own) : this;

    /// <summary>A binding for a graph nested in this one, which shares sizes and temporary memory.</summary>
    public GpuBinding Inside(Func<Tensor, ArrayView<float>> place) =>
        new(Device, Bindings, Precision, _workspace, place, _ => false, _flag, Share);

    /// <summary>Binds something whose temporary memory is freed afterward.</summary>
    public List<GpuLaunch> Temporarily(Func<IEnumerable<GpuLaunch>> bind)
    {
        (int, long) before = _workspace.Mark;
        List<GpuLaunch> launches = [.. bind()];
        _workspace.Mark = before;
        return launches;
    }

    /// <summary>Memory that is valid during this step only.</summary>
    public ArrayView<float> Temporary(long floats) => _workspace.Take(floats);

    /// <summary>Integers that a kernel reads, copied to the device once.</summary>
    public ArrayView<int> Table(int[] values) => _workspace.Table(values);

    /// <summary>A kernel with its grid and its arguments.</summary>
    public GpuLaunch Launch<TKernel, TArguments>(KernelConfig grid, TArguments arguments)
        where TKernel : IKernel<TArguments> where TArguments : struct =>
        new GpuLaunch<TArguments>(Device.Kernels.Get<TKernel, TArguments>(), grid, arguments);

    /// <summary>A kernel over single items.</summary>
    public GpuLaunch Items<TKernel, TArguments>(long count, TArguments arguments) where TKernel : IKernel<TArguments>
        where TArguments : struct =>
        Launch<TKernel, TArguments>(Grids.Items(count), arguments);
}
