using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Convolutions and pooling. Their sizes must be known when data arrives.
public static partial class K
{
    /// <summary>A convolution over time steps (Keras <c>K.conv1d</c>).</summary>
    /// <param name="x">Sequences (batch, steps, channels).</param>
    /// <param name="kernel">The kernel (size, channels, filters).</param>
    /// <param name="strides">The stride of the kernel.</param>
    /// <param name="padding"><c>valid</c>, <c>same</c> or <c>causal</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate.</param>
    /// <returns>A tensor (batch, steps, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Conv1D(
        Tensor x, Tensor kernel, int strides = 1, string padding = "valid", string? dataFormat = null,
        int dilationRate = 1) =>
        Convolved(1, x, kernel, strides, padding, dataFormat, dilationRate, nameof(Conv1D));

    /// <summary>A convolution over images (Keras <c>K.conv2d</c>).</summary>
    /// <param name="x">Images (batch, rows, columns, channels).</param>
    /// <param name="kernel">The kernel (rows, columns, channels, filters).</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate; 1 by default.</param>
    /// <returns>A tensor (batch, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Conv2D(
        Tensor x, Tensor kernel, Sizes? strides = null, string padding = "valid", string? dataFormat = null,
        Sizes? dilationRate = null) =>
        Convolved(2, x, kernel, strides, padding, dataFormat, dilationRate, nameof(Conv2D));

    /// <summary>A convolution over volumes (Keras <c>K.conv3d</c>).</summary>
    /// <param name="x">Volumes (batch, planes, rows, columns, channels).</param>
    /// <param name="kernel">The kernel (planes, rows, columns, channels, filters).</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate; 1 by default.</param>
    /// <returns>A tensor (batch, planes, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Conv3D(
        Tensor x, Tensor kernel, Sizes? strides = null, string padding = "valid", string? dataFormat = null,
        Sizes? dilationRate = null) =>
        Convolved(3, x, kernel, strides, padding, dataFormat, dilationRate, nameof(Conv3D));

    /// <summary>The gradient of a convolution over images with respect to its input (Keras
    /// <c>K.conv2d_transpose</c>).</summary>
    /// <param name="x">Images (batch, rows, columns, channels).</param>
    /// <param name="kernel">The kernel (rows, columns, filters, channels).</param>
    /// <param name="outputShape">The shape of the result, batch first (null for the batch of x), in the order of the
    /// data format.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate; 1 by default.</param>
    /// <returns>A tensor (batch, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Conv2DTranspose(
        Tensor x, Tensor kernel, Shape outputShape, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null) =>
        Transposed(2, x, kernel, outputShape, strides, padding, dataFormat, dilationRate, nameof(Conv2DTranspose));

    /// <summary>The gradient of a convolution over volumes with respect to its input (Keras
    /// <c>K.conv3d_transpose</c>).</summary>
    /// <param name="x">Volumes (batch, planes, rows, columns, channels).</param>
    /// <param name="kernel">The kernel (planes, rows, columns, filters, channels).</param>
    /// <param name="outputShape">The shape of the result, batch first (null for the batch of x), in the order of the
    /// data format.</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>A tensor (batch, planes, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Conv3DTranspose(
        Tensor x, Tensor kernel, Shape outputShape, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null) =>
        Transposed(3, x, kernel, outputShape, strides, padding, dataFormat, null, nameof(Conv3DTranspose));

    /// <summary>A convolution of each channel separately (Keras <c>K.depthwise_conv2d</c>).</summary>
    /// <param name="x">Images (batch, rows, columns, channels).</param>
    /// <param name="depthwiseKernel">The kernel (rows, columns, channels, multiplier).</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate; 1 by default.</param>
    /// <returns>A tensor (batch, rows, columns, channels · multiplier).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor DepthwiseConv2D(
        Tensor x, Tensor depthwiseKernel, Sizes? strides = null, string padding = "valid", string? dataFormat = null,
        Sizes? dilationRate = null) =>
        Separable(2, x, depthwiseKernel, null, strides, padding, dataFormat, dilationRate, nameof(DepthwiseConv2D));

    /// <summary>A convolution of each channel separately over time steps, then one across channels (Keras
    /// <c>K.separable_conv1d</c>).</summary>
    /// <param name="x">Sequences (batch, steps, channels).</param>
    /// <param name="depthwiseKernel">The depthwise kernel (size, channels, multiplier).</param>
    /// <param name="pointwiseKernel">The pointwise kernel (1, channels · multiplier, filters).</param>
    /// <param name="strides">The stride of the kernel.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate.</param>
    /// <returns>A tensor (batch, steps, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor SeparableConv1D(
        Tensor x, Tensor depthwiseKernel, Tensor pointwiseKernel, int strides = 1, string padding = "valid",
        string? dataFormat = null, int dilationRate = 1)
    {
        ArgumentNullException.ThrowIfNull(pointwiseKernel);
        return Separable(1, x, depthwiseKernel, pointwiseKernel, strides, padding, dataFormat, dilationRate,
            nameof(SeparableConv1D));
    }

    /// <summary>A convolution of each channel separately over images, then one across channels (Keras
    /// <c>K.separable_conv2d</c>).</summary>
    /// <param name="x">Images (batch, rows, columns, channels).</param>
    /// <param name="depthwiseKernel">The depthwise kernel (rows, columns, channels, multiplier).</param>
    /// <param name="pointwiseKernel">The pointwise kernel (1, 1, channels · multiplier, filters).</param>
    /// <param name="strides">The stride of the kernel; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The dilation rate; 1 by default.</param>
    /// <returns>A tensor (batch, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor SeparableConv2D(
        Tensor x, Tensor depthwiseKernel, Tensor pointwiseKernel, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null)
    {
        ArgumentNullException.ThrowIfNull(pointwiseKernel);
        return Separable(2, x, depthwiseKernel, pointwiseKernel, strides, padding, dataFormat, dilationRate,
            nameof(SeparableConv2D));
    }

    /// <summary>Pooling over images (Keras <c>K.pool2d</c>).</summary>
    /// <param name="x">Images (batch, rows, columns, channels).</param>
    /// <param name="poolSize">The size of a window.</param>
    /// <param name="strides">The stride of the window; 1 by default, unlike in a pooling layer.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="poolMode"><c>max</c> for the largest value, <c>avg</c> for the mean of the positions inside the
    /// input.</param>
    /// <returns>A tensor (batch, rows, columns, channels).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Pool2D(
        Tensor x, Sizes poolSize, Sizes? strides = null, string padding = "valid", string? dataFormat = null,
        string poolMode = "max") =>
        Pooled(2, x, poolSize, strides, padding, dataFormat, poolMode, nameof(Pool2D));

    /// <summary>Pooling over volumes (Keras <c>K.pool3d</c>).</summary>
    /// <param name="x">Volumes (batch, planes, rows, columns, channels).</param>
    /// <param name="poolSize">The size of a window.</param>
    /// <param name="strides">The stride of the window; 1 by default, unlike in a pooling layer.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="poolMode"><c>max</c> for the largest value, <c>avg</c> for the mean of the positions inside the
    /// input.</param>
    /// <returns>A tensor (batch, planes, rows, columns, channels).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor Pool3D(
        Tensor x, Sizes poolSize, Sizes? strides = null, string padding = "valid", string? dataFormat = null,
        string poolMode = "max") =>
        Pooled(3, x, poolSize, strides, padding, dataFormat, poolMode, nameof(Pool3D));

    /// <summary>A convolution over time steps with a different kernel at each position (Keras
    /// <c>K.local_conv1d</c>).</summary>
    /// <param name="inputs">Sequences (batch, steps, channels).</param>
    /// <param name="kernel">The kernels (positions, size · channels, filters).</param>
    /// <param name="kernelSize">The size of a kernel.</param>
    /// <param name="strides">The stride of the kernel.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>A tensor (batch, positions, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor LocalConv1D(
        Tensor inputs, Tensor kernel, Sizes kernelSize, Sizes strides, string? dataFormat = null) =>
        Local(1, inputs, kernel, kernelSize, strides, null, dataFormat, nameof(LocalConv1D));

    /// <summary>A convolution over images with a different kernel at each position (Keras
    /// <c>K.local_conv2d</c>).</summary>
    /// <param name="inputs">Images (batch, rows, columns, channels).</param>
    /// <param name="kernel">The kernels (positions, rows · columns · channels, filters), channels before rows if the
    /// data format is channels first.</param>
    /// <param name="kernelSize">The size of a kernel.</param>
    /// <param name="strides">The stride of the kernel.</param>
    /// <param name="outputShape">The number of positions, rows and columns; null to infer it from the sizes.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>A tensor (batch, rows, columns, filters).</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or an argument is unknown.</exception>
    public static Tensor LocalConv2D(
        Tensor inputs, Tensor kernel, Sizes kernelSize, Sizes strides, Sizes? outputShape = null,
        string? dataFormat = null) =>
        Local(2, inputs, kernel, kernelSize, strides, outputShape, dataFormat, nameof(LocalConv2D));

    static Tensor Convolved(
        int rank, Tensor x, Tensor kernel, Sizes? strides, string padding, string? dataFormat, Sizes? dilationRate,
        string function)
    {
        bool first = ChannelsFirst(ref x, rank, dataFormat, function);
        int[] size = KernelOf(kernel, x, rank, rank, function);
        (int[] steps, int[] rates) = Moves(rank, strides, dilationRate);
        Saving.Padding.Check(padding, causal: rank == 1);
        Tensor y = Later.ForWindows(x, size, steps, rates, padding, kernel.Dims.Last)
            ?? Convolution.Of(x, kernel, steps, rates, padding);
        return ChannelOrder.FromLast(y, first);
    }

    static Tensor Transposed(
        int rank, Tensor x, Tensor kernel, Shape outputShape, Sizes? strides, string padding, string? dataFormat,
        Sizes? dilationRate, string function)
    {
        ArgumentNullException.ThrowIfNull(outputShape);
        bool first = ChannelsFirst(ref x, rank, dataFormat, function);
        int[] size = KernelOf(kernel, x, rank, rank + 1, function);
        (int[] steps, int[] rates) = Moves(rank, strides, dilationRate);
        Saving.Padding.Check(padding);
        int?[] sizes = [.. outputShape];
        if (sizes.Length == rank + 2 && first) sizes = [sizes[0], .. sizes[2..], sizes[1]];
        if (sizes.Length != rank + 2 || sizes[1..].Any(s => s is null) || sizes[^1] != kernel.Shape[rank]
            || (sizes[0] is int batch && !Dim.MayEqual(batch, x.Dims[0])))
            throw new ArgumentException(
                $"{function}: the output shape {outputShape} must be a batch, {rank} known sizes and the " +
                $"{kernel.Shape[rank]} filters of the kernel.", nameof(outputShape));
        int[] lengths = [.. sizes[1..^1].Select(s => s!.Value)];
        Windows windows = Windows.Over(lengths, size, steps, rates, padding);
        Dim[] positions = [.. windows.Values.Select((w, i) => (Dim)w.Positions(lengths[i]))];
        if (positions.Zip(x.Dims.Skip(1)).Any(p => !Dim.MayEqual(p.First, p.Second)))
            throw new ArgumentException(
                $"{function}: a convolution with kernel {kernel.Shape} does not map {outputShape} to " +
                $"{x.Shape}.", nameof(outputShape));
        return ChannelOrder.FromLast(
            Later.For(x, (_, i) => lengths[i], kernel.Dims[rank])
            ?? Convolution.Transposed(x, kernel, lengths, windows), first);
    }

    static Tensor Separable(
        int rank, Tensor x, Tensor depthwise, Tensor? pointwise, Sizes? strides, string padding, string? dataFormat,
        Sizes? dilationRate, string function)
    {
        bool first = ChannelsFirst(ref x, rank, dataFormat, function);
        int[] size = KernelOf(depthwise, x, rank, rank, function);
        (int[] steps, int[] rates) = Moves(rank, strides, dilationRate);
        Saving.Padding.Check(padding);
        int channels = depthwise.Shape[rank]!.Value * depthwise.Shape[rank + 1]!.Value;
        if (pointwise is not null
            && (pointwise.Rank != rank + 2 || pointwise.Shape.Take(rank).Any(s => s != 1)
            || pointwise.Shape[rank] != channels || pointwise.Shape[-1] is null))
            throw new ArgumentException(
                $"{function}: the pointwise kernel must have {rank} sizes of 1, {channels} channels and a known " +
                $"number of filters; given {pointwise.Shape}.", nameof(pointwise));
        Tensor? y = Later.ForWindows(x, size, steps, rates, padding, pointwise?.Dims.Last ?? channels);
        if (y is null)
        {
            y = Depthwise.Convolve(
                new Tensor(new Patches(Windows.Over(Windows.Lengths(x), size, steps, rates, padding), 0), x),
                depthwise, rank);
            if (pointwise is not null) y = Dot(y, Reshape(pointwise, channels, pointwise.Shape[-1]!.Value));
        }
        return ChannelOrder.FromLast(y, first);
    }

    static Tensor Pooled(
        int rank, Tensor x, Sizes poolSize, Sizes? strides, string padding, string? dataFormat, string poolMode,
        string function)
    {
        ArgumentNullException.ThrowIfNull(poolSize);
        bool first = ChannelsFirst(ref x, rank, dataFormat, function);
        int[] size = poolSize.For(rank, nameof(poolSize)), steps = (strides ?? 1).For(rank, nameof(strides));
        Saving.Padding.Check(padding);
        if (poolMode is not ("max" or "avg"))
            throw new ArgumentException(
                $"`pool_mode` must be \"max\" or \"avg\"; given \"{poolMode}\".", nameof(poolMode));
        Tensor? y = Later.ForWindows(x, size, steps, null, padding, x.Dims.Last);
        if (y is null)
        {
            Windows windows = Windows.Over(Windows.Lengths(x), size, steps, null, padding);
            y = poolMode == "max" ? new(new MaxPool(windows), x) : AveragePooling.Means(x, windows);
        }
        return ChannelOrder.FromLast(y, first);
    }

    static Tensor Local(int rank, Tensor inputs, Tensor kernel, Sizes kernelSize, Sizes strides, Sizes? outputShape,
        string? dataFormat, string function)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(kernelSize);
        ArgumentNullException.ThrowIfNull(strides);
        bool first = ChannelsFirst(ref inputs, rank, dataFormat, function);
        int[] size = kernelSize.For(rank, nameof(kernelSize)), steps = strides.For(rank, nameof(strides)),
            lengths = Windows.Lengths(inputs);
        int[] places = [.. Windows.Over(lengths, size, steps, null, "valid").Values.Select(
            (w, i) => w.Positions(lengths[i]))];
        if (outputShape is not null && !outputShape.For(rank, nameof(outputShape)).SequenceEqual(places))
            throw new ArgumentException(
                $"{function}: an input of shape {inputs.Shape} has {string.Join(" × ", places)} positions; given " +
                $"{string.Join(" × ", outputShape)}.", nameof(outputShape));
        int values = Counts.Values([.. size, inputs.Dims.Last.Constant ?? 0]);
        if (kernel.Rank != 3 || kernel.Shape[0] != Counts.Values(places)
            || kernel.Shape[1] != values || kernel.Shape[2] is null)
            throw new ArgumentException(
                $"{function}: the kernel must have the shape ({string.Join("·", places)}, {values}, filters); given " +
                $"{kernel.Shape}.", nameof(kernel));
        return ChannelOrder.FromLast(LocallyConnected.Products(inputs, kernel, size, steps, first), first);
    }

    /// <summary>Transposes x to channels last.</summary>
    static bool ChannelsFirst(ref Tensor x, int rank, string? dataFormat, string function)
    {
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        x = ChannelOrder.ToLast(WithRank(x, rank + 2, function), first);
        return first;
    }

    static (int[] Strides, int[] Rates) Moves(int rank, Sizes? strides, Sizes? dilationRate)
    {
        int[] steps = (strides ?? 1).For(rank, nameof(strides)),
            rates = (dilationRate ?? 1).For(rank, nameof(dilationRate));
        Convolution.CheckMoves(steps, rates, nameof(strides));
        return (steps, rates);
    }

    /// <summary>The sizes of a kernel whose channels match those of x.</summary>
    static int[] KernelOf(Tensor kernel, Tensor x, int rank, int channelsAxis, string function)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Rank != rank + 2 || kernel.Shape.Any(s => s is null) || kernel.Shape[channelsAxis] != x.Shape[-1])
            throw new ArgumentException(
                $"{function}: the kernel must have {rank + 2} known sizes, and the " +
                $"{x.Shape[-1]?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"} channels " +
                $"of the input as dimension {channelsAxis}; given {kernel.Shape}.", nameof(kernel));
        return [.. kernel.Shape.Take(rank).Select(s => s!.Value)];
    }
}
