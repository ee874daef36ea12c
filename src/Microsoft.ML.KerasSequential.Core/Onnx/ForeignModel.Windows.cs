using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Window = Microsoft.ML.KerasSequential.Ops.Window;

namespace Microsoft.ML.KerasSequential.Onnx;

// Convolutions, pooling and padding.
internal sealed partial class ForeignModel
{
    static readonly string[] s_paddings = ["same", "valid"];

    void ReadConv(NodeProto node)
    {
        NDArray kernel = Constant(node, 1);
        int rank = kernel.Rank - 2;
        NDArray? bias = Has(node, 2) ? Constant(node, 2) : null;
        long group = Integer(node, "group", 1);
        string format = DataFormat();
        int channels = Size(format == "channels_last" ? -1 : 1)
            ?? throw Unknown(node, "the number of its channels is not known");
        Require(node, rank is 1 or 2 or 3 && Rank == rank + 2, "it does not have one, two or three spatial dimensions");
        Require(node,
            group == 1 ? kernel.Shape[1] == channels
            : group == channels && kernel.Shape[1] == 1 && kernel.Shape[0] % channels == 0 && rank == 2,
            "it has several groups that are not the channels of an image");
        Require(node, kernel.Size > 0 && (bias is null || (bias.Rank == 1 && bias.Size == kernel.Shape[0])),
            "its weights do not match");
        int[] size = kernel.Shape[2..].ToArray(), strides = Each(node, "strides", rank),
            dilations = Each(node, "dilations", rank);
        Require(node, size.SequenceEqual(Integers(node, "kernel_shape", () => size)),
            "its kernel does not have the stated shape");
        string padding = Padding(node, size, strides, dilations, Places(format), format, zeros: true);
        int[] places = [.. Enumerable.Range(2, rank)];
        NDArray turned = group == 1 ? Turned(kernel, [.. places, 1, 0])
            // Channel by channel, then the depth multiplier.
            : Turned(kernel.Reshape([channels, kernel.Shape[0] / channels, .. size]), [.. places, 0, 1]);
        NDArray[] weights = bias is null ? [turned] : [turned, bias];
        (int filters, bool useBias) = (kernel.Shape[0], bias is not null);
        Layer layer = rank switch
        {
            _ when group > 1 => new DepthwiseConv2D(size, strides, padding, filters / channels, format, dilations,
                useBias: useBias),
            1 => new Conv1D(filters, size, strides, padding, dataFormat: format, dilationRate: dilations,
                useBias: useBias),
            2 => new Conv2D(filters, size, strides, padding, dataFormat: format, dilationRate: dilations,
                useBias: useBias),
            _ => new Conv3D(filters, size, strides, padding, dataFormat: format, dilationRate: dilations,
                useBias: useBias),
        };
        Add(layer, weights);
        Goes(node);
    }

    void ReadConvTranspose(NodeProto node)
    {
        NDArray kernel = Constant(node, 1);
        int rank = kernel.Rank - 2;
        NDArray? bias = Has(node, 2) ? Constant(node, 2) : null;
        string format = DataFormat();
        int[] places = Places(format);
        Require(node,
            rank is 2 or 3 && Rank == rank + 2 && kernel.Shape[0] == Size(format == "channels_last" ? -1 : 1)
            && kernel.Size > 0, "its kernel does not match");
        Require(node,
            Integer(node, "group", 1) == 1 && (bias is null || (bias.Rank == 1 && bias.Size == kernel.Shape[1])),
            "its bias or groups do not match");
        Require(node,
            Attribute(node, "output_shape") is null && Word(node, "auto_pad", "NOTSET") is "NOTSET" or "VALID",
            "it computes its padding");
        int[] size = kernel.Shape[2..].ToArray(), strides = Each(node, "strides", rank),
            dilations = Each(node, "dilations", rank);
        Require(node, dilations.All(d => d == 1), "it is dilated");
        int[] pads = Integers(node, "pads", () => new int[2 * rank]),
            more = Integers(node, "output_padding", () => new int[rank]);
        Require(node, pads.Length == 2 * rank && more.Length == rank,
            "its padding has a different number of dimensions");
        int[] lengths = [
            .. places.Select((p, i) => checked(strides[i] * (p - 1) + more[i] + size[i] - pads[i] - pads[rank + i]))];
        // As in Keras: the positions from which a convolution would produce this input.
        string? padding = s_paddings.FirstOrDefault(p => Enumerable.Range(0, rank).All(i =>
            lengths[i] == places[i] * strides[i] + (p == "valid" ? Math.Max(size[i] - strides[i], 0) : 0)
            && Window.Of(size[i], strides[i], 1, p, lengths[i]).Before == pads[i]));
        bool plain = padding is null && pads.All(p => p == 0)
            && more.Select((m, i) => m < strides[i]).All(fits => fits);
        Require(node, padding is not null || plain, "its padding is not that of Keras");
        NDArray turned = Turned(kernel, [.. Enumerable.Range(2, rank), 1, 0]);
        NDArray[] weights = bias is null ? [turned] : [turned, bias];
        Add(rank == 2
            ? new Conv2DTranspose(kernel.Shape[1], size, strides, padding ?? "valid", plain ? more : null, format,
                useBias: bias is not null)
            : new Conv3DTranspose(kernel.Shape[1], size, strides, padding ?? "valid", plain ? more : null, format,
                useBias: bias is not null), weights);
        Goes(node);
    }

