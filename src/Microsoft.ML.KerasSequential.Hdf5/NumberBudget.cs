namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>How many numbers a file may still give: a damaged one may claim any number, but cannot hold more than its length allows.</summary>
/// <param name="stream">The file.</param>
internal sealed class NumberBudget(Stream stream)
{
    /// <summary>A number takes at least a bit of a file, also of a compressed one.</summary>
    const long NumbersPerByte = 8;

    /// <summary>What is left.</summary>
    public long Left { get; private set; } = stream.Length * NumbersPerByte;

    /// <exception cref="InvalidDataException">There are not so many left.</exception>
    public void Spend(long numbers, string what)
    {
        if ((Left -= numbers) < 0) throw new InvalidDataException($"{what} has {numbers} numbers, more than the file can hold");
    }
}
