using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Blends each image with several changed versions of it, each made by some operations that are chosen at
/// random, in training (Hendrycks et al. 2020; Keras <c>keras.layers.AugMix</c>). Keras chooses the operations and the
/// shares for a batch; this layer chooses them for each image. It computes all operations for each step of each version
/// and selects among their results.</summary>
public class AugMix : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;
    readonly int _numChains, _chainDepth;
    readonly double _alpha;
    readonly bool _allOps;
    readonly string _interpolation;
    readonly AugmentationChoice _choice;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="numChains">The number of changed versions, 1 or more.</param>
    /// <param name="chainDepth">The number of operations of each version, 0 or more; each may also do nothing.</param>
    /// <param name="factor">The strength of the operations, or its range, in [0, 1]; 0.3 by default. A single number is
    /// the upper end of a range from 0.</param>
    /// <param name="alpha">The parameter of the distributions from which the shares are drawn, more than 0.</param>
    /// <param name="allOps">Whether to use the operations that change brightness, contrast, sharpness, and the strength
    /// of colors.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public AugMix(Factor? valueRange = null, int numChains = 3, int chainDepth = 3, Factor? factor = null,
        double alpha = 1, bool allOps = true, string interpolation = "bilinear", int? seed = null,
        string? dataFormat = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(valueRange, numChains, chainDepth, factor, alpha, allOps, interpolation, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AugMix(Factor? valueRange, int numChains, int chainDepth, Factor? factor, double alpha, bool allOps,
        string interpolation, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numChains, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(chainDepth);
        if (!(alpha > 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"`alpha` must be more than 0; given {alpha}.");
        _factor = (factor ?? 0.3).Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange, sorted: false);
        (_numChains, _chainDepth) = (numChains, chainDepth);
        (_alpha, _allOps, _interpolation) = (alpha, allOps, interpolation);
        _choice = new(_range, _factor, interpolation, seed, allOps);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        Dims each = new(images.Dims[0], 1, 1, 1);
        // Shares of a Dirichlet distribution are gamma-distributed numbers, divided by their sum.
        Tensor[] shares = [.. Enumerable.Range(0, _numChains).Select(_ => K.LogOfGamma(each, _alpha, Seed))];
        Tensor largest = shares.Aggregate(K.Maximum);
        shares = [.. shares.Select(share => K.Exp(share - largest))];
        Tensor sum = shares.Aggregate(K.Add), own = K.BetaOf(each, _alpha, _alpha, Seed), mixed = 0;
        foreach (Tensor share in shares)
        {
            Tensor chain = images;
            // One choice more than there are operations: none.
            for (int i = 0; i < _chainDepth; i++) chain = _choice.Apply(chain, Drawn(images, 0, _choice.Count + 1));
            mixed += chain * (share / sum);
        }
        return K.Clip(own * images + (1 - own) * mixed, _range.Low, _range.High);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        config["num_chains"] = _numChains;
        config["chain_depth"] = _chainDepth;
        config["factor"] = Factor.ToJson(_factor);
        config["alpha"] = _alpha;
        config["all_ops"] = _allOps;
        config["interpolation"] = _interpolation;
        config["seed"] = Seed;
        return config;
    }
}
