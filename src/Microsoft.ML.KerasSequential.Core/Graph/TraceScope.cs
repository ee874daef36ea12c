using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// The trace in progress on this thread: the name path that leads from nodes back to their layer, whether the trace is
/// for training, the seed of its random numbers, and the losses and metrics that layers add.
/// </summary>
internal sealed class TraceScope : IDisposable
{
    [ThreadStatic] static TraceScope? s_current;

    readonly TraceScope? _outer = s_current;
    readonly string _path;
    int _randomNodes;

    TraceScope(string path) => _path = path;

    public static TraceScope? Current => s_current;

    public bool Training { get; private init; }

    public ulong Seed { get; private init; }

    /// <summary>Whether the traced part, or something that contains it, is frozen.</summary>
    public bool Frozen { get; private init; }

    /// <summary>
    /// Whether the trace is for export to another engine, whose recurrent operators do not support masks.
    /// </summary>
    public bool Exporting { get; private init; }

    /// <summary>The precision of products that the traced layer's policy asks for; null for the model's.</summary>
    public FloatPrecision? Precision { get; private init; }

    /// <summary>
    /// Losses that layers add while they are traced (activity regularization); they are added to the model's loss.
    /// </summary>
    public List<Tensor> Losses { get; private init; } = [];

    /// <summary>New values of weights that layers update themselves, such as moving means.</summary>
    public List<Update> Updates { get; private init; } = [];

    /// <summary>Values that layers report while they are traced, each with its accumulator.</summary>
    public List<(Metrics.Reduce Metric, Tensor Value)> Metrics { get; private init; } = [];

    /// <summary>New values of states that layers keep between batches, in training and otherwise.</summary>
    public List<Update> States { get; private init; } = [];

    public static TraceScope Begin(bool training, ulong seed, bool frozen = false) =>
        s_current = new TraceScope("") { Training = training, Seed = seed, Frozen = frozen };

    /// <summary>Resumes a trace that was left.</summary>
    public TraceScope Reenter() => s_current = this;

    public static TraceScope BeginExport(ulong seed) =>
        s_current = new TraceScope("") { Seed = seed, Exporting = true };

    /// <summary>A named part of the trace: a layer, the loss, the optimizer.</summary>
    public static IDisposable Name(string name, bool frozen = false, DTypePolicy? policy = null) =>
        s_current = Inside(name, frozen, s_current, policy is null ? s_current?.Precision : policy.Precision);

    /// <summary>A part of the trace with the gradient of an op, whose products have the op's precision.</summary>
    public static IDisposable GradientOf(Tensor y)
    {
        int end = y.Name.LastIndexOf('/');
        FloatPrecision? precision = (y.Op as IProductOp)?.Precision;
        return s_current = end < 0 ? Inside("", frozen: false, s_current, precision)
            : Inside($"{y.Name[..end]}.gradient", frozen: false, s_current, precision);
    }

    /// <summary>A part of the trace whose losses, metrics, updates and states are discarded.</summary>
    public static IDisposable Apart(string name) => s_current = Inside(name, frozen: false, collector: null,
        s_current?.Precision);

    public static string NameOf(Op op) => PathOf(op.Name);

    /// <summary>
    /// A key that is unique among the random nodes of the trace, and the same in every trace of the same model.
    /// </summary>
    public static ulong NextRandomKey(int? seed)
    {
        TraceScope? root = s_current;
        while (root?._outer is not null) root = root._outer;
        ulong node = root is null ? 0 : (ulong)root._randomNodes++;
        ulong start = seed is int own ? (ulong)(uint)own : root?.Seed ?? GlobalRandom.NextSeed();
        return Numerics.SplitMix.Mix(start + 0x9E37_79B9_7F4A_7C15 * (node + 1));
    }

    public void Dispose() => s_current = _outer;

    /// <summary>A part of the trace.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="frozen">Whether it is frozen, whatever contains it.</param>
    /// <param name="collector">What collects its losses, metrics, updates and states; null to discard them.</param>
    /// <param name="precision">The precision of its products.</param>
    static TraceScope Inside(string name, bool frozen, TraceScope? collector, FloatPrecision? precision) =>
        new(name.Length == 0 ? s_current?._path ?? "" : PathOf(name))
        {
            Precision = precision,
            Training = s_current?.Training ?? false,
            Seed = s_current?.Seed ?? 0,
            Frozen = frozen || s_current is { Frozen: true },
            Exporting = s_current?.Exporting ?? false,
            Losses = collector?.Losses ?? [],
            Metrics = collector?.Metrics ?? [],
            Updates = collector?.Updates ?? [],
            States = collector?.States ?? [],
        };

    static string PathOf(string name) => s_current is { _path.Length: > 0 } scope ? $"{scope._path}/{name}" : name;
}
