using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The dot product of two tensors along one dimension of each, sample by sample (Keras <c>keras.layers.Dot</c>).
/// </summary>
public class Dot : Merge
{
    readonly Sizes? _both;
    readonly int _first, _second;
    readonly bool _normalize;

    /// <summary>Creates the layer.</summary>
    /// <param name="axes">The dimension of both tensors, other than the batch.</param>
    /// <param name="normalize">
    /// Whether to scale both to length 1 along it first, which gives the cosine similarity.
    /// </param>
    /// <param name="name">The layer's name.</param>
    public Dot(int axes, bool normalize = false, string? name = null)
        : this(axes, axes, false, normalize, new LayerOptions(name))
    {
    }

    /// <summary>Creates the layer with one dimension per tensor.</summary>
    /// <param name="axes">The dimensions of the first and the second tensor, other than the batch.</param>
    /// <param name="normalize">Whether to scale both to length 1 along them first.</param>
    /// <param name="name">The layer's name.</param>
    public Dot((int First, int Second) axes, bool normalize = false, string? name = null)
        : this(axes.First, axes.Second, true, normalize, new LayerOptions(name))
    {
    }

    internal Dot(int first, int second, bool separate, bool normalize, LayerOptions options) : base(options) =>
        (_first, _second, _both, _normalize) = (first, second, separate ? [first, second] : null, normalize);

    private protected override int MaxInputs => 2;

    /// <summary>The result has no mask.</summary>
    /// <inheritdoc/>
    public override Tensor? ComputeMask(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor?> masks) => null;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axes"] = _both is null ? _first : Saving.Config.Sizes(_both);
        config["normalize"] = _normalize;
        return config;
    }

    private protected override Tensor Merged(IReadOnlyList<Tensor> inputs)
    {
        Tensor Scaled(Tensor x, int axis) => _normalize ? K.L2Normalize(x, axis) : x;
        return K.BatchDot(Scaled(inputs[0], _first), Scaled(inputs[1], _second), _first, _second);
    }
}
