using System.Globalization;
using Microsoft.ML.KerasSequential;

namespace Samples;

/// <summary>The main sample with several processes: <c>mpirun -n 2 dotnet run --no-build -c Release --project
/// src/Samples -- digits-mpi</c>.</summary>
internal static class DigitsMpi
{
    public static void Run(int seed)
    {
        Distribution ranks = Distribution.Mpi();
        bool speaks = ranks.Rank == 0;
        (Sequential model, NDArray testX, NDArray testY) = Digits.Train(seed, verbose: speaks ? 1 : 0, ranks);
        using (model)
        {
            // All ranks evaluate their share; all get the result.
            Evaluation result = model.Evaluate(testX, testY, verbose: 0);
            if (!speaks) return;
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"on {ranks.Size} rank{(ranks.Size == 1 ? "" : "s")}; rank 0 waited "
                    + $"{ranks.Waiting.TotalSeconds:0.00} s for the others"));
            foreach ((string metric, double value) in result)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {metric}: {value:0.0000}"));
        }
    }
}
