using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Microsoft.ML.KerasSequential.Diagnostics;

/// <summary>Observes a call to predict or evaluate, from its start until the observer is disposed.</summary>
internal readonly ref struct CallObserver
{
    const string SamplesTag = "keras.samples";

    readonly Sequential _model;
    readonly Activity? _activity;
    readonly bool _predicts;
    readonly long _begun;

    CallObserver(Sequential model, bool predicts)
    {
        (_model, _predicts) = (model, predicts);
        _activity = Instruments.Source.StartActivity(predicts ? "keras.prediction" : "keras.evaluation");
        bool isTimed = (predicts && Instruments.PredictionDuration.Enabled) || model.Logger.IsEnabled(LogLevel.Debug);
        _begun = isTimed ? Stopwatch.GetTimestamp() : 0;
        if (_activity is null) return;
        (KeyValuePair<string, object?> name, KeyValuePair<string, object?> device) =
            (Instruments.NameTag(model), Instruments.DeviceTag(model));
        _activity.SetTag(name.Key, name.Value).SetTag(device.Key, device.Value);
    }

    public static CallObserver Prediction(Sequential model) => new(model, predicts: true);

    public static CallObserver Evaluation(Sequential model) => new(model, predicts: false);

    /// <summary>Records that the call is complete.</summary>
    /// <param name="samples">The number of samples.</param>
    /// <param name="result">The result of an evaluation.</param>
    public void Done(long samples, Evaluation? result = null)
    {
        _activity?.SetTag(SamplesTag, samples);
        if (_begun == 0) return;
        double seconds = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
        if (_predicts && Instruments.PredictionDuration.Enabled)
            Instruments.PredictionDuration.Record(seconds, Instruments.NameTag(_model), Instruments.DeviceTag(_model));
        if (!_model.Logger.IsEnabled(LogLevel.Debug)) return;
        if (_predicts) _model.Logger.Predicted(samples, _model.Name, seconds);
        else _model.Logger.Evaluated(_model.Name, samples, seconds, $"{result}");
    }

    public void Dispose()
    {
        if (_activity is null) return;
        if (_activity.GetTagItem(SamplesTag) is null) _activity.SetStatus(ActivityStatusCode.Error);
        _activity.Dispose();
    }
}
