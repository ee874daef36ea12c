namespace Microsoft.ML.KerasSequential.Layers;

// The weights and their order.
public abstract partial class Layer
{
    /// <summary>All weights, including those of nested layers; in most layers, trainable ones come first.</summary>
    public IReadOnlyList<Variable> Weights => AllWeights;

    /// <summary>The weights in the order in which they are saved.</summary>
    internal virtual IReadOnlyList<Variable> AllWeights => [.. FirstWeights.Concat(LastWeights).Distinct()];

    /// <summary>The weights that training changes.</summary>
    public IReadOnlyList<Variable> TrainableWeights => [.. FirstWeights.Where(w => w.Trainable)];

    /// <summary>The weights that training does not change.</summary>
    public IReadOnlyList<Variable> NonTrainableWeights =>
        Trainable ? [.. FirstWeights.Where(w => !w.Trainable).Concat(LastWeights).Distinct()] : [.. LastWeights];

    /// <summary>The weights that come first: trained ones, and kernels in front of their adapters.</summary>
    IEnumerable<Variable> FirstWeights => Trainable ? FirstParts : [];

    /// <summary>The weights that come last.</summary>
    IEnumerable<Variable> LastWeights => Trainable ? LastParts : FirstParts.Concat(LastParts).Distinct();

    IEnumerable<Variable> FirstParts => OwnAndInner(l => l._weights.Where(l.IsFirst), l => l.FirstWeights);

    IEnumerable<Variable> LastParts => OwnAndInner(l => l._weights.Where(w => !l.IsFirst(w)), l => l.LastWeights);

    bool IsFirst(Variable weight) => weight.Trainable || weight == Adapter?.Kernel;

    /// <summary>The layer's own weights and those of nested layers, each once.</summary>
    IEnumerable<Variable> OwnAndInner(Func<Layer, IEnumerable<Variable>> own,
        Func<Layer, IEnumerable<Variable>> inner) => own(this).Concat(Inner.SelectMany(inner)).Distinct();
}
