using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Samples;

/// <summary>Compresses digits to eight numbers and back: the network learns a compact representation, without
/// labels.</summary>
internal static class AutoEncoder
{
    const int Code = 8;

    public static void Run(int seed)
    {
        (Sequential encoder, Sequential model, NDArray test, double mean) = Train(seed, verbose: 0);
        using (encoder)
        using (model)
        {
            model.Summary();
            double error = model.Evaluate(test, test, verbose: 0)["loss"];
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"mean squared error on {test.Shape[0]} digits not used in training: {error:0.0000}; of the mean "
                    + $"digit: {mean:0.0000}"));
            NDArray shown = test.Slice(0, 3), code = encoder.Predict(shown), back = model.Predict(shown);
            for (int i = 0; i < 3; i++)
            {
                float[] values = code.Span.Slice(i * Code, Code).ToArray();
                Console.WriteLine(
                    string.Join(' ', values.Select(v => v.ToString("0.0", CultureInfo.InvariantCulture))));
                for (int row = 0; row < 8; row++) Console.WriteLine($"  {Line(shown, i, row)}    {Line(back, i, row)}");
            }
        }
    }

    /// <summary>Returns the encoder, the whole model, a third of the digits, and the error of their mean.</summary>
    public static (Sequential Encoder, Sequential Model, NDArray Test, double MeanError) Train(int seed, int verbose)
    {
        var ((x, _), (test, _)) = Datasets.Digits().Split(1.0 / 3, seed);
        foreach (NDArray images in (NDArray[])[x, test])
            foreach (ref float pixel in images.Span) pixel /= 16;

        var encoder = new Sequential([new Dense(64, activation: "relu", inputShape: [64]), new Dense(Code)],
            name: "encoder");
        var decoder = new Sequential(
            [new Dense(64, activation: "relu", inputShape: [Code]), new Dense(64, activation: "sigmoid")],
            name: "decoder");
        var model = new Sequential([encoder, decoder], name: "auto_encoder");
        model.Compile(optimizer: new Microsoft.ML.KerasSequential.Optimizers.Adam(0.003), loss: "mse");
        model.Fit(x, x, batchSize: 32, epochs: 40, verbose: verbose, cancellationToken: Interrupt.Token);

        double error = 0;
        for (int pixel = 0; pixel < 64; pixel++)
        {
            double mean = Enumerable.Range(0, x.Shape[0]).Average(i => x[i, pixel]);
            error += Enumerable.Range(0, test.Shape[0]).Average(i => Math.Pow(test[i, pixel] - mean, 2)) / 64;
        }
        return (encoder, model, test, error);
    }

    static string Line(NDArray images, int image, int row) =>
        string.Concat(Enumerable.Range(0, 8)
            .Select(column => " .:-=+*#%@"[Math.Clamp((int)(images[image, row * 8 + column] * 10), 0, 9)]));
}
