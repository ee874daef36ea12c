using System.Globalization;
using Microsoft.ML.KerasSequential;
using Samples;

int seed = 1;
string? name = null;
#if PLOTS
string folder = "plots";
#endif

// One file per sample; without a name, the main one runs: reading handwritten digits, in an ML.NET pipeline if ML.NET
// is available.
var samples = new (string Name, string What, Action<int> Run)[]
{
#if MLNET
    ("pipeline", "reads handwritten digits in an ML.NET pipeline, from a CSV file to a saved, loaded and "
        + "evaluated model", Pipeline.Run),
    ("cross-validation", "compares a network with one of ML.NET's own trainers on the same folds", CrossValidation.Run),
    ("data-frame", "learns from a data frame and predicts into one", Frames.Run),
#endif
    ("automl", "lets ML.NET's AutoML sweep networks beside its own trainers (breast cancer)",
#if AUTOML
        Sweep.Run),
#else
        _ => Console.WriteLine(
            "This sample is not available: the package Microsoft.ML.AutoML was not on the feeds when "
            + "it was built.")),
#endif
    ("digits", "reads handwritten digits (10 classes)", Digits.Run),
    ("digits-mpi", "reads handwritten digits, trained by all processes that mpirun started", DigitsMpi.Run),
    ("iris", "classifies three species of iris (multiclass)", Iris.Run),
    ("breast-cancer", "classifies malignant and benign tumors (binary)", BreastCancer.Run),
    ("digits-cnn", "reads handwritten digits with convolutions", DigitsCnn.Run),
    ("sentences", "classifies positive and negative reviews (embedding and LSTM over words)", Sentences.Run),
    ("forecast", "predicts the next hour of a series (GRU)", Forecast.Run),
    ("auto-encoder", "compresses digits to eight numbers and back", AutoEncoder.Run),
    ("diabetes", "predicts the progression of diabetes (regression)", Diabetes.Run),
#if PLOTS
    ("plots", "plots training histories, models and what they have learned, into the folder given next, or plots",
        seed => Pictures.Run(seed, folder)),
#endif
};

foreach (string argument in args)
{
    if (int.TryParse(argument, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)) seed = number;
#if PLOTS
    else if (name == "plots") folder = argument;
#endif
    else name = argument;
}
if (name == "list")
{
    foreach ((string sample, string what, _) in samples) Console.WriteLine($"{sample,-16} {what}");
    return 0;
}
name ??= samples[0].Name;
int index = Array.FindIndex(samples, s => s.Name == name);
if (index < 0)
{
    Console.Error.WriteLine($"There is no sample \"{name}\". Usage: [NAME] [SEED], or `list`; the samples are "
        + $"{string.Join(", ", samples.Select(s => s.Name))}.");
    return 2;
}
Console.WriteLine($"{samples[index].Name}: {samples[index].What}; seed {seed}; on {Device.Default}");
K.SetRandomSeed(seed);
using Interrupt interrupt = Interrupt.Watch();
try
{
    samples[index].Run(seed);
}
catch (Exception e) when (e is OperationCanceledException or TimeoutException
    && Interrupt.Token.IsCancellationRequested)
{
    Console.WriteLine();
    Console.WriteLine("Ctrl+C ended the training at the end of its step.");
}
return Interrupt.Token.IsCancellationRequested ? Interrupt.ExitCode : 0;
