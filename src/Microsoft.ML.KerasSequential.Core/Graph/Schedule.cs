using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// The order of the steps, and which of them write their result straight into a variable. Such a step must wait for all
/// readers of the old value; if two updates wait for each other, one goes through a buffer and is copied at the end.
/// </summary>
internal sealed class Schedule
{
    readonly List<Step> _steps = [];
    readonly Dictionary<Tensor, Variable> _inPlace = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Step, IndexUse[]> _watched = [];

    Schedule()
    {
    }

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>Step outputs whose memory is a variable's.</summary>
    public IReadOnlyDictionary<Tensor, Variable> InPlace => _inPlace;

    /// <summary>Lookups by indices that nobody has checked before the run.</summary>
    public IEnumerable<IndexUse> Watched => _watched.Values.SelectMany(uses => uses);

    /// <summary>The last step that looks up such an index: nothing is written before it.</summary>
    public Step? LastWatched => _steps.FindLast(_watched.ContainsKey);

    /// <summary>Simplifies, fuses and orders a graph.</summary>
    public static (Graph Graph, Schedule Schedule) Of(Graph graph)
    {
        Later.Refuse(Topology.Order(graph.Roots));
        graph = OwnNodes(Simplify.Apply(graph));
        var schedule = new Schedule();
        schedule.Order(graph, Fuse.Apply(graph));
        return (graph, schedule);
    }

    /// <summary>The node whose memory a view reads.</summary>
    public static Tensor Origin(Tensor node)
    {
        while (node.Op.IsView) node = node.Inputs[0];
        return node;
    }

    /// <summary>Gives each output and each update its own node with memory to write.</summary>
    static Graph OwnNodes(Graph graph)
    {
        var taken = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        Tensor Copy(Tensor t) => new(new Elementwise(ElementwiseKind.Identity), t) { Name = t.Name };
        List<Update> updates = [.. graph.Updates.Select(u =>
            Fuse.IsElementwise(u.Value) && taken.Add(u.Value) ? u : u with { Value = Copy(u.Value) })];
        var given = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        List<Tensor> outputs = [.. graph.Outputs.Select(t =>
            t.Op.IsSource || t.Op.IsView || t.Op is Scalar || !given.Add(t) ? Copy(t) : t)];
        return new(graph.Inputs, outputs, updates) { IndicesAreChecked = graph.IndicesAreChecked };
    }

    /// <summary>
    /// Overlaps the exchange between devices or ranks with other work: a part, and what it depends on, comes as early
    /// as possible; whatever waits for the total comes after everything that does not.
    /// </summary>
    static IEnumerable<Step> BesideExchange(List<Step> steps, Dictionary<Step, HashSet<Step>> waiting)
    {
        var meetings = new Dictionary<Step, int>();
        var unknown = new Queue<Step>(steps);
        while (unknown.TryDequeue(out Step? step))
        {
            if (waiting[step].All(meetings.ContainsKey))
                meetings[step] = waiting[step].Select(before => meetings[before] + (IsMeeting(before) ? 1 : 0))
                    .DefaultIfEmpty().Max();
            else unknown.Enqueue(step);
        }
        ILookup<Step, Step> readers = steps.SelectMany(reader => waiting[reader].Select(read => (read, reader)))
            .ToLookup(pair => pair.read, pair => pair.reader);
        return steps.OrderBy(s => meetings[s])
            .ThenBy(s => !IsMeeting(s) && !(readers[s].Any() && readers[s].All(IsMeeting)));
    }

    static bool IsMeeting(Step step) => step.Macro?.Op is AcrossDevices;

    void Order(Graph graph, List<Step> steps)
    {
        var producer = new Dictionary<Tensor, Step>(ReferenceEqualityComparer.Instance);
        foreach (Step step in steps)
            foreach (Tensor output in step.Outputs) producer[output] = step;

        var waiting = new Dictionary<Step, HashSet<Step>>();
        foreach (Step step in steps)
        {
            waiting[step] = [.. step.Inputs.Select(Origin).Where(producer.ContainsKey).Select(t => producer[t])];
        }

        foreach (Step step in steps)
            if (step.Macro is { } macro && IndexUse.ToWatch(graph, macro).ToArray() is { Length: > 0 } uses)
                _watched[step] = uses;

        var copies = new List<Update>();
        var writes = new Dictionary<Step, List<Update>>();
        foreach (Update update in graph.Updates)
        {
            Step writer = producer[update.Value];
            // In place is safe if the old value is read at the very position that is written, by the elementwise part
            // alone.
            bool aligned = writer.Inputs.All(i => Origin(i) != update.Variable || i.Dims.Equals(update.Value.Dims));
            bool readByMacro = writer.Macro is { } macro && macro.Inputs.Any(i => Origin(i) == update.Variable);
            if (!aligned || readByMacro)
            {
                copies.Add(update);
                continue;
            }
            _inPlace[update.Value] = update.Variable;
            (writes.TryGetValue(writer, out List<Update>? list) ? list : writes[writer] = []).Add(update);
        }
        List<Step> Readers(Variable variable, Step writer) =>
            [.. steps.Where(s => s != writer && s.Inputs.Any(i => Origin(i) == variable))];

        var pending = new List<Step>(steps.Any(IsMeeting) ? BesideExchange(steps, waiting) : steps);
        while (pending.Count > 0)
        {
            bool Ready(Step s) => !waiting[s].Any(pending.Contains)
                && !(writes.TryGetValue(s, out List<Update>? w) && (_watched.Keys.Any(pending.Contains)
                    || w.Any(u => Readers(u.Variable, s).Any(pending.Contains))));
            Step? next = pending.Find(Ready);
            if (next is null)
            {
                // Updates that wait for each other: the first one goes through a buffer.
                next = pending.First(s => !waiting[s].Any(pending.Contains));
                foreach (Update update in writes[next])
                {
                    _inPlace.Remove(update.Value);
                    copies.Add(update);
                }
                writes.Remove(next);
            }
            pending.Remove(next);
            _steps.Add(next);
        }

        foreach (Update update in copies)
        {
            var copy =
                new Tensor(new Elementwise(ElementwiseKind.Identity), update.Value) { Name = update.Variable.Name };
            _inPlace[copy] = update.Variable;
            _steps.Add(new Step { Chain = [copy], Outputs = [copy], Inputs = [update.Value] });
        }
    }
}
