using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// What goes on at the same time, on several threads or inside hooks. Steps, batches and short calls have the gate to
// themselves; hooks and the making of batches run without it.
public sealed partial class Sequential
{
    [ThreadStatic] static ModelRun? s_innermost;

    /// <summary>
    /// Whose numbers the metrics hold, and whose sequences the states of layers belong to, when nobody else has the
    /// gate.
    /// </summary>
    ModelRun? _resident;

    /// <summary>What the calls for one batch collect while something else goes on.</summary>
    ModelRun? _single;

    ModelRun? _training;

    /// <summary>How many trainings, evaluations and predictions let others in between.</summary>
    int _spanning;

    /// <summary>What of this model runs on this thread: the caller is one of its hooks.</summary>
    ModelRun? Innermost
    {
        get
        {
            ModelRun? run = s_innermost;
            while (run is not null && run.Model != this) run = run.Enclosing;
            return run;
        }
    }

    /// <summary>One training at a time.</summary>
    /// <exception cref="InvalidOperationException">The model is being trained, or not ready for it.</exception>
    ModelRun BeginTraining()
    {
        RequireNoTraining();
        using ModelGate.Turn turn = WeightGate.Enter();
        RequireNoTraining();
        RequireCompiled();
        _resident?.PutAside();
        return _training = _resident = new ModelRun(this, spans: true, judges: false);
    }

    /// <summary>An evaluation or a prediction.</summary>
    /// <param name="spans">Whether others are let in between its batches; else the caller has the gate until it is
    /// over.</param>
    /// <param name="judges">Whether it begins with fresh metrics.</param>
    /// <param name="ofTraining">Whether it is a training's validation, whose layers' states go on from the training's
    /// and into them, as in Keras.</param>
    ModelRun BeginRun(bool spans, bool judges, bool ofTraining = false)
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        RequireAlive();
        return new ModelRun(this, spans, judges, ofTraining);
    }

    /// <summary>
    /// For calls that change what a training, or anything else that lets others in between, relies on.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something of that kind goes on: it is said at once.</exception>
    ModelGate.Turn Change()
    {
        RequireIdle();
        ModelGate.Turn turn = WeightGate.Enter();
        try
        {
            RequireIdle();
        }
        catch
        {
            turn.Dispose();
            throw;
        }
        return turn;
    }

    void RequireIdle()
    {
        RequireAlive();
        RequireRest("its structure cannot be changed now");
    }

    void RequireRest(string consequence)
    {
        string? doing = _training is not null ? "is being trained"
            : _spanning > 0 ? "is being evaluated, or predicts, and calls back or waits for batches" : null;
        if (doing is not null) throw new InvalidOperationException($"The model {Name} {doing}; {consequence}.");
    }

    void RequireNoTraining()
    {
        if (_training is not null)
            throw new InvalidOperationException($"The model {Name} is being trained, and one training goes on at a time: " +
                "call Fit when the other has ended, or train a Clone().");
    }

    /// <summary>Ranks do everything in the same order, which another thread's calls have no place in.</summary>
    void RequireOwnThread()
    {
        if (Ranks is not null && _training is not null && Innermost is null)
            throw new InvalidOperationException($"The model {Name} is being trained by several processes: meanwhile only its callbacks " +
                "can evaluate it or predict with it, on the training's own thread and on every rank.");
    }

    IEnumerable<Variable> MetricStates => Metrics.SelectMany(m => m.States);

    void ClearMetrics()
    {
        foreach (Metric metric in Metrics) metric.ResetStates();
    }

    /// <summary>
    /// A training, an evaluation or a prediction that goes on. What it writes beside weights is kept apart from what
    /// others collect.
    /// </summary>
    sealed class ModelRun : IDisposable
    {
        readonly ModelRun? _outer;
        readonly bool _spans, _judges, _ofTraining;
        ModelRun? _before;
        IReadOnlyList<Variable> _written = [];
        Dictionary<Variable, NDArray>? _own, _displaced;
        bool _arrived;

        public ModelRun(Sequential model, bool spans, bool judges, bool ofTraining = false)
        {
            (Model, _spans, _judges, _ofTraining) = (model, spans, judges, ofTraining);
            (Enclosing, _outer) = (s_innermost, model.Innermost);
            if (spans) model._spanning++;
            s_innermost = this;
        }

        /// <summary>What the single calls beside others collect; it begins and ends with the others.</summary>
        public ModelRun(Sequential model) => (Model, _arrived) = (model, true);

        public Sequential Model { get; }

        /// <summary>What this thread was doing when it began, with this model or another.</summary>
        public ModelRun? Enclosing { get; }

        /// <summary>
        /// Brings what was collected so far to its place for as long as the result is not disposed; the caller has the
        /// gate.
        /// </summary>
        /// <param name="written">What will be written beside weights.</param>
        public Place Take(IReadOnlyList<Variable> written)
        {
            if (!_arrived) Arrive(written);
            if (Model._resident == this) return default;
            Dictionary<Variable, NDArray> others = Save(written);
            foreach (Variable state in Model.MetricStates.Intersect(written)) state.Rewrite().Clear();
            Load(_own);
            return new Place(this, written, others);
        }

        /// <summary>A training takes the place.</summary>
        public void PutAside()
        {
            _own = Save(_written);
            for (ModelRun run = this; run._before is { } before; run = before) before._own = run._displaced;
        }

        /// <summary>The metrics begin anew.</summary>
        public void ForgetMetrics()
        {
            foreach (Variable state in Model.MetricStates) _own?.Remove(state);
        }

        public void Dispose()
        {
            using ModelGate.Turn turn = Model.WeightGate.Enter();
            if (_spans) Model._spanning--;
            if (Model._training == this) Model._training = null;
            s_innermost = Enclosing;
            if (Model._resident != this) return;
            Load(_displaced);
            Model._resident = _before;
            if (_before is null) Model._single = null;
        }

        void Arrive(IReadOnlyList<Variable> written)
        {
            (_arrived, _written) = (true, written);
            ModelRun? resident = Model._resident;
            // Where others come in between, only what waits for this one, on the same thread, makes room for it.
            if (_spans && resident is not null && resident != _outer) return;
            _before = resident;
            if (resident is not null) _displaced = Save(_ofTraining ? Model.MetricStates : written);
            Model._resident = this;
            if (_judges) Model.ClearMetrics();
        }

        static Dictionary<Variable, NDArray> Save(IEnumerable<Variable> variables) =>
            variables.ToDictionary(v => v, v => v.GetValue());

        static void Load(Dictionary<Variable, NDArray>? values)
        {
            foreach ((Variable variable, NDArray value) in values ?? []) variable.SetValue(value);
        }

        /// <summary>The time in which a run's numbers are where others' are else.</summary>
        public readonly ref struct Place(
            ModelRun? run, IReadOnlyList<Variable> written, Dictionary<Variable, NDArray> others)
        {
            public void Dispose()
            {
                if (run is null) return;
                run._own = Save(written);
                Load(others);
            }
        }
    }
}