    void ReadPool(NodeProto node, bool max)
    {
        string format = DataFormat();
        int rank = Rank - 2;
        int[] size = Integers(node, "kernel_shape", () => throw Unknown(node, "its window size is not given")),
            strides = Each(node, "strides", rank), places = Places(format);
        Require(node, rank is 1 or 2 or 3 && size.Length == rank && size.All(s => s > 0),
            "it does not have one, two or three spatial dimensions");
        Require(node, Each(node, "dilations", rank).All(d => d == 1), "it is dilated");
        // Windows past the end matter only if there are any.
        Require(node,
            Integer(node, "ceil_mode", 0) == 0
            || places.Select((p, i) => (p - size[i]) % strides[i] == 0).All(exact => exact),
            "its windows extend past the end");
        string padding = Padding(node, size, strides, [.. Enumerable.Repeat(1, rank)], places, format, zeros: false);
        Require(node, max || padding == "valid" || Integer(node, "count_include_pad", 0) == 0,
            "it includes the padding in the average");
        Add((max, rank) switch
        {
            (true, 1) => new MaxPooling1D(size, strides, padding, format),
            (true, 2) => new MaxPooling2D(size, strides, padding, format),
            (true, _) => new MaxPooling3D(size, strides, padding, format),
            (false, 1) => new AveragePooling1D(size, strides, padding, format),
            (false, 2) => new AveragePooling2D(size, strides, padding, format),
            (false, _) => new AveragePooling3D(size, strides, padding, format),
        });
        Goes(node);
    }

    void ReadGlobalPool(NodeProto node, bool max)
    {
        int rank = Rank;
        GlobalPool(node, DataFormat(), max);
        // (batch, channels, 1, …).
        (_hasOnes, _view) = (true, new int[rank]);
        Goes(node);
    }

    void GlobalPool(NodeProto node, string format, bool max)
    {
        Require(node, Rank is 3 or 4 or 5, "it does not have one, two or three spatial dimensions");
        Add((max, Rank) switch
        {
            (true, 3) => new GlobalMaxPooling1D(format),
            (true, 4) => new GlobalMaxPooling2D(format),
            (true, _) => new GlobalMaxPooling3D(format),
            (false, 3) => new GlobalAveragePooling1D(format),
            (false, 4) => new GlobalAveragePooling2D(format),
            (false, _) => new GlobalAveragePooling3D(format),
        });
        _view = [0, 1];
    }

    void ReadReduction(NodeProto node, bool max)
    {
        Require(node, !_hasOnes && Rank is 3 or 4 or 5, "it does not cover spatial dimensions");
        long[] axes = [.. (Integers(node, 1, "axes") ?? throw Unknown(node, "its axes are not given"))
            .Select(a => a < 0 ? a + Rank : a)];
        Require(node, axes.All(a => a > 0 && a < Rank), "its axes are not axes of its input");
        int[] own = [.. axes.Select(a => _view[a]).Order()];
        string? format = own.SequenceEqual(Enumerable.Range(1, Rank - 2)) ? "channels_last"
            : own.SequenceEqual(Enumerable.Range(2, Rank - 2)) ? "channels_first" : null;
        Require(node, format is not null && _view[0] == 0, "it does not cover all spatial dimensions");
        bool keeps = Integer(node, "keepdims", 1) != 0;
        Require(node, !keeps || axes.Order().SequenceEqual(Enumerable.Range(2, Rank - 2).Select(i => (long)i)),
            "it keeps dimensions");
        int rank = Rank;
        GlobalPool(node, format!, max);
        if (keeps) (_hasOnes, _view) = (true, new int[rank]);
        Goes(node);
    }

