using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>The location and size of a plan's values, for one binding of the free sizes.</summary>
internal sealed unsafe class CpuBinding
{
    readonly Func<Tensor, nint> _address;
    readonly Func<Tensor, bool> _isVariable;
    readonly Func<object, int, nint> _kept;
    readonly Func<Tensor, Variable?> _unchanged;
    readonly Func<Tensor, nint> _flag;
    readonly TemporaryMemory _temporary;
    readonly Tensor? _replaced;
    readonly nint _replacement;

    public CpuBinding(Bindings bindings, RunCounter counter, TemporaryMemory temporary, Func<Tensor, nint> address,
        Func<Tensor, bool> isVariable, Func<object, int, nint> kept, Func<Tensor, Variable?> unchanged,
        Func<Tensor, nint> flag, ShareOfBatch? share = null, Exchange? exchange = null)
    {
        (Bindings, Counter, _temporary, _address, _isVariable, _kept, _unchanged, _flag, Share, Exchange) =
            (bindings, counter, temporary, address, isVariable, kept, unchanged, flag, share, exchange);
    }

    CpuBinding(CpuBinding outer, Tensor replaced, nint replacement)
        : this(outer.Bindings, outer.Counter, outer._temporary, outer._address, outer._isVariable, outer._kept,
            outer._unchanged, outer._flag, outer.Share, outer.Exchange) =>
        (_replaced, _replacement) = (replaced, replacement);

    public Bindings Bindings { get; }

    public RunCounter Counter { get; }

    /// <summary>The part of the batch that this process computes; null for all of it.</summary>
    public ShareOfBatch? Share { get; }

    /// <summary>How partial results of several processes are combined; null for a single process.</summary>
    public Exchange? Exchange { get; }

    public int Evaluate(Dim dim) => dim.Evaluate(Bindings);

    /// <summary>The size for the entire batch, of which this process may have a share.</summary>
    public int EvaluateWhole(Dim dim) => Share is { } share ? dim.Evaluate(Bindings, share.Batch) : Evaluate(dim);

    /// <summary>The location of a value; a view is inside another value.</summary>
    public float* Address(Tensor tensor)
    {
        int offset = 0;
        while (tensor != _replaced && tensor.Op.IsView)
        {
            if (tensor.Op is Part part)
                offset += ((MultiOp)tensor.Inputs[0].Op).Offset(tensor.Inputs[0].Inputs, part.Index, Bindings);
            tensor = tensor.Inputs[0];
        }
        return (float*)(tensor == _replaced ? _replacement : _address(tensor)) + offset;
    }

    /// <summary>Whether the value is written directly to a variable.</summary>
    public bool IsVariable(Tensor tensor) => _isVariable(tensor);

    /// <summary>The variable that the tensor is, if the plan does not write it.</summary>
    public Variable? Unchanged(Tensor tensor) => _unchanged(tensor);

    /// <summary>Where an operation stores an invalid index (<see cref="IndexUse"/>).</summary>
    public float* Flag(Tensor node) => (float*)_flag(node);

    /// <summary>Memory that persists from run to run, the same for the same key.</summary>
    public nint Kept(object key, int floats) => _kept(key, floats);

    /// <summary>The same binding with one value at another location.</summary>
    public CpuBinding With(Tensor tensor, nint address) => new(this, tensor, address);

    /// <summary>
    /// A binding for a graph nested in this one, which shares sizes, random numbers and temporary memory.
    /// </summary>
    public CpuBinding Inside(Func<Tensor, nint> address) =>
        new(Bindings, Counter, _temporary, address, _ => false, _kept, _ => null, _flag, Share);

    /// <summary>Binds something whose temporary memory is freed afterward.</summary>
    public List<Launch> Temporarily(Func<IEnumerable<Launch>> bind)
    {
        (int Block, int Used) before = _temporary.Mark;
        List<Launch> launches = [.. bind()];
        _temporary.Mark = before;
        return launches;
    }

    /// <summary>Memory that is valid during this step only.</summary>
    public float* Temporary(int floats) => _temporary.Take(floats);

    /// <summary>A tensor as rows of its last dimension.</summary>
    public (int Rows, int Columns) Matrix(Tensor tensor) =>
        (Evaluate(tensor.Dims.Product(0, tensor.Rank - 1)), Evaluate(tensor.Dims.Last));
}

/// <summary>Memory that all steps share for temporary values.</summary>
internal sealed unsafe class TemporaryMemory : IDisposable
{
    const int Line = 16;

    readonly List<Storage> _blocks = [];
    int _used;

    /// <summary>The values of all blocks.</summary>
    public long Length => _blocks.Sum(b => (long)b.Length);

    /// <summary>Makes the memory available to the next step.</summary>
    public void NextStep() => _used = 0;

    /// <summary>The amount in use; restoring an earlier value frees what was taken since.</summary>
    public (int Block, int Used) Mark
    {
        get => (_blocks.Count, _used);
        set => _used = value.Block == _blocks.Count ? value.Used : 0;
    }

    public float* Take(int floats)
    {
        floats = (int)Math.Min(int.MaxValue, (long)Counts.Batches(floats, Line) * Line);
        if (_blocks.Count == 0 || (long)_used + floats > _blocks[^1].Length)
        {
            // Bound launches keep the smaller blocks that they were given.
            _blocks.Add(
                new Storage((int)Math.Clamp(2L * (_blocks.Count == 0 ? 0 : _blocks[^1].Length), floats, int.MaxValue)));
            _used = 0;
        }
        float* result = _blocks[^1].Pointer + _used;
        _used += floats;
        return result;
    }

    public void Dispose()
    {
        foreach (Storage block in _blocks) block.Dispose();
    }
}
