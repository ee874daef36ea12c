using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// Concurrent use, on several threads or inside hooks. Steps, batches and short calls hold the gate; hooks and batch
// creation run without it.
public sealed partial class Sequential
{
    [ThreadStatic] static ModelRun? s_innermost;

    /// <summary>
    /// The run whose values the metrics and layer states hold while no one else holds the gate.
    /// </summary>
    ModelRun? _resident;

    /// <summary>The metrics of single-batch calls during another run.</summary>
    ModelRun? _single;

    ModelRun? _training;

    /// <summary>The number of training, evaluation and prediction runs that let others in between.</summary>
    int _spanning;

    /// <summary>The run of this model on this thread, if the caller is one of its hooks.</summary>
    ModelRun? Innermost
    {
        get
        {
            ModelRun? run = s_innermost;
            while (run is not null && run.Model != this) run = run.Enclosing;
            return run;
        }
    }

    /// <summary>Starts training; only one at a time.</summary>
    /// <exception cref="InvalidOperationException">The model is already being trained, or not ready for it.</exception>
    ModelRun BeginTraining()
    {
        RequireNoTraining();
        using ModelGate.Turn turn = WeightGate.Enter();
        RequireNoTraining();
        RequireCompiled();
        _resident?.PutAside();
        return _training = _resident = new ModelRun(this, spans: true, judges: false);
    }

    /// <summary>Starts an evaluation or a prediction.</summary>
    /// <param name="spans">Whether others are let in between its batches; otherwise the caller holds the gate until the
    /// end.</param>
    /// <param name="judges">Whether it starts with fresh metrics.</param>
    /// <param name="ofTraining">Whether it is validation during training, which shares layer states with training, as
    /// in Keras.</param>
    ModelRun BeginRun(bool spans, bool judges, bool ofTraining = false)
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        RequireAlive();
        return new ModelRun(this, spans, judges, ofTraining);
    }

    /// <summary>
    /// Enters the gate for calls that change what training, or any other run that lets others in between, relies on.
    /// </summary>
    /// <exception cref="InvalidOperationException">Such a run is in progress.</exception>
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
            : _spanning > 0 ? "is evaluating or predicting with callbacks or batches" : null;
        if (doing is not null) throw new InvalidOperationException($"The model {Name} {doing}; {consequence}.");
    }

    void RequireNoTraining()
    {
        if (_training is not null)
            throw new InvalidOperationException(
                $"The model {Name} is being trained, and only one training can run at a time: " +
                "call Fit after it has ended, or train a Clone().");
    }

    /// <summary>Ranks do everything in the same order, so calls from other threads are not allowed.</summary>
    void RequireOwnThread()
    {
        if (Ranks is not null && _training is not null && Innermost is null)
            throw new InvalidOperationException(
                $"The model {Name} is being trained by several processes: only its callbacks " +
                "can evaluate it or predict with it, on the training thread and on every rank.");
    }

    IEnumerable<Variable> MetricStates => Metrics.SelectMany(m => m.States);

    void ClearMetrics()
    {
        foreach (Metric metric in Metrics) metric.ResetStates();
    }

    /// <summary>
    /// A training, evaluation or prediction in progress. Its state other than weights is kept separate from that of
    /// others.
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
            if (spans)
            {
                model._spanning++;
                model.WeightGate.Runs++;
            }
            s_innermost = this;
        }

        /// <summary>The run of single calls, which starts and ends with the others.</summary>
        public ModelRun(Sequential model) => (Model, _arrived) = (model, true);

        public Sequential Model { get; }

        /// <summary>The run on this thread when this one started, with this model or another.</summary>
        public ModelRun? Enclosing { get; }

        /// <summary>
        /// Makes this run's state current until the result is disposed; the caller holds the gate.
        /// </summary>
        /// <param name="written">The variables other than weights that will be written.</param>
        public Place Take(IReadOnlyList<Variable> written)
        {
            if (!_arrived) Arrive(written);
            if (Model._resident == this) return default;
            Dictionary<Variable, NDArray> others = Save(written);
            foreach (Variable state in Model.MetricStates.Intersect(written)) state.Rewrite().Clear();
            Load(_own);
            return new Place(this, written, others);
        }

        /// <summary>Saves the state because training takes over.</summary>
        public void PutAside()
        {
            _own = Save(_written);
            for (ModelRun run = this; run._before is { } before; run = before) before._own = run._displaced;
        }

        /// <summary>Resets the metrics.</summary>
        public void ForgetMetrics()
        {
            foreach (Variable state in Model.MetricStates) _own?.Remove(state);
        }

        public void Dispose()
        {
            using ModelGate.Turn turn = Model.WeightGate.Enter();
            if (_spans)
            {
                Model._spanning--;
                Model.WeightGate.Runs--;
            }
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
            // If others come in between, only the run that waits for this one, on the same thread, gives way.
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

        /// <summary>The scope in which a run's state is current.</summary>
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
