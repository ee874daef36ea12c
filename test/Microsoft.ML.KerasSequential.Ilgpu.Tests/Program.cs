namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Says which device a process of its own chooses.</summary>
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
