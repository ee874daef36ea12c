using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Data held by the model instead of passed to <c>fit</c> (Keras' <c>target_tensors</c>): targets as a tensor or an
/// array, for calls that pass inputs only, or inputs and targets together as batches, for calls that pass neither.
/// </summary>
public sealed class TargetTensors
{
    readonly Tensor? _tensor;
    readonly NDArray? _array;
    readonly string? _output;

    TargetTensors(Tensor? tensor = null, NDArray? array = null, BatchSequence? sequence = null,
        string? output = null) =>
        (_tensor, _array, Sequence, _output) = (tensor, array, sequence, output);

    /// <summary>The inputs and targets, or null if only targets are held.</summary>
    internal BatchSequence? Sequence { get; }

    /// <summary>Targets as a tensor that needs no input: a constant, a variable, or something computed from
    /// them.</summary>
    /// <param name="target">The tensor.</param>
    public static implicit operator TargetTensors(Tensor target) => new(Checked(target));

    /// <summary>One tensor per output; a Sequential has one output.</summary>
    /// <param name="targets">The tensors.</param>
    public static implicit operator TargetTensors(Tensor[] targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return targets is [var single] ? new(Checked(single))
            : throw new ArgumentException("When passing a list as `target_tensors`, it should have one entry per "
                + $"model output. The model has 1 output, but you passed {targets.Length}.", nameof(targets));
    }

    /// <summary>Tensors by output name.</summary>
    /// <param name="targets">The tensors.</param>
    public static implicit operator TargetTensors(Dictionary<string, Tensor> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return targets.Count == 1 ? new(Checked(targets.Values.Single()), output: targets.Keys.Single())
            : throw new ArgumentException("`target_tensors` should have one entry per model output. The model has 1 "
                + $"output, but you passed {targets.Count}.", nameof(targets));
    }

    /// <summary>Targets as an array.</summary>
    /// <param name="target">The array.</param>
    public static implicit operator TargetTensors(NDArray target) =>
        new(array: target ?? throw new ArgumentNullException(nameof(target)));

    /// <summary>Inputs and targets as batches.</summary>
    /// <param name="batches">The batches.</param>
    public static implicit operator TargetTensors(BatchSequence batches) =>
        new(sequence: batches ?? throw new ArgumentNullException(nameof(batches)));

    /// <summary>The current targets, or null if batches hold them.</summary>
    internal NDArray? Value()
    {
        if (_tensor is null) return _array;
        if (_tensor is Variable variable) return variable.GetValue();
        return K.Evaluate(_tensor);
    }

    internal void CheckOutputs(string outputName, string parameter)
    {
        if (_output is not null && _output != outputName)
            throw new ArgumentException($"Unknown entry in `target_tensors` dictionary: \"{_output}\". Only expected "
                + $"the following keys: {outputName}", parameter);
    }

    static Tensor Checked(Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Topology.Order([target]).Any(t => t.Op is Ops.Placeholder)
            ? throw new ArgumentException($"A target tensor must not depend on an input; {target} needs one.",
                nameof(target)) : target;
    }
}
