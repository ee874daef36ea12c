namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Limits how many numbers can be read from a file: a damaged file may claim any number, but cannot contain
/// more than its length allows.</summary>
/// <param name="stream">The file.</param>
internal sealed class NumberBudget(Stream stream)
{
    /// <summary>A number takes at least one bit, even in a compressed file.</summary>
    const long NumbersPerByte = 8;

    /// <summary>The remaining number.</summary>
    public long Left { get; private set; } = stream.Length * NumbersPerByte;

    /// <exception cref="InvalidDataException">There are not enough left.</exception>
    public void Spend(long numbers, string what)
    {
        if ((Left -= numbers) < 0)
            throw new InvalidDataException($"{what} has {numbers} numbers, more than the file can contain");
    }
}
