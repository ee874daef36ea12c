namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Prints the device that a separate process chooses.</summary>
internal static class Program
{
    static int Main(string[] arguments)
    {
        if (arguments is not ["device"]) return 2;
        try
        {
            Device.Log = Console.Error.WriteLine;
            Console.WriteLine(Device.Default.Name);
            return 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
