using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Turns a chain of elementwise nodes into the steps of a <see cref="SpanProgram"/>.</summary>
internal sealed class SpanProgramBuilder
{
    /// <summary>Slots are numbered last, in this order: inputs, outputs, constants and buffers.</summary>
    enum Kind
    {
        Input,
        Output,
        Number,
        Buffer,
    }

    readonly record struct Place(Kind Kind, int Index);

    readonly record struct Draft(SpanPass Pass, Place[] Operands, Place Target);

    readonly Dictionary<Tensor, Place> _places = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, int> _inputs = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, int> _uses = new(ReferenceEqualityComparer.Instance), _usesLeft;
    readonly HashSet<Tensor> _chain, _outputs;
    readonly int _streams;
    readonly List<float> _numbers = [];
    readonly List<Draft> _steps = [];
    readonly Stack<int> _free = [];
    int _buffers;

    SpanProgramBuilder(
        IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs, int streams, IReadOnlyList<Tensor> outputs)
    {
        _streams = streams;
        _chain = new(chain, ReferenceEqualityComparer.Instance);
        _outputs = new(outputs, ReferenceEqualityComparer.Instance);
        for (int i = 0; i < inputs.Count; i++) _inputs[inputs[i]] = i;
        IEnumerable<Tensor> used = chain.Where(IsComputed).SelectMany(n => n.Inputs)
            .Concat(outputs.Where(o => !IsComputed(o)));
        foreach (Tensor node in used.Select(Source)) _uses[node] = _uses.GetValueOrDefault(node) + 1;
        _usesLeft = new(_uses, ReferenceEqualityComparer.Instance);
    }

    /// <param name="chain">The nodes, inputs before what uses them.</param>
    /// <param name="inputs">The operands read from memory; an operand's index is its slot.</param>
    /// <param name="streams">The number of inputs that run along a row; they come first.</param>
    /// <param name="outputs">The results written to memory; a result's index is its slot.</param>
    public static SpanProgram Build(
        IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs, int streams, IReadOnlyList<Tensor> outputs)
    {
        var builder = new SpanProgramBuilder(chain, inputs, streams, outputs);
        for (int i = 0; i < outputs.Count; i++)
            if (builder.IsComputed(outputs[i])) builder._places[outputs[i]] = new(Kind.Output, i);
        foreach (Tensor node in chain.Where(n => builder.IsComputed(n) && !builder.IsInner(n))) builder.Compute(node);
        // An output may also be an input, or equal another output.
        for (int i = 0; i < outputs.Count; i++)
        {
            if (builder.IsComputed(outputs[i])) continue;
            builder.Copy(builder.Find(builder.Source(outputs[i])), new(Kind.Output, i));
        }
        for (int i = 0; i < outputs.Count; i++) builder.WriteBehindReads(new(Kind.Output, i));

        int Number(Place place) => place.Index + place.Kind switch
        {
            Kind.Input => 0,
            Kind.Output => inputs.Count,
            Kind.Number => inputs.Count + outputs.Count,
            _ => inputs.Count + outputs.Count + builder._numbers.Count,
        };
        return new(inputs.Count, streams, outputs.Count, builder._numbers, builder._buffers,
            [.. builder._steps.Select(s => new SpanStep(s.Pass, [.. s.Operands.Select(Number)], Number(s.Target)))]);
    }

    /// <summary>The node that the slot's value belongs to.</summary>
    public Tensor Source(Tensor node)
    {
        while (_chain.Contains(node) && !IsComputed(node)) node = node.Inputs[0];
        return node;
    }

    /// <summary>Whether exactly one operation uses the node.</summary>
    public bool IsInner(Tensor node) => IsComputed(node) && !_outputs.Contains(node) && _uses[node] == 1;

    /// <summary>Whether the node computes something; otherwise its value is another node's.</summary>
    bool IsComputed(Tensor node) => _chain.Contains(node)
        && node.Op is Elementwise { Kind: not (ElementwiseKind.Identity or ElementwiseKind.StopGradient) };

    void Compute(Tensor node)
    {
        (SpanPass pass, Tensor[] operands) = SpanPattern.Largest(node, this);
        Place[] read = [.. operands.Select(Find)];
        foreach (Tensor operand in operands) Release(operand);
        if (!_places.TryGetValue(node, out Place target))
            _places[node] = target = new(Kind.Buffer, _free.TryPop(out int free) ? free : _buffers++);
        _steps.Add(new(pass, read, target));
    }

    /// <summary>The location of a value, once it is computed.</summary>
    Place Find(Tensor node)
    {
        if (node.Op is Scalar scalar)
        {
            int bits = BitConverter.SingleToInt32Bits(scalar.Value);
            int known = _numbers.FindIndex(n => BitConverter.SingleToInt32Bits(n) == bits);
            if (known < 0) _numbers.Add(scalar.Value);
            return new(Kind.Number, known < 0 ? _numbers.Count - 1 : known);
        }
        if (_inputs.TryGetValue(node, out int input)) return new(Kind.Input, input);
        if (!_places.ContainsKey(node)) Compute(node);
        return _places[node];
    }

    void Copy(Place source, Place target) =>
        _steps.Add(new(ProgramBuilder.Expressions[ElementwiseKind.Identity].Pass, [source], target));

    /// <summary>An output may share memory with an input, so it is written when nothing more is read.</summary>
    void WriteBehindReads(Place output)
    {
        int written = _steps.FindIndex(s => s.Target == output);
        if (!_steps.Skip(written + 1).Any(s => s.Operands.Any(o => o.Kind == Kind.Input && o.Index < _streams))) return;
        var buffer = new Place(Kind.Buffer, _buffers++);
        for (int i = written; i < _steps.Count; i++)
        {
            Draft step = _steps[i];
            _steps[i] = new(step.Pass, [.. step.Operands.Select(Moved)], Moved(step.Target));
        }
        Copy(buffer, output);

        Place Moved(Place place) => place == output ? buffer : place;
    }

    /// <summary>Frees buffers that are no longer needed.</summary>
    void Release(Tensor node)
    {
        if (--_usesLeft[node] == 0 && _places.TryGetValue(node, out Place place) && place.Kind == Kind.Buffer)
            _free.Push(place.Index);
    }
}
