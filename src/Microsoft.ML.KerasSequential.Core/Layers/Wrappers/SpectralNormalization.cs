using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Keeps the largest singular value of a layer's kernel near 1, which limits how much the layer can amplify its input
/// (Miyato et al. 2018; Keras <c>keras.layers.SpectralNormalization</c>). Each training step divides the kernel by an
/// estimate of that value, then computes the output and the update from the divided kernel. Weights: the layer's
/// kernel, the vector of the estimate (1, last size of the kernel), then the layer's other weights. If this layer or
/// the inner one is frozen, its weights stay as they are, and only the output uses the divided kernel. An ONNX file
/// does not contain the vector, so a model with this layer can be exported, but not read back.
/// </summary>
public class SpectralNormalization : Wrapper
{
    // The square of the smallest norm to divide by.
    const double SmallestSquare = 1e-14;

    readonly int _powerIterations;
    Variable? _vector;

    /// <summary>Creates the layer.</summary>
    /// <param name="layer">A layer with a kernel, or an <see cref="Embedding"/>.</param>
    /// <param name="powerIterations">The number of steps that improve the estimate, per training step.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is less than 1.</exception>
    public SpectralNormalization(Layer layer, int powerIterations = 1, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(layer, powerIterations, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal SpectralNormalization(Layer layer, int powerIterations, LayerOptions options) : base(layer, options)
    {
        if (powerIterations < 1)
            throw new ArgumentOutOfRangeException(nameof(powerIterations),
            "`powerIterations` must be 1 or more; given " +
                $"{powerIterations}.");
        _powerIterations = powerIterations;
        Track(layer);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => Layer.SupportsMasking;

    /// <summary>The kernel, the vector, then the rest.</summary>
    internal override IReadOnlyList<Variable> AllWeights =>
        _vector is null ? base.AllWeights : [.. new[] { Kernel, _vector }.Concat(base.AllWeights).Distinct()];

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!K.LearningPhase()) return Layer.Apply(new Masked(x, mask)).Value;
        TraceScope scope = TraceScope.Current!;
        (int losses, int updates, int metrics, int states) =
            (scope.Losses.Count, scope.Updates.Count, scope.Metrics.Count, scope.States.Count);
        Tensor y = Layer.Apply(new Masked(x, mask)).Value;

        // The layer as it would be with the divided kernel. As in Keras, gradients pass through the division unchanged.
        Variable kernel = Kernel;
        (Tensor vector, Tensor divided) = Divided();
        Tensor[] traced = Substitution.Of([y, .. scope.Losses.Skip(losses), .. scope.Updates.Skip(updates)
            .Select(u => u.Value), .. scope.Metrics.Skip(metrics).Select(m => m.Value),
            .. scope.States.Skip(states).Select(s => s.Value)],
            new Dictionary<Tensor, Tensor> { [kernel] = kernel + K.StopGradient(divided - kernel) });
        int at = 1;
        for (int i = losses; i < scope.Losses.Count; i++) scope.Losses[i] = traced[at++];
        Replace(scope.Updates, updates);
        for (int i = metrics; i < scope.Metrics.Count; i++)
            scope.Metrics[i] = (scope.Metrics[i].Metric, traced[at++]);
        Replace(scope.States, states);
        void Replace(List<Update> list, int first)
        {
            for (int i = first; i < list.Count; i++) list[i] = list[i] with { Value = traced[at++] };
        }
        if (Trainable && Layer.Trainable)
        {
            AddUpdate(_vector!, vector);
            scope.Updates.Add(new(kernel, divided));
        }
        return traced[0];
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => Layer.ComputeMask(x, mask);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["power_iterations"] = _powerIterations;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        Layer.EnsureBuilt(inputShape);
        _vector = AddWeight("vector_u", [1, Kernel.Sizes[^1]], new TruncatedNormal(stddev: 0.02), trainable: false);
    }

    Variable Kernel => Layer.NamedWeights()
        .FirstOrDefault(w => w.Path is "kernel" or "embeddings" || (w.Path == "depthwise_kernel"
            && Layer is DepthwiseConv)).Weight
        ?? throw new ArgumentException($"Layer {Name} needs a layer with a kernel or embeddings; {Layer.Name}, a " +
            $"{Layer.ClassName}, has none.");

    /// <summary>The next vector, and the kernel divided by the estimate of its largest singular value.</summary>
    (Tensor Vector, Tensor Kernel) Divided()
    {
        Tensor weights = K.Reshape(Kernel, -1, Kernel.Sizes[^1]), u = _vector!, v = u;
        for (int i = 0; i < _powerIterations; i++)
        {
            v = Unit(new Tensor(new Ops.MatMul(false, true), u, weights));
            u = Unit(K.Dot(v, weights));
        }
        Tensor sigma = K.Sum(K.Dot(v, weights) * u);
        Tensor isZero = K.All(K.Equal(Kernel, 0));
        return (K.Where(isZero, _vector!, u), K.Where(isZero, Kernel, Kernel / sigma));
    }

    static Tensor Unit(Tensor x) => x / K.Sqrt(K.Maximum(K.Sum(K.Square(x)), SmallestSquare));
}
