namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>A seekable section of a stream, such as an uncompressed file in a zip file.</summary>
/// <param name="inner">The stream, which stays open.</param>
/// <param name="start">The start of the section.</param>
/// <param name="length">The length of the section in bytes.</param>
internal sealed class StreamSection(Stream inner, long start, long length) : Stream
{
    long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, Math.Max(0, length - _position));
        if (count == 0) return 0;
        inner.Position = start + _position;
        int read = inner.Read(buffer[..count]);
        _position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => length + offset
        };
        return _position = position >= 0 ? position
            : throw new IOException("Cannot seek to a position before the start.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
