using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Replaces each number by the index of the range that it is in (Keras 3 <c>keras.layers.Discretization</c>). The
/// boundaries of the ranges are given, or <see cref="Adapt(NDArray)"/> chooses them so that each range has about the
/// same number of values.
/// </summary>
public class Discretization : Layer, IAdaptsToNumbers
{
    readonly int? _numBins;
    readonly double _epsilon;
    readonly string _outputMode;
    float[]? _boundaries;
    int? _usedDepth;

    /// <summary>Creates the layer.</summary>
    /// <param name="binBoundaries">
    /// The boundaries, in ascending order: <c>[0, 1, 2]</c> means the ranges below 0, from 0 up to 1, from 1 up to 2,
    /// and from 2 on.
    /// </param>
    /// <param name="numBins">
    /// The number of ranges to adapt to data. With boundaries too, these are the ones to use until the layer is adapted
    /// again; a layer with boundaries alone cannot be adapted.
    /// </param>
    /// <param name="epsilon">The tolerance of adapted boundaries, as a fraction of the values.</param>
    /// <param name="outputMode">
    /// <c>int</c>: the index of the range. <c>one_hot</c>: a vector for each number, in place of a last dimension of
    /// size 1 or as a new dimension. <c>multi_hot</c>: for each sample, the last dimension, a vector with 1 for each
    /// range that occurs in it. <c>count</c>: a vector with the number of times that each range occurs.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">Neither boundaries nor the number of ranges are given, the boundaries are
    /// not in order, or another argument is invalid.</exception>
    public Discretization(IReadOnlyList<double>? binBoundaries = null, int? numBins = null, double epsilon = 0.01,
        string outputMode = "int", string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(binBoundaries, numBins, epsilon, outputMode,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Discretization(IReadOnlyList<double>? binBoundaries, int? numBins, double epsilon, string outputMode,
        LayerOptions options) : base(options)
    {
        if (binBoundaries is null && numBins is null)
            throw new ArgumentException("Either `binBoundaries` or `numBins` must be given.", nameof(binBoundaries));
        if (numBins is < 1)
            throw new ArgumentOutOfRangeException(nameof(numBins), $"`numBins` must be 1 or more; given {numBins}.");
        if (!(epsilon > 0 && epsilon <= 1))
            throw new ArgumentOutOfRangeException(nameof(epsilon), $"`epsilon` must be in (0, 1]; given {epsilon}.");
        float[]? boundaries = binBoundaries is null ? null : [.. binBoundaries.Select(b => (float)b)];
        for (int i = 0; i < boundaries?.Length; i++)
            if (float.IsNaN(boundaries[i]) || (i > 0 && boundaries[i] < boundaries[i - 1]))
                throw new ArgumentException("`binBoundaries` must be numbers in ascending order; given " +
                    $"{string.Join(", ", binBoundaries!)}.", nameof(binBoundaries));
        (_boundaries, _numBins, _epsilon) = (boundaries, numBins, epsilon);
        _outputMode = CategoryOutput.Mode(outputMode, CategoryOutput.Int, CategoryOutput.OneHot,
            CategoryOutput.MultiHot, CategoryOutput.Count);
    }

    /// <summary>The boundaries, in ascending order; null before the layer is adapted.</summary>
    public IReadOnlyList<double>? BinBoundaries => _boundaries is null ? null : [.. _boundaries.Select(b => (double)b)];

    /// <summary>Chooses boundaries between ranges with about the same number of values (Keras <c>adapt</c>), replacing
    /// earlier ones.</summary>
    /// <param name="data">The data, of any shape.</param>
    /// <exception cref="ArgumentException">The data is empty or contains NaN.</exception>
    /// <exception cref="InvalidOperationException">The boundaries were given to the constructor, or the number of
    /// ranges changes after a model has used it as the size of an output.</exception>
    public void Adapt(NDArray data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Adapt([new Batch(data)]);
    }

    /// <summary>Chooses boundaries for data that comes in batches (Keras <c>adapt</c>), replacing earlier
    /// ones.</summary>
    /// <param name="data">The batches; only their inputs are used.</param>
    /// <param name="steps">The number of batches to use; all by default.</param>
    /// <exception cref="ArgumentException">The data is empty or contains NaN.</exception>
    /// <exception cref="InvalidOperationException">The boundaries were given to the constructor, or the number of
    /// ranges changes after a model has used it as the size of an output.</exception>
    public void Adapt(IEnumerable<Batch> data, int? steps = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (_numBins is not int bins)
            throw new InvalidOperationException($"Layer {Name} has boundaries from its constructor, so it cannot be " +
                "adapted: create it with `numBins`.");
        var summary = new BinSummary();
        bool isEmpty = true;
        foreach (NDArray x in AdaptData.Of(data, steps))
        {
            if (x.Span.IndexOf(float.NaN) >= 0)
                throw new ArgumentException($"Layer {Name} cannot be adapted to data with NaN.", nameof(data));
            summary.Add(x.Span, _epsilon);
            isEmpty &= x.Size == 0;
        }
        if (isEmpty) throw new ArgumentException($"Layer {Name} cannot be adapted to no data.", nameof(data));
        float[] boundaries = [.. summary.Boundaries(bins).Select(b => (float)b)];
        using Runtime.ModelGate.Turn turn = WeightGate.Enter();
        if (_usedDepth is int used && used != boundaries.Length + 1)
            throw new InvalidOperationException($"Layer {Name} is part of a model with {used} ranges, so it cannot " +
                $"be adapted to {boundaries.Length + 1}: use a new layer.");
        _boundaries = boundaries;
        WeightGate.OutdatePlans();
    }

    bool IAdaptable.NeedsData => _boundaries is null;

    void IAdaptsToNumbers.AdaptTo(IEnumerable<Batch> data) => Adapt(data);

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        float[] boundaries = _boundaries ?? throw new InvalidOperationException($"Layer {Name} has no boundaries " +
            "yet: give it `binBoundaries`, or call Adapt before it is used.");
        // NaN is in the last range, as in Keras.
        Tensor index = boundaries.Length == 0 ? K.ZerosLike(x)
            : K.Sum(1 - K.Less(K.ExpandDims(x), K.Constant(boundaries)), x.Rank);
        if (_outputMode != CategoryOutput.Int) _usedDepth = boundaries.Length + 1;
        return CategoryOutput.Encode(index, _outputMode, boundaries.Length + 1);
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        _usedDepth = null;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras' class does not take the argument.
        config.Remove("trainable");
        config["bin_boundaries"] =
            _boundaries is null ? null : new JsonArray([.. _boundaries.Select(b => (JsonNode)b)]);
        config["num_bins"] = _numBins;
        config["epsilon"] = _epsilon;
        config["output_mode"] = _outputMode;
        config["sparse"] = false;
        return config;
    }
}