    void ReadPad(NodeProto node)
    {
        long[] pads = Integers(node, 1, "pads") ?? throw Unknown(node, "its padding is not given");
        Require(node,
            Word(node, "mode", "constant") == "constant"
            && (!Has(node, 2) || Constant(node, 2).ToArray().All(v => v == 0)), "it does not pad with zeros");
        Require(node,
            !_hasOnes && Rank is 3 or 4 or 5 && pads.Length == 2 * Rank && _view[0] == 0
            && pads.All(p => p is >= 0 and < 1 << 20) && !Has(node, 3), "it does not pad spatial dimensions");
        int rank = Rank;
        (int Before, int After) Ends(int own) =>
            ((int)pads[Array.IndexOf(_view, own)], (int)pads[rank + Array.IndexOf(_view, own)]);
        bool last = Ends(rank - 1) == (0, 0) && Ends(0) == (0, 0);
        Require(node, last || (Ends(1) == (0, 0) && Ends(0) == (0, 0)), "it pads channels");
        Pad(last ? "channels_last" : "channels_first", [.. Enumerable.Range(last ? 1 : 2, rank - 2).Select(Ends)]);
        Goes(node);
    }

    void Pad(string format, (int Before, int After)[] ends)
    {
        int[][] margins = [.. ends.Select(e => new[] { e.Before, e.After })];
        if (ends.Length == 1)
        {
            // The layer for sequences supports only channels last.
            bool first = format == "channels_first";
            if (first) Add(new Permute([2, 1]));
            Add(new ZeroPadding1D(ends[0]));
            if (first) Add(new Permute([2, 1]));
        }
        else
        {
            Add(ends.Length == 2 ? new ZeroPadding2D(margins, format) : new ZeroPadding3D(margins, format));
        }
    }

    void ReadResize(NodeProto node)
    {
        string mode = Word(node, "mode", "nearest"), where = Word(node, "coordinate_transformation_mode", "half_pixel");
        bool bilinear = mode == "linear";
        Require(node, Has(node, 2) && !Has(node, 3), "its factors are not given");
        NDArray scales = Constant(node, 2);
        Require(node,
            !_hasOnes && scales.Rank == 1 && scales.Size == Rank && Rank is 3 or 4 or 5
            && scales.ToArray().All(s => s is >= 1 and <= 64 && s == MathF.Floor(s)), "its factors are not integers");
        Require(node,
            bilinear ? where == "half_pixel" && Rank == 4
            : mode == "nearest" && where == "asymmetric" && Word(node, "nearest_mode", "round_prefer_floor") == "floor",
            "it maps positions differently than Keras");
        int Times(int own) => (int)scales.Span[Array.IndexOf(_view, own)];
        bool last = Times(Rank - 1) == 1 && !(Times(1) == 1 && IsPlain);
        Require(node, Times(0) == 1 && (last || Times(1) == 1), "it repeats channels");
        string format = last ? "channels_last" : "channels_first";
        int[] times = [.. Enumerable.Range(last ? 1 : 2, Rank - 2).Select(Times)];
        Require(node, Rank != 3 || last, "it repeats the time steps of a sequence with channels first");
        Add(Rank switch
        {
            3 => new UpSampling1D(times[0]),
            4 => new UpSampling2D(times, format, interpolation: bilinear ? "bilinear" : "nearest"),
            _ => new UpSampling3D(times, format),
        });
        Goes(node);
    }

    int[] Each(NodeProto node, string name, int rank)
    {
        int[] values = Integers(node, name, () => [.. Enumerable.Repeat(1, rank)]);
        Require(node, values.Length == rank && values.All(v => v is > 0 and < 1 << 20),
            $"its {name} are {string.Join(", ", values)}");
        return values;
    }

    /// <summary>The Keras name of the padding; padding without a name becomes a preceding layer, if it pads with
    /// zeros.</summary>
    string Padding(NodeProto node, int[] size, int[] strides, int[] dilations, int[] places, string format, bool zeros)
    {
        int rank = size.Length;
        string found = Word(node, "auto_pad", "NOTSET");
        Require(node, found is "NOTSET" or "VALID" or "SAME_UPPER",
            "its padding is larger at the start than at the end");
        if (found == "SAME_UPPER") return "same";
        int[] pads = found == "VALID" ? new int[2 * rank] : Integers(node, "pads", () => new int[2 * rank]);
        Require(node, pads.Length == 2 * rank && pads.All(p => p is >= 0 and < 1 << 20),
            $"its padding is {string.Join(", ", pads)}");
        if (pads.All(p => p == 0)) return "valid";
        bool same = Enumerable.Range(0, rank)
            .All(i => Window.Of(size[i], strides[i], dilations[i], "same", places[i]) is var w && w.Before == pads[i]
                && w.After == pads[rank + i]);
        if (same) return "same";
        Require(node, zeros, "its padding is not that of Keras");
        Pad(format, [.. Enumerable.Range(0, rank).Select(i => (pads[i], pads[rank + i]))]);
        return "valid";
    }
}
