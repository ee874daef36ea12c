using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Products, shapes and indices.
public static partial class K
{
    /// <summary>The matrix product over the last dimension of x and the second to last of y (Keras
    /// <c>K.dot</c>).</summary>
    /// <param name="x">A tensor (…, n) of at least two dimensions.</param>
    /// <param name="y">A tensor (…, n, m) of at least two dimensions.</param>
    /// <returns>The other dimensions of x, then those of y.</returns>
    /// <exception cref="ArgumentException">The inner sizes differ, or y has fewer than two dimensions.</exception>
    public static Tensor Dot(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (y.Rank < 2)
            throw new ArgumentException($"Dot: the second factor must have at least two dimensions; given {y.Shape}.",
                nameof(y));
        if (y.Rank == 2) return new(new MatMul(false, false), x, y);
        Dim[] others = [.. y.Dims.SkipLast(2), y.Dims.Last];
        Tensor turned = PermuteDimensions(y, [y.Rank - 2, .. Enumerable.Range(0, y.Rank - 2), y.Rank - 1]);
        Tensor matrix = new(new Reshape(new(turned.Dims[0], turned.Dims.Product(1, y.Rank))), turned);
        return new(new Reshape(new([.. x.Dims.SkipLast(1), .. others])),
            new Tensor(new MatMul(false, false), x, matrix));
    }

