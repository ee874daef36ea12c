using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Layers;

// Weights as integers.
public abstract partial class Layer
{
    /// <summary>
    /// How the weights are stored (Keras 3 <c>quantization_mode</c>): <c>int8</c> after <see cref="Quantize"/>, null
    /// for float32.
    /// </summary>
    public string? QuantizationMode { get; private set; }

    /// <summary>
    /// Stores the kernel or the vectors as integers of 8 bits, a quarter of the memory, with a scale for each output
    /// or vector (Keras 3 <c>layer.quantize</c>). The layer then rounds each row of its input to integers as well, and
    /// multiplies integers. What is rounded is no longer trained; a bias is. A low-rank adapter is first added to the
    /// kernel. Layers that can be quantized are
    /// <see cref="Dense"/>, <see cref="EinsumDense"/>, <see cref="Embedding"/>, and <see cref="ReversibleEmbedding"/>,
    /// but not classes derived from them.
    /// </summary>
    /// <param name="mode">The only mode is <c>int8</c>.</param>
    /// <exception cref="ArgumentException">The mode is unknown or not supported.</exception>
    /// <exception cref="NotSupportedException">Layers of this class cannot be quantized.</exception>
    /// <exception cref="InvalidOperationException">The layer has not been built, or is already quantized.</exception>
    public virtual void Quantize(string mode = "int8")
    {
        Quantization.CheckMode(mode, nameof(mode));
        using ModelGate.Turn turn = WeightGate.Enter();
        if (!Built)
            throw new InvalidOperationException("Cannot quantize a layer that isn't yet built. Layer " +
                $"'{Name}' (of type '{ClassName}') is not built yet.");
        if (QuantizationMode is not null)
            throw new InvalidOperationException($"Layer '{Name}' is already quantized with " +
                $"dtype_policy='{QuantizationMode}_from_float32'. Received: mode={mode}");
        if (!CanQuantize)
            throw new NotSupportedException($"Layer {ClassName} does not have a `quantize` method implemented, so " +
                $"the layer '{Name}' cannot be quantized to {mode}.");
        MergeAdapter();
        ToIntegers();
        QuantizationMode = mode;
        WeightGate.OutdatePlans();
    }

    /// <summary>Whether layers of exactly this class can be quantized.</summary>
    internal virtual bool CanQuantize => false;

    /// <summary>Replaces the weights with integers and scales.</summary>
    private protected virtual void ToIntegers() => throw new NotSupportedException();

    /// <summary>Creates a weight of integers; to be called in <see cref="Build"/> if the layer is quantized.</summary>
    private protected Variable AddIntegers(string name, int[] shape)
    {
        WeightBudget.Spend($"{Name}/{name}", shape);
        var weight = new Variable($"{Name}/{name}", shape, trainable: false, ValueFormat.Int8) { Gate = WeightGate };
        _weights.Add(weight);
        return weight;
    }

    /// <summary>Creates the scale of a weight of integers.</summary>
    private protected Variable AddScale(string name, int[] shape) => AddWeight(name, shape, "ones", trainable: false);

    /// <summary>Replaces a weight with integers, in the same place.</summary>
    /// <returns>The integers, and the scale with a size of 1 for each of the dimensions that share it.</returns>
    private protected (Variable Integers, NDArray Scale) Rounded(Variable weight, params int[] axes)
    {
        NDArray value = weight.GetValue();
        (Tensor integers, Tensor scale) = K.AbsMaxQuantize(K.Constant(value), axes);
        var rounded = new Variable(weight.Name, weight.Sizes.ToArray(), trainable: false, ValueFormat.Int8)
        {
            Gate = WeightGate,
        };
        rounded.SetValue(K.Evaluate(integers));
        NDArray scales = K.Evaluate(scale);
        _weights[_weights.IndexOf(weight)] = rounded;
        return (rounded, scales);
    }

    /// <summary>Moves a weight behind those created so far.</summary>
    private protected void MoveToEnd(Variable weight)
    {
        _weights.Remove(weight);
        _weights.Add(weight);
    }

    /// <summary>Adds the scale of integers that have replaced a weight.</summary>
    private protected Variable AddScale(string name, NDArray value)
    {
        Variable scale = AddScale(name, value.Shape.ToArray());
        scale.SetValue(value);
        return scale;
    }

    /// <summary>Takes over the type of the weights from a configuration.</summary>
    /// <exception cref="ArgumentException">Another type is requested than this library or the layer has.</exception>
    internal void ReadPolicy(JsonElement settings)
    {
        if (Quantization.ModeOf(settings, Name) is not { } mode) return;
        if (!CanQuantize)
            throw new ArgumentException($"Layer {Name} of class {ClassName} cannot be quantized to {mode}.",
                nameof(settings));
        QuantizationMode = mode;
    }

    /// <summary>The type of the weights in a configuration.</summary>
    JsonNode Policy() => QuantizationMode is { } mode ? Quantization.Policy(mode) : _dtypePolicy.Serialize();
}
