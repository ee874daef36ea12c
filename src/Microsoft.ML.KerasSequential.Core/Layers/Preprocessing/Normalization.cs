using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Shifts and scales features to mean 0 and standard deviation 1, with a mean and a variance that are given or come
/// from data that <see cref="Adapt(NDArray)"/> sees: (x − mean)/√variance (Keras 3 <c>keras.layers.Normalization</c>).
/// Weights, unless mean and variance are given: mean, variance, and count, none of them trainable.
/// </summary>
public class Normalization : Layer, IAdaptsToNumbers
{
    /// <summary>The least standard deviation, Keras' <c>epsilon()</c>.</summary>
    const double Epsilon = 1e-7;

    readonly int[] _axis;
    readonly NDArray? _givenMean, _givenVariance;
    readonly bool _invert;
    Moments? _adapted;
    Variable? _mean, _variance, _count;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">
    /// The axes with a mean and a variance of their own for each index; the last one by default. An empty list,
    /// <c>[]</c>, means one mean and one variance for all values (Keras' <c>None</c>).
    /// </param>
    /// <param name="mean">The mean, a number or an array that broadcasts to the sizes of the axes.</param>
    /// <param name="variance">The variance, in the shape of the mean.</param>
    /// <param name="invert">Whether to turn normalized values back into original ones.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">Only one of mean and variance is given, or their shapes differ.</exception>
    public Normalization(Sizes? axis = null, NDArray? mean = null, NDArray? variance = null, bool invert = false,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(axis?.ToArray() ?? [-1], mean, variance, invert,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Normalization(int[] axis, NDArray? mean, NDArray? variance, bool invert, LayerOptions options)
        : base(options)
    {
        if ((mean is null) != (variance is null))
            throw new ArgumentException("`mean` and `variance` must be given together; given only " +
                $"{(mean is null ? "`variance`" : "`mean`")}.", mean is null ? nameof(mean) : nameof(variance));
        if (mean is not null && !mean.Shape.SequenceEqual(variance!.Shape))
            throw new ArgumentException("`mean` and `variance` must have the same shape; given " +
                $"{Shape.Format(mean.Shape)} and {Shape.Format(variance.Shape)}.", nameof(variance));
        if (mean?.Rank > axis.Length)
            throw new ArgumentException($"`mean` can have at most one dimension for each of the {axis.Length} axes; " +
                $"given the shape {Shape.Format(mean.Shape)}.", nameof(mean));
        (_axis, _givenMean, _givenVariance, _invert) = (axis, Copied(mean), Copied(variance), invert);
    }

    /// <summary>The mean that was given or adapted, or null if there is none yet.</summary>
    public NDArray? Mean => Copied(_givenMean) ?? _mean?.GetValue() ?? _adapted?.Mean;

    /// <summary>The variance that was given or adapted, or null if there is none yet.</summary>
    public NDArray? Variance => Copied(_givenVariance) ?? _variance?.GetValue() ?? _adapted?.Variance;

    /// <summary>Weights that were set count as given: only those that a new layer has need data.</summary>
    bool IAdaptable.NeedsData => _givenMean is null && _adapted is null && !HasInitialWeights
        && (_mean is null || (!_mean.Values.ContainsAnyExcept(0f) && !_variance!.Values.ContainsAnyExcept(1f)));

    void IAdaptsToNumbers.AdaptTo(IEnumerable<Batch> data) => Adapt(data);

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <summary>Computes mean and variance of data (Keras <c>adapt</c>), replacing earlier ones.</summary>
    /// <param name="data">The data, one sample per row; a flat array is one value per sample.</param>
    /// <exception cref="ArgumentException">The data is empty, or does not fit the layer's axes or weights.</exception>
    /// <exception cref="InvalidOperationException">Mean and variance were given to the constructor.</exception>
    public void Adapt(NDArray data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Adapt([new Batch(data)]);
    }

    /// <summary>Computes mean and variance of data that comes in batches (Keras <c>adapt</c>), replacing earlier
    /// ones.</summary>
    /// <param name="data">The batches; only their inputs are used.</param>
    /// <exception cref="ArgumentException">There are no batches, or one does not fit the layer's axes, its weights, or
    /// the first batch.</exception>
    /// <exception cref="InvalidOperationException">Mean and variance were given to the constructor.</exception>
    public void Adapt(IEnumerable<Batch> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (_givenMean is not null)
            throw new InvalidOperationException($"Layer {Name} has a mean and a variance from its constructor, so it " +
                "cannot be adapted.");
        Moments? all = null;
        foreach (NDArray array in AdaptData.Of(data))
        {
            NDArray x = array.Rank == 1 ? array.Reshape(array.Rows, 1) : array;
            if (x.Size == 0)
                throw new ArgumentException($"Layer {Name} cannot be adapted to empty data: shape " +
                    $"{Shape.Format(x.Shape)}.", nameof(data));
            int[] kept = Kept(x.Rank);
            int[] sizes = [.. kept.Select(a => x.Shape[a])];
            if (all is not null && !all.Mean.Shape.SequenceEqual(sizes))
                throw new ArgumentException($"Layer {Name} was being adapted to axes of sizes " +
                    $"{Shape.Format(all.Mean.Shape)}, but a later batch has the shape {Shape.Format(x.Shape)}.",
                    nameof(data));
            if (_mean is not null && !_mean.Sizes.SequenceEqual(sizes))
                throw new ArgumentException($"Layer {Name} was built for axes of sizes " +
                    $"{Shape.Format(_mean.Sizes)}, but is being adapted to data of shape {Shape.Format(x.Shape)}.",
                    nameof(data));
            (all ??= new(sizes)).Add(x, kept);
        }
        _adapted = all ?? throw new ArgumentException($"Layer {Name} cannot be adapted to no batches at all.",
            nameof(data));
        using Runtime.ModelGate.Turn turn = WeightGate.Enter();
        SetAdapted();
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] kept = Kept(x.Rank);
        Tensor mean, deviation;
        int[] sizes = [];
        if (_givenMean is not null)
        {
            mean = K.Constant(Spread(_givenMean, x.Shape, kept));
            NDArray width = Spread(_givenVariance!, x.Shape, kept);
            foreach (ref float value in width.Span) value = MathF.Max(MathF.Sqrt(value), (float)Epsilon);
            deviation = K.Constant(width);
        }
        else
        {
            sizes = [.. Enumerable.Range(0, x.Rank).Select(a => kept.Contains(a) ? x.Shape[a]!.Value : 1)];
            mean = K.Reshape(Made(_mean), sizes);
            deviation = K.Reshape(K.Maximum(K.Sqrt(Made(_variance)), Epsilon), sizes);
        }
        Tensor y = _invert ? mean + x * deviation : (x - mean) / deviation;
        return _givenMean is not null ? y
            : y.Called(new Ops.Standardized(sizes, (float)Epsilon, _invert, _count!), x, _mean!, _variance!);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Saving.Config.Sizes(_axis);
        config["invert"] = _invert;
        config["mean"] = _givenMean is null ? null : Saving.NestedLists.Write(_givenMean, "mean");
        config["variance"] = _givenVariance is null ? null : Saving.NestedLists.Write(_givenVariance, "variance");
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int[] kept = Kept(inputShape.Rank);
        foreach (int axis in kept)
            if (inputShape[axis] is null)
                throw new ArgumentException($"Layer {Name} needs a known size of axis {axis}, which has a mean of " +
                    $"its own; given an input of shape {inputShape}.", nameof(inputShape));
        if (_givenMean is not null) return;
        int[] sizes = [.. kept.Select(a => inputShape[a]!.Value)];
        if (_adapted is not null && !_adapted.Mean.Shape.SequenceEqual(sizes))
            throw new ArgumentException($"Layer {Name} was adapted to axes of sizes " +
                $"{Shape.Format(_adapted.Mean.Shape)}; given an input of shape {inputShape}.", nameof(inputShape));
        _mean = AddWeight("mean", sizes, "zeros", trainable: false);
        _variance = AddWeight("variance", sizes, "ones", trainable: false);
        _count = AddWeight("count", [], "zeros", trainable: false);
        SetAdapted();
    }

    internal override void Unbuild()
    {
        base.Unbuild();
        (_mean, _variance, _count) = (null, null, null);
    }

    internal override void CopyStateTo(Layer copy) => ((Normalization)copy)._adapted = _adapted;

    void SetAdapted()
    {
        if (_adapted is null || _mean is null) return;
        _mean.SetValue(_adapted.Mean);
        _variance!.SetValue(_adapted.Variance);
    }

    static NDArray? Copied(NDArray? array) => array is null ? null : new(array.ToArray(), array.Shape.ToArray());

    int[] Kept(int rank)
    {
        foreach (int axis in _axis)
            if (axis < -rank || axis >= rank)
                throw new ArgumentException($"Layer {Name} normalizes along axis {axis}, but the data has {rank} " +
                    "dimensions.");
        return [.. _axis.Select(a => a < 0 ? a + rank : a).Order()];
    }

    /// <summary>Values for the last of the kept axes, in a shape that broadcasts to the input.</summary>
    NDArray Spread(NDArray values, Shape input, int[] kept)
    {
        var sizes = new int[input.Rank];
        Array.Fill(sizes, 1);
        for (int i = 1; i <= values.Rank; i++)
        {
            int axis = kept[^i];
            sizes[axis] = values.Shape[^i];
            if (sizes[axis] != 1 && input[axis] is int size && size != sizes[axis])
                throw new ArgumentException($"Layer {Name} has a mean of shape {Shape.Format(values.Shape)} for axes " +
                    $"{string.Join(", ", _axis)}, which does not fit an input of shape {input}.", nameof(input));
        }
        return new(values.ToArray(), sizes);
    }

    /// <summary>Mean and variance of the values seen so far.</summary>
    sealed class Moments(int[] sizes)
    {
        readonly double[] _mean = new double[new NDArray(sizes).Size], _variance = new double[new NDArray(sizes).Size];
        double _count;

        public NDArray Mean => new([.. _mean.Select(v => (float)v)], sizes);

        public NDArray Variance => new([.. _variance.Select(v => (float)v)], sizes);

        /// <summary>Adds a batch; batches are weighted by their numbers of values.</summary>
        public void Add(NDArray x, int[] kept)
        {
            int[] cells = Cells(x, kept);
            double count = (double)x.Size / _mean.Length, total = _count + count;
            double[] sum = new double[_mean.Length], squares = new double[_mean.Length];
            for (int i = 0; i < cells.Length; i++) sum[cells[i]] += x.Span[i];
            for (int i = 0; i < cells.Length; i++)
            {
                double distance = x.Span[i] - sum[cells[i]] / count;
                squares[cells[i]] += distance * distance;
            }
            for (int i = 0; i < sum.Length; i++)
            {
                double mean = sum[i] / count, next = (_mean[i] * _count + sum[i]) / total;
                double Square(double value) => value * value;
                _variance[i] = ((_variance[i] + Square(_mean[i] - next)) * _count
                    + (squares[i] / count + Square(mean - next)) * count) / total;
                _mean[i] = next;
            }
            _count = total;
        }

        /// <summary>The cell of each value: its position along the kept axes.</summary>
        static int[] Cells(NDArray x, int[] kept)
        {
            var cells = new int[x.Size];
            int stride = 1, inner = 1;
            for (int axis = x.Rank - 1; axis >= 0; axis--)
            {
                int size = x.Shape[axis];
                if (kept.Contains(axis))
                {
                    for (int i = 0; i < cells.Length; i++) cells[i] += i / inner % size * stride;
                    stride *= size;
                }
                inner *= size;
            }
            return cells;
        }
    }
}