    /// <summary>
    /// The product over one dimension of each tensor, sample by sample (Keras <c>K.batch_dot</c>): the result has the
    /// other dimensions of x, then those of y. For two matrices, it is a column.
    /// </summary>
    /// <param name="x">A tensor of at least two dimensions, batch first.</param>
    /// <param name="y">A tensor of at least two dimensions, batch first.</param>
    /// <param name="xAxis">The dimension of x, not the batch.</param>
    /// <param name="yAxis">The dimension of y, not the batch.</param>
    /// <returns>The products.</returns>
    /// <exception cref="ArgumentException">The sizes of the dimensions differ.</exception>
    public static Tensor BatchDot(Tensor x, Tensor y, int xAxis, int yAxis)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        int a = x.Dims.Axis(xAxis), b = y.Dims.Axis(yAxis);
        if (a == 0 || b == 0 || x.Rank < 2 || y.Rank < 2)
            throw new ArgumentException($"BatchDot requires dimensions other than the batch; given axes {xAxis} and "
                + $"{yAxis} of {x.Shape} and {y.Shape}.", nameof(xAxis));
        if (!Dim.MayEqual(x.Dims[a], y.Dims[b]))
            throw new ArgumentException(
                $"BatchDot: dimension {xAxis} of {x.Shape} and dimension {yAxis} of {y.Shape} differ.", nameof(yAxis));
        (Tensor left, Dim[] rows) = AxisLast(x, a);
        (Tensor right, Dim[] columns) = AxisLast(y, b);
        var product = new Tensor(new BatchMatMul(false, true), left, right);
        Dim[] sizes = [.. rows, .. columns];
        return new(new Reshape(new([x.Dims[0], .. sizes.Length == 0 ? [1] : sizes])), product);
    }

    /// <summary>The product over one dimension of each tensor, sample by sample, given by one axis or none (Keras
    /// <c>K.batch_dot</c>).</summary>
    /// <param name="x">A tensor of at least two dimensions, batch first.</param>
    /// <param name="y">A tensor of at least two dimensions, batch first.</param>
    /// <param name="axes">The dimension of both; null for the last of x and, for y, the last of a matrix or the second
    /// to last of a larger tensor.</param>
    /// <returns>The products.</returns>
    /// <exception cref="ArgumentException">The sizes of the dimensions differ.</exception>
    public static Tensor BatchDot(Tensor x, Tensor y, int? axes = null)
    {
        ArgumentNullException.ThrowIfNull(y);
        return axes is int both ? BatchDot(x, y, both, both) : BatchDot(x, y, -1, y.Rank == 2 ? -1 : -2);
    }

    /// <summary>Reshapes to (batch, others, axis); also returns the others' sizes.</summary>
    static (Tensor Matrix, Dim[] Others) AxisLast(Tensor x, int axis)
    {
        Tensor turned = LastAxis(x, axis);
        return (new(new Reshape(new(x.Dims[0], turned.Dims.Product(1, x.Rank - 1), turned.Dims.Last)), turned),
            [.. turned.Dims.Skip(1).SkipLast(1)]);
    }

    /// <summary>Adds a vector along the last dimension (Keras <c>K.bias_add</c>).</summary>
    /// <param name="x">A tensor (…, n).</param>
    /// <param name="bias">A vector (n).</param>
    /// <returns>A tensor of the shape of x.</returns>
    public static Tensor BiasAdd(Tensor x, Tensor bias) => x + bias;

    /// <summary>Adds a bias to each position (Keras <c>K.bias_add</c>).</summary>
    /// <param name="x">A tensor (batch, …spatial dimensions, channels).</param>
    /// <param name="bias">A vector (channels), or a bias for each position (…spatial dimensions, channels), whatever
    /// the data format.</param>
    /// <param name="dataFormat"><c>channels_last</c>, or <c>channels_first</c> for x (batch, channels, …spatial
    /// dimensions); null for <see cref="ImageDataFormat"/>.</param>
    /// <returns>A tensor of the shape of x.</returns>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static Tensor BiasAdd(Tensor x, Tensor bias, string? dataFormat)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(bias);
        if (bias.Rank != 1 && bias.Rank != x.Rank - 1)
            throw new ArgumentException($"BiasAdd: a bias for an input of shape {x.Shape} must have 1 or {x.Rank - 1} "
                + $"dimensions; given {bias.Shape}.", nameof(bias));
        bool first = Saving.DataFormat.IsChannelsFirst(dataFormat) && x.Rank > 2;
        return Layers.ChannelOrder.FromLast(BiasAdd(Layers.ChannelOrder.ToLast(x, first), bias), first);
    }

    /// <summary>Transposes a tensor: all dimensions in reverse order (Keras <c>K.transpose</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The transposed tensor.</returns>
    public static Tensor Transpose(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return PermuteDimensions(x, [.. Enumerable.Range(0, x.Rank).Reverse()]);
    }

    /// <summary>Reorders the dimensions: dimension i of the result is dimension pattern[i] of x (Keras
    /// <c>K.permute_dimensions</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="pattern">A permutation of all axes.</param>
    /// <returns>The permuted tensor.</returns>
    /// <exception cref="ArgumentException">The pattern is not a permutation of all axes.</exception>
    public static Tensor PermuteDimensions(Tensor x, params int[] pattern)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(pattern);
        return new(new Transpose(new((int[])pattern.Clone())), x);
    }

    /// <summary>Reshapes a tensor (Keras <c>K.reshape</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="shape">The new sizes; one may be −1 and is inferred.</param>
    /// <returns>The reshaped tensor.</returns>
    /// <exception cref="ArgumentException">The sizes do not match.</exception>
    public static Tensor Reshape(Tensor x, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Any(s => s < -1))
            throw new ArgumentException(
                $"Reshape: a size cannot be negative, except for one -1; given {KerasSequential.Shape.Format(shape)}.",
                nameof(shape));
        return ReshapeTo(x, [.. shape.Select(s => s == -1 ? (Dim?)null : s)]);
    }

    /// <summary>Flattens a tensor to one dimension (Keras <c>K.flatten</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A vector.</returns>
    public static Tensor Flatten(Tensor x) => Reshape(x, -1);

    /// <summary>Flattens each sample to a row (Keras <c>K.batch_flatten</c>).</summary>
    /// <param name="x">A tensor, batch first.</param>
    /// <returns>A matrix (batch, elements).</returns>
    public static Tensor BatchFlatten(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new Reshape(new(x.Dims[0], x.Dims.Product(1, x.Rank))), x);
    }

    /// <summary>Inserts a dimension of size 1 (Keras <c>K.expand_dims</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The position; −1 for the end.</param>
    /// <returns>A tensor with one more dimension.</returns>
    public static Tensor ExpandDims(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = axis < 0 ? axis + x.Rank + 1 : axis;
        if (at < 0 || at > x.Rank)
            throw new ArgumentException(
                $"Axis {axis} is out of range for a new dimension of a tensor of shape {x.Shape}.", nameof(axis));
        return new(new Reshape(new([.. x.Dims.Take(at), 1, .. x.Dims.Skip(at)])), x);
    }

    /// <summary>Removes a dimension of size 1 (Keras <c>K.squeeze</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>A tensor with one dimension fewer.</returns>
    /// <exception cref="ArgumentException">The dimension's size is not 1.</exception>
    public static Tensor Squeeze(Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = x.Dims.Axis(axis);
        return x.Dims[at].IsOne ? new(new Reshape(x.Dims.Without(at)), x)
            : throw new ArgumentException($"Squeeze: dimension {axis} of {x.Shape} is not 1.", nameof(axis));
    }

    /// <summary>Repeats each row of a matrix as time steps: (batch, n) becomes (batch, count, n) (Keras
    /// <c>K.repeat</c>).</summary>
    /// <param name="x">A matrix.</param>
    /// <param name="count">The number of steps.</param>
    /// <returns>The repeated tensor.</returns>
    public static Tensor Repeat(Tensor x, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Rank == 2 ? new(new BroadcastTo(new(x.Dims[0], count, x.Dims[1])), ExpandDims(x, 1))
            : throw new ArgumentException($"Repeat requires a tensor of 2 dimensions; given {x.Shape}.", nameof(x));
    }

    /// <summary>Gathers rows of a table by index (Keras <c>K.gather</c>).</summary>
    /// <param name="reference">The table (rows, …).</param>
    /// <param name="indices">Row indices of any shape.</param>
    /// <returns>The rows, in the shape of the indices. If an index is out of range, the computation throws an
    /// <see cref="ArgumentException"/>.</returns>
    public static Tensor Gather(Tensor reference, Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(indices);
        return new(new Gather(), reference, indices);
    }

    /// <summary>One-hot encoding along a new last dimension (Keras <c>K.one_hot</c>).</summary>
    /// <param name="indices">Class indices of any shape.</param>
    /// <param name="numClasses">The size of the new dimension.</param>
    /// <returns>The one-hot vectors. If an index is out of range, the computation throws an
    /// <see cref="ArgumentException"/>.</returns>
    public static Tensor OneHot(Tensor indices, int numClasses)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentOutOfRangeException.ThrowIfLessThan(numClasses, 1);
        return new(new OneHot(numClasses), indices);
    }

    /// <summary>Slices one dimension (Keras <c>K.slice</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The dimension.</param>
    /// <param name="start">The first index.</param>
    /// <param name="size">The number of elements.</param>
    /// <returns>A tensor with that many elements along the dimension.</returns>
    /// <exception cref="ArgumentException">The range does not exist.</exception>
    public static Tensor Slice(Tensor x, int axis, int start, int size)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new(new Slice(x.Dims.Axis(axis), start, size), x);
    }

    /// <summary>Concatenates tensors along one dimension (Keras <c>K.concatenate</c>).</summary>
    /// <param name="tensors">One or more tensors, of the same shape except for that dimension.</param>
    /// <param name="axis">The dimension, not the batch.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">There are no tensors, or the shapes differ.</exception>
    public static Tensor Concatenate(IReadOnlyList<Tensor> tensors, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0 || tensors.Contains(null!))
            throw new ArgumentException("Concatenate needs one or more tensors, none of them null.", nameof(tensors));
        if (tensors.Count == 1) return tensors[0];
        int at = tensors[0].Dims.Axis(axis);
        Dim total = 0;
        foreach (Tensor tensor in tensors)
        {
            Dim size = tensor.Rank == tensors[0].Rank ? tensor.Dims[at]
                : throw new ArgumentException(
                    $"Concatenate: the shapes {string.Join(", ", tensors.Select(t => t.Shape))} must be equal except "
                    + $"for dimension {axis}.", nameof(tensors));
            // A sum of variable sizes is a new variable size.
            total = total.Constant is int sum && size.Constant is int more
                ? Counts.Fits((long)sum + more, "The size of the joined dimension", nameof(tensors))
                : Dim.Free(new Symbol("?"));
        }
        return new(new Concat(at, total), [.. tensors]);
    }

    /// <summary>Reverses one dimension (Keras <c>K.reverse</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Reverse(Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new Reverse(x.Dims.Axis(axis)), x);
    }

    /// <summary>Zeros in the shape of another tensor (Keras <c>K.zeros_like</c>).</summary>
    /// <param name="x">The tensor whose shape is used.</param>
    /// <returns>The zeros.</returns>
    public static Tensor ZerosLike(Tensor x) => Fill(0, x);

    /// <summary>Ones in the shape of another tensor (Keras <c>K.ones_like</c>).</summary>
    /// <param name="x">The tensor whose shape is used.</param>
    /// <returns>The ones.</returns>
    public static Tensor OnesLike(Tensor x) => Fill(1, x);

    internal static Tensor Fill(float value, Tensor like)
    {
        ArgumentNullException.ThrowIfNull(like);
        return like.Rank == 0 ? Scalar(value) : new(new BroadcastTo(like.Dims), Scalar(value));
    }

    internal static Tensor ReshapeLike(Tensor x, Tensor like) =>
        x.Dims.Equals(like.Dims) ? x : new(new Reshape(like.Dims), x);

    /// <summary>Reshapes to sizes, one of which may be missing.</summary>
    internal static Tensor ReshapeTo(Tensor x, IReadOnlyList<Dim?> sizes)
    {
        int free = -1;
        Dim known = 1;
        for (int i = 0; i < sizes.Count; i++)
        {
            if (sizes[i] is { } size) known *= size;
            else if (free < 0) free = i;
            else throw new ArgumentException("Reshape: only one size can be -1.", nameof(sizes));
        }
        Dim missing = 1;
        if (free >= 0 && !x.Dims.Size.TryDivide(known, out missing))
            throw new ArgumentException($"Cannot reshape a tensor of shape {x.Shape} to "
                + $"({string.Join(", ", sizes.Select(s => s?.ToString() ?? "-1"))}): the sizes do not match.",
                nameof(sizes));
        return new(new Reshape(new([.. sizes.Select(s => s ?? missing)])), x);
    }

    /// <summary>Moves the given axis to the end.</summary>
    static Tensor LastAxis(Tensor x, int axis)
    {
        int at = x.Dims.Axis(axis);
        return at == x.Rank - 1 ? x : PermuteDimensions(x, [.. Enumerable.Range(0, x.Rank).Where(i => i != at), at]);
    }
}
