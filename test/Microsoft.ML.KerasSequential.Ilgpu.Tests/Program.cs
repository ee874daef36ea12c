namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Prints the device that a separate process chooses, in a training run that is silent or not.</summary>
internal static class Program
{
    static int Main(string[] arguments)
    {
        if (arguments is not ["device", var verbose]) return 2;
        try
        {
            Device.Log = Console.Error.WriteLine;
            using var model = new Sequential([new Layers.Dense(1, inputShape: [1])]);
            model.Compile("sgd", "mse");
            for (int i = 0; i < 2; i++)
            {
                model.Fit(new NDArray(2, 1), new NDArray(2, 1),
                    verbose: int.Parse(verbose, System.Globalization.CultureInfo.InvariantCulture));
                model.Evaluate(new NDArray(2, 1), new NDArray(2, 1), verbose: 0);
            }
            return 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
