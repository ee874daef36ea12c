using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TemplateNamespace;

/// <summary>What is measured of predictions; ASP.NET Core measures the HTTP requests themselves.</summary>
public sealed class PredictionMetrics
{
    /// <summary>The name by which exporters and dotnet-counters subscribe.</summary>
    public const string MeterName = "Predictions";

    readonly Counter<long> _requests;
    readonly Histogram<double> _duration;
    readonly Histogram<int> _batchSize;

    public PredictionMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(MeterName);
        _requests = meter.CreateCounter<long>("prediction.requests", "{request}", "Calls of the model.");
        _duration = meter.CreateHistogram("prediction.duration", "s", "How long a call of the model takes.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
            });
        _batchSize = meter.CreateHistogram("prediction.batch_size", "{row}", "How many rows a call has.",
            advice: new InstrumentAdvice<int>
            { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
    }

    /// <summary>Calls the model and counts it as a success or a failure.</summary>
    public T Measure<T>(int rows, Func<T> predict)
    {
        long start = Stopwatch.GetTimestamp();
        string outcome = "failure";
        try
        {
            T answer = predict();
            outcome = "success";
            return answer;
        }
        finally
        {
            var tag = KeyValuePair.Create<string, object?>("outcome", outcome);
            _requests.Add(1, tag);
            _duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tag);
            _batchSize.Record(rows, tag);
        }
    }
}
