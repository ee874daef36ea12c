using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Changes images at random in training and leaves them as they are otherwise (Keras
/// <c>BaseImagePreprocessingLayer</c>). The input is a batch of images, (batch, rows, columns, channels). Random
/// numbers depend only on the seed, the step, and the position in the batch.
/// </summary>
public abstract class ImageAugmentation : Layer
{
    private protected ImageAugmentation(string? dataFormat, int? seed, LayerOptions options) : base(options)
    {
        ChannelsFirst = DataFormat.IsChannelsFirst(dataFormat);
        Seed = seed;
    }

    /// <summary>The seed, or null for the model's.</summary>
    private protected int? Seed { get; }

    private protected bool ChannelsFirst { get; }

    /// <summary>Whether the layer also acts when the model doesn't train.</summary>
    private protected virtual bool ActsAlways => false;

    /// <summary>Whether the layer needs to know the height and the width of the images.</summary>
    private protected virtual bool NeedsSizes => false;

    /// <inheritdoc/>
    protected override int? InputRank => 4;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!ActsAlways && !K.LearningPhase()) return x;
        Tensor images = ChannelOrder.ToLast(x, ChannelsFirst);
        bool later = NeedsSizes && (images.Dims[1].Constant is null || images.Dims[2].Constant is null);
        return ChannelOrder.FromLast(later ? Unknown(images) : Augment(images), ChannelsFirst);
    }

    /// <summary>The result's length along the height (0) or the width (1), or null if it isn't known.</summary>
    private protected virtual int? LengthOf(int? length, int axis) => length;

    /// <summary>A stand-in for the result until the sizes of images are known.</summary>
    Tensor Unknown(Tensor images)
    {
        Dim Size(int axis) => LengthOf(images.Dims[axis + 1].Constant, axis) is int known ? known
            : Dim.Free(new Symbol("places"));
        return new(new Ops.Later(new(images.Dims[0], Size(0), Size(1), images.Dims.Last)), images);
    }

    /// <summary>The changed images; channels are last, here and in the result.</summary>
    internal abstract Tensor Augment(Tensor images);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["data_format"] = DataFormat.Name(ChannelsFirst);
        return config;
    }

    /// <summary>A number for each image, (batch, 1, 1, 1), from a range.</summary>
    private protected Tensor Drawn(Tensor images, (double Low, double High) range) =>
        Drawn(images, range.Low, range.High);

    /// <summary>A number for each image, (batch, 1, 1, 1), from a range.</summary>
    private protected Tensor Drawn(Tensor images, double low, double high) =>
        new Tensor(new Ops.RandomUniform(new(images.Dims[0], 1, 1, 1), TraceScope.NextRandomKey(Seed)))
            * (high - low) + low;

    /// <summary>1 for images that are to be changed, with a probability that is drawn from a range, else 0.</summary>
    private protected Tensor Chosen(Tensor images, (double Low, double High) probability)
    {
        Tensor chance = Drawn(images, probability);
        return Drawn(images, 0, 1) < chance;
    }

    /// <summary>A number for each image in the shape (batch, 1, 1), as transformations take it.</summary>
    private protected static Tensor Number(Tensor drawn) => K.Squeeze(drawn, 3);

    /// <summary>−1 or 1 for each image.</summary>
    private protected Tensor Side(Tensor images) => 1 - 2 * (Drawn(images, 0, 1) > 0.5);

    /// <summary>The images of the batch in random order.</summary>
    private protected Tensor Shuffled(Tensor images)
    {
        Tensor number = new(new Ops.RandomUniform(new(images.Dims[0], 1), TraceScope.NextRandomKey(Seed)));
        Tensor position = K.Cumsum(K.OnesLike(number));
        Tensor otherNumber = K.Transpose(number), otherPosition = K.Transpose(position);
        // The place of an image is the number of those that come before it; equal numbers keep their order.
        Tensor before = (otherNumber < number) + K.Equal(otherNumber, number) * (otherPosition < position);
        Tensor place = new(new Ops.Reshape(new(1, images.Dims[0])), K.Sum(before, axis: 1));
        Tensor shuffled = K.BatchGather(new Tensor(new Ops.Reshape(new([1, .. images.Dims])), images), place);
        return K.ReshapeLike(shuffled, images);
    }

    /// <summary>Values from one range in another.</summary>
    private protected static Tensor Ranged(Tensor images, (double Low, double High) from, (double Low, double High) to)
    {
        if (from == to) return images;
        return (images - from.Low) / (from.High - from.Low) * (to.High - to.Low) + to.Low;
    }

    /// <summary>The range of values in 8-bit images.</summary>
    private protected static (double Low, double High) Bytes => (0, 255);

    /// <summary>The range of an argument, which is that of 8-bit images by default.</summary>
    private protected static (double Low, double High) ValueRange(Factor? valueRange, bool sorted = true)
    {
        (double Low, double High) range = valueRange?.Pair(nameof(valueRange), sorted) ?? Bytes;
        return range.Low != range.High ? range : throw new ArgumentException(
            $"The ends of `valueRange` have to differ; given {valueRange}.", nameof(valueRange));
    }

    /// <summary>The transformation that turns images about their centers, in radians.</summary>
    private protected static Tensor[] Turn(Tensor images, Tensor angle)
    {
        (int height, int width) = Sampling.SizeOf(images);
        double x = (width - 1) * 0.5, y = (height - 1) * 0.5;
        Tensor cos = K.Cos(angle), sin = K.Sin(angle);
        return [cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos];
    }
}
