using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Samples;

/// <summary>Predicts the next hour of a series with daily and weekly cycles, with a GRU over the previous two
/// days.</summary>
internal static class Forecast
{
    const int Hours = 24 * 7 * 12, Back = 48;

    public static void Run(int seed)
    {
        (double model, double lastHour, double lastDay) = Errors(seed, verbose: 2);
        Console.WriteLine("mean absolute error over the last two weeks, which were not used in training:");
        foreach ((string name, double error)
            in new[] { ("as an hour before", lastHour), ("as a day before", lastDay), ("the network", model) })
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-18} {error:0.000}"));
    }

    /// <summary>The errors of the network and of two simple rules.</summary>
    public static (double Model, double LastHour, double LastDay) Errors(int seed, int verbose)
    {
        NDArray series = Series(seed);
        int split = Hours - 24 * 14;
        var training = new TimeseriesGenerator(series, series, Back, endIndex: split - 1, shuffle: true, batchSize: 64);
        var test = new TimeseriesGenerator(series, series, Back, startIndex: split - Back, batchSize: 64);

        using var model = new Sequential([
            new GRU(32, inputShape: [Back, 1]),
            new Dense(1),
        ], name: "forecast");
        model.Compile(optimizer: new Microsoft.ML.KerasSequential.Optimizers.Adam(0.005), loss: "mse");
        model.Fit(training, epochs: 15, verbose: verbose, cancellationToken: Interrupt.Token);
        NDArray predicted = model.Predict(test);

        double Error(Func<int, float> forecast) =>
            Enumerable.Range(split, Hours - split).Average(t => Math.Abs(series[t, 0] - forecast(t)));
        return (Error(t => predicted[t - split, 0]), Error(t => series[t - 1, 0]), Error(t => series[t - 24, 0]));
    }

    /// <summary>A daily cycle that is flatter on weekends, with weather that lasts for some hours, and noise.</summary>
    static NDArray Series(int seed)
    {
        var random = new Random(seed);
        var series = new NDArray(Hours, 1);
        double weather = 0;
        for (int t = 0; t < Hours; t++)
        {
            double noise = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
            weather = 0.9 * weather + 0.1 * noise;
            bool weekend = t / 24 % 7 >= 5;
            series[t, 0] = (float)((weekend ? 0.5 : 1) * Math.Sin(2 * Math.PI * (t % 24) / 24)
                + 0.3 * Math.Cos(4 * Math.PI * (t % 24) / 24) + weather + 0.1 * noise);
        }
        return series;
    }
}
