namespace Samples;

/// <summary>
/// Ctrl+C ends a training at the end of its step, with the weights as they are then, and the program with it. A second
/// one
/// ends the program at once.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    /// <summary>What a shell expects of a program that Ctrl+C ended: 128 and the number of the signal.</summary>
    public const int ExitCode = 130;

    static CancellationTokenSource s_source = new();

    Interrupt()
    {
        s_source = new();
        Console.CancelKeyPress += Pressed;
    }

    /// <summary>What trainings are given.</summary>
    public static CancellationToken Token => s_source.Token;

    /// <summary>Heeds Ctrl+C until it is disposed.</summary>
    public static Interrupt Watch() => new();

    public void Dispose() => Console.CancelKeyPress -= Pressed;

    static void Pressed(object? sender, ConsoleCancelEventArgs e)
    {
        // The first one is ours, a second one the system's.
        e.Cancel = !s_source.IsCancellationRequested;
        s_source.Cancel();
    }
}
