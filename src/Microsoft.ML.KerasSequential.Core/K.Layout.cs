using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Saving;
using Reshape = Microsoft.ML.KerasSequential.Ops.Reshape;

namespace Microsoft.ML.KerasSequential;

// Repeating, combining and moving elements.
public static partial class K
{
    /// <summary>Creates a tensor of a given shape from a single number or from values in another shape (Keras
    /// <c>K.constant</c> with a shape).</summary>
    /// <param name="value">A single number, or as many values as the shape has elements.</param>
    /// <param name="shape">The sizes.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The number of values does not match the shape.</exception>
    public static Tensor Constant(NDArray value, int[] shape)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(shape);
        var whole = new NDArray(shape);
        if (value.Size == 1) whole.Span.Fill(value.Span[0]);
        else if (value.Size == whole.Size) value.Span.CopyTo(whole.Span);
        else throw new ArgumentException(
            $"Constant: {value.Size} values do not fit the shape {KerasSequential.Shape.Format(shape)}.",
            nameof(value));
        return Constant(whole);
    }

    /// <summary>The numbers from 0 up to an end in steps of 1 (Keras <c>K.arange</c>).</summary>
    /// <param name="stop">The end, excluded.</param>
    /// <returns>A vector.</returns>
    public static Tensor Arange(double stop) => Arange(0, stop);

    /// <summary>The numbers from a start up to an end in equal steps (Keras <c>K.arange</c>). As in Keras, an end below
    /// 0 with a start of 0 gives no numbers.</summary>
    /// <param name="start">The first number.</param>
    /// <param name="stop">The end, excluded.</param>
    /// <param name="step">The difference between two numbers, not 0; negative to count down.</param>
    /// <returns>A vector.</returns>
    /// <exception cref="ArgumentException">The step is 0, a number is not finite, or there would be too many
    /// numbers.</exception>
    public static Tensor Arange(double start, double stop, double step = 1)
    {
        if (step == 0 || !double.IsFinite(step) || !double.IsFinite(start) || !double.IsFinite(stop))
            throw new ArgumentException(
                $"Arange requires finite numbers and a step that is not 0; given {start}, {stop}, {step}.",
                nameof(step));
        double count = Math.Max(0, Math.Ceiling((stop - start) / step));
        if (count > Array.MaxLength)
            throw new ArgumentException(
                $"Arange from {start} to {stop} in steps of {step} would produce {count} numbers.", nameof(stop));
        return Constant(new NDArray(
            [.. Enumerable.Range(0, (int)count).Select(i => (float)(start + i * step))], (int)count));
    }

    /// <summary>Stacks tensors of the same shape along a new dimension (Keras <c>K.stack</c>).</summary>
    /// <param name="x">One or more tensors.</param>
    /// <param name="axis">The position of the new dimension; −1 for the end.</param>
    /// <returns>A tensor with one more dimension.</returns>
    /// <exception cref="ArgumentException">There are no tensors, or the shapes differ.</exception>
    public static Tensor Stack(IReadOnlyList<Tensor> x, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Count == 0 || x.Contains(null!))
            throw new ArgumentException("Stack needs one or more tensors, none of them null.", nameof(x));
        if (x.Any(t => !Dims.MayEqual(t.Dims, x[0].Dims)))
            throw new ArgumentException(
                $"Stack: the shapes {string.Join(", ", x.Select(t => t.Shape))} must be equal.", nameof(x));
        Tensor[] rows = [.. x.Select(t => ExpandDims(t, axis))];
        return Concatenate(rows, axis < 0 ? axis + rows[0].Rank : axis);
    }

    /// <summary>Repeats a whole tensor along each dimension (Keras <c>K.tile</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="n">How many times along each dimension, 1 or more.</param>
    /// <returns>A tensor whose sizes are multiplied by these numbers.</returns>
    /// <exception cref="ArgumentException">There is not a number for each dimension, or one is less than 1.</exception>
    public static Tensor Tile(Tensor x, params int[] n)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(n);
        if (n.Length != x.Rank || n.Any(times => times < 1))
            throw new ArgumentException(
                $"Tile needs a number of 1 or more for each dimension of {x.Shape}; given ({string.Join(", ", n)}).",
                nameof(n));
        for (int axis = 0; axis < n.Length; axis++)
        {
            if (n[axis] == 1) continue;
            Dim[] before = [.. x.Dims.Take(axis)], behind = [.. x.Dims.Skip(axis + 1)];
            Dim size = x.Dims[axis];
            Tensor row = new(new Reshape(new([.. before, 1, size, .. behind])), x);
            Tensor wide = new(new BroadcastTo(new([.. before, n[axis], size, .. behind])), row);
            x = new(new Reshape(new([.. before, size * n[axis], .. behind])), wide);
        }
        return x;
    }

    /// <summary>Repeats each element along one dimension (Keras
    /// <c>K.repeat_elements</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="rep">How many times, 1 or more.</param>
    /// <param name="axis">The dimension.</param>
    /// <returns>A tensor whose dimension is that many times larger.</returns>
    /// <exception cref="ArgumentException">The number or the axis is out of range.</exception>
    public static Tensor RepeatElements(Tensor x, int rep, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(rep, 1);
        return UpSampling.Repeated(x, x.Dims.Axis(axis), rep);
    }

    /// <summary>Reverses several dimensions (Keras <c>K.reverse</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axes">The dimensions.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Reverse(Tensor x, int[] axes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axes);
        return axes.Select(x.Dims.Axis).Distinct().Aggregate(x, (y, axis) => new(new Reverse(axis), y));
    }

    /// <summary>Slices every dimension (Keras <c>K.slice</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="start">The first index along each dimension.</param>
    /// <param name="size">The number of elements along each dimension; −1 for all from the first index on.</param>
    /// <returns>A tensor with these sizes.</returns>
    /// <exception cref="ArgumentException">There is not a number for each dimension, or the range does not
    /// exist.</exception>
    public static Tensor Slice(Tensor x, int[] start, int[] size)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(size);
        if (start.Length != x.Rank || size.Length != x.Rank || start.Any(s => s < 0) || size.Any(s => s < -1))
            throw new ArgumentException(
                $"Slice requires a start and a size for each dimension of {x.Shape}; given "
                + $"({string.Join(", ", start)}) " +
                $"and ({string.Join(", ", size)}).", nameof(start));
        Tensor y = x;
        for (int axis = 0; axis < start.Length; axis++)
        {
            if (start[axis] == 0 && size[axis] == -1) continue;
            int count = size[axis] != -1 ? size[axis] : x.Dims[axis].Constant - start[axis]
                ?? throw new ArgumentException(
                    $"Slice: dimension {axis} of {x.Shape} is variable, so the number of elements from {start[axis]} "
                    + "on is " +
                    "not known.", nameof(size));
            if (count < 0) throw new ArgumentException(
                $"Slice: index {start[axis]} of dimension {axis} does not exist in a tensor of shape {x.Shape}.",
                nameof(start));
            y = new(new Slice(axis, start[axis], count), y);
        }
        return y;
    }

    /// <summary>Enlarges images (batch, rows, columns, channels) by integer factors (Keras
    /// <c>K.resize_images</c>).</summary>
    /// <param name="x">The images.</param>
    /// <param name="heightFactor">The factor for the rows.</param>
    /// <param name="widthFactor">The factor for the columns.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="interpolation"><c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>, <c>lanczos3</c> or
    /// <c>lanczos5</c>.</param>
    /// <returns>The larger images.</returns>
    /// <exception cref="ArgumentException">A factor is less than 1, a name is unknown, or the tensor does not have four
    /// dimensions.</exception>
    public static Tensor ResizeImages(
        Tensor x, int heightFactor, int widthFactor, string? dataFormat = null, string interpolation = "nearest")
    {
        Interpolation.Check(interpolation);
        return UpSampling.Enlarged(
            WithRank(x, 4, nameof(ResizeImages)), ((Sizes)(heightFactor, widthFactor)).For(2, nameof(heightFactor)),
            DataFormat.IsChannelsFirst(dataFormat), interpolation, nameof(ResizeImages));
    }

    /// <summary>Enlarges volumes (batch, planes, rows, columns, channels) by integer factors (Keras
    /// <c>K.resize_volumes</c>).</summary>
    /// <param name="x">The volumes.</param>
    /// <param name="depthFactor">The factor for the planes.</param>
    /// <param name="heightFactor">The factor for the rows.</param>
    /// <param name="widthFactor">The factor for the columns.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>The larger volumes.</returns>
    /// <exception cref="ArgumentException">A factor is less than 1, the name is unknown, or the tensor does not have
    /// five dimensions.</exception>
    public static Tensor ResizeVolumes(
        Tensor x, int depthFactor, int heightFactor, int widthFactor, string? dataFormat = null) =>
        UpSampling.Enlarged(WithRank(x, 5, nameof(ResizeVolumes)),
            ((Sizes)(depthFactor, heightFactor, widthFactor)).For(3, nameof(depthFactor)),
            DataFormat.IsChannelsFirst(dataFormat), "nearest", nameof(ResizeVolumes));

    /// <summary>Pads the steps of (batch, steps, channels) with zeros (Keras
    /// <c>K.temporal_padding</c>).</summary>
    /// <param name="x">The sequences.</param>
    /// <param name="padding">The number of zeros before and after; 1 and 1 by default.</param>
    /// <returns>The padded sequences.</returns>
    /// <exception cref="ArgumentException">A number is negative, or the tensor does not have three
    /// dimensions.</exception>
    public static Tensor TemporalPadding(Tensor x, Margins? padding = null) =>
        Margin.Of(WithRank(x, 3, nameof(TemporalPadding)), (padding ?? 1).For(1, nameof(padding)), cuts: false,
            channelsFirst: false);

    /// <summary>Pads images (batch, rows, columns, channels) with zeros (Keras <c>K.spatial_2d_padding</c>).</summary>
    /// <param name="x">The images.</param>
    /// <param name="padding">The number of zeros before and after the rows and columns; 1 everywhere by
    /// default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>The larger images.</returns>
    /// <exception cref="ArgumentException">A number is negative, the name is unknown, or the tensor does not have four
    /// dimensions.</exception>
    public static Tensor Spatial2DPadding(Tensor x, Margins? padding = null, string? dataFormat = null) =>
        Margin.Of(WithRank(x, 4, nameof(Spatial2DPadding)), (padding ?? 1).For(2, nameof(padding)), cuts: false,
            DataFormat.IsChannelsFirst(dataFormat));

    /// <summary>Pads volumes (batch, planes, rows, columns, channels) with zeros (Keras
    /// <c>K.spatial_3d_padding</c>).</summary>
    /// <param name="x">The volumes.</param>
    /// <param name="padding">The number of zeros before and after the planes, rows and columns; 1 everywhere by
    /// default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>The larger volumes.</returns>
    /// <exception cref="ArgumentException">A number is negative, the name is unknown, or the tensor does not have five
    /// dimensions.</exception>
    public static Tensor Spatial3DPadding(Tensor x, Margins? padding = null, string? dataFormat = null) =>
        Margin.Of(WithRank(x, 5, nameof(Spatial3DPadding)), (padding ?? 1).For(3, nameof(padding)), cuts: false,
            DataFormat.IsChannelsFirst(dataFormat));

    static Tensor WithRank(Tensor x, int rank, string function)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Rank == rank ? x
            : throw new ArgumentException(
                $"{function} requires a tensor of {rank} dimensions; given {x.Shape}.", nameof(x));
    }
}
