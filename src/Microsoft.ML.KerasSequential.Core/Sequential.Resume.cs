using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Resuming training from another process.
public sealed partial class Sequential
{
    FitLoop? _loop;
    ulong _shufflesBefore;

    internal void SaveTraining(string path)
    {
        FitLoop loop = _loop
            ?? throw new InvalidOperationException("The training state can be saved only during training.");
        loop.State().Write(path);
    }

    /// <summary>Opens the data with the random state at the start of training; if the data is invalid, nothing
    /// changes.</summary>
    Opened Open(FitOptions options, Func<Opened> open)
    {
        (ulong seed, ulong shuffles, ulong steps) = (_seed, _shuffles, _trainSteps);
        if (options.Resumed is { } state)
        {
            using ModelGate.Turn turn = WeightGate.Enter();
            (_seed, _shuffles, _trainSteps) = state.Random;
            DropExecutables();
        }
        ShareRandom();
        _shufflesBefore = _shuffles;
        try
        {
            return Together(() => Checked(() => CheckCallbacks(open(), options)));
        }
        catch
        {
            using ModelGate.Turn turn = WeightGate.Enter();
            if (options.Resumed is not null) DropExecutables();
            (_seed, _shuffles, _trainSteps) = (seed, shuffles, steps);
            throw;
        }
    }

    TrainingState? Resumed(string? path, int initialEpoch, IReadOnlyList<Callback> callbacks)
    {
        if (path is null) return null;
        TrainingState state = TrainingState.Read(path);
        RequireBuilt(_output);
        if (state.Configuration != Architecture())
            throw new ArgumentException($"{path} is a checkpoint of another model: its layers are not those of {Name}.",
                nameof(path));
        if (state.Position.First != initialEpoch)
            throw new ArgumentException(
                $"{path} is a checkpoint of training that started at epoch {state.Position.First}; this training "
                + $"starts at epoch {initialEpoch}.", nameof(path));
        string[] saved = [.. state.Callbacks.SkipLast(1).Select(c => c.Class)],
            given = [.. callbacks.Select(c => c.GetType().Name)];
        if (!saved.SequenceEqual(given))
            throw new ArgumentException(
                $"{path} is a checkpoint of training with the callbacks [{string.Join(", ", saved)}]; this "
                + $"training has [{string.Join(", ", given)}].", nameof(path));
        return state;
    }

    /// <summary>The layers as JSON, without the model's name, which depends on what the process created before. Empty
    /// if a layer contains a function.</summary>
    string Architecture()
    {
        if (DescriptionOrNull()?["config"] is not System.Text.Json.Nodes.JsonObject config) return "";
        config.Remove("name");
        return config.ToJsonString();
    }

    sealed partial class FitLoop
    {
        int _epoch, _done;
        LossTally _loss = new();
        TrainingState? _resumed = options.Resumed;

        public TrainingState State()
        {
            using ModelGate.Turn turn = model.WeightGate.Enter();
            _step!.Collect();
            return new()
            {
                Configuration = model.Architecture(),
                Random = (model._seed, model._shufflesBefore, model._trainSteps),
                Position = (options.InitialEpoch, _epoch, _done, source.Steps),
                Loss = (_loss.Sum, _loss.Samples),
                LearningRate = model.Optimizer is { HasOneRate: true, Schedule: null } one ? one.LearningRate : null,
                Results = [.. _step!.Results],
                Callbacks = [.. options.Callbacks.Append(model.History!).Select(c => (c.GetType().Name, c.GetState()))],
                Weights = model.WeightValues(),
                Written = [.. _step.Written.Select(v => v.GetValue())],
            };
        }

        /// <summary>Restores callbacks and data to the epoch at which training was saved.</summary>
        int Begin()
        {
            if (_resumed is null) return options.InitialEpoch;
            if (source.IsOpenEnded)
                throw new ArgumentException(
                    "A training on asynchronous batches goes on only with `stepsPerEpoch`, which says "
                    + "where it was.");
            if (_resumed.Position.Steps != source.Steps)
                throw new ArgumentException(
                    $"Training was saved with {_resumed.Position.Steps} steps per epoch; this data has "
                    + $"{source.Steps}.");
            foreach ((Callback callback, (_, System.Text.Json.Nodes.JsonNode? state))
                in options.Callbacks.Append(model.History!).Zip(_resumed.Callbacks))
                if (state is not null && _callbacks.Contains(callback)) callback.SetState(JsonText.Element(state));
            for (int epoch = options.InitialEpoch; epoch < _resumed.Position.Epoch; epoch++)
            {
                source.BeginEpoch();
                Skip(source.Steps);
                source.EndEpoch();
            }
            return _resumed.Position.Epoch;
        }

        /// <summary>Restores everything to the batch after which training was saved.</summary>
        void Restore()
        {
            TrainingState state = _resumed!;
            _resumed = null;
            Data.ModelData last = Skip(state.Position.Batch).Data;
            using ModelGate.Turn turn = model.WeightGate.Enter();
            StepFunction step = Function(last);
            if (step.Written.Count != state.Written.Count || step.Results.Length != state.Results.Length)
                throw new InvalidDataException(
                    $"The saved training writes {state.Written.Count} values per step, this one "
                    + $"{step.Written.Count}: it was compiled differently.");
            model.SetNamed(state.Weights.ToDictionary(), "The saved training");
            for (int i = 0; i < state.Written.Count; i++) step.Written[i].SetValue(state.Written[i]);
            if (state.LearningRate is double rate) model.Optimizer!.LearningRate = rate;
            state.Results.CopyTo(step.Results, 0);
            ((_loss.Sum, _loss.Samples), _loss.Steps, _done) = (state.Loss, state.Position.Batch, state.Position.Batch);
        }

        Data.StepData Skip(int batches)
        {
            Data.StepData last = default;
            for (int i = 0; i < batches; i++) last = source.Next(options.Token);
            return last;
        }
    }
}
