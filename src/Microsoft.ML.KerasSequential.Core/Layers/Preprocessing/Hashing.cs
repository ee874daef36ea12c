using System.Globalization;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Assigns texts to a fixed number of bins by a hash that is the same on all machines (Keras 3
/// <c>keras.layers.Hashing</c>): FarmHash64, or SipHash with a salt, as TensorFlow computes them.
/// </summary>
public class Hashing : TextLayer
{
    readonly int _numBins;
    readonly string? _maskValue;
    readonly bool _maskIsNumber;
    readonly long[]? _salt;
    readonly string _outputMode;

    /// <summary>Creates the layer.</summary>
    /// <param name="numBins">The number of bins, including that of the mask value.</param>
    /// <param name="maskValue">A text that is assigned to bin 0, in which no other text is then.</param>
    /// <param name="salt">One or two numbers from which SipHash computes other bins; FarmHash64 by default.</param>
    /// <param name="outputMode">
    /// <c>int</c>: the bin. <c>one_hot</c>: a vector for each text. <c>multi_hot</c>: for each sample, a vector with 1
    /// for each bin that occurs in it. <c>count</c>: a vector with the number of times that each bin occurs.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample: <c>[1]</c>, one text.</param>
    /// <param name="batchInputShape">The shape of a batch.</param>
    /// <param name="batchSize">A fixed batch size.</param>
    /// <exception cref="ArgumentException">The number is less than 1, or another argument is invalid.</exception>
    public Hashing(int numBins, string? maskValue = null, IReadOnlyList<long>? salt = null, string outputMode = "int",
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(numBins, maskValue, maskIsNumber: false, salt, outputMode,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Hashing(int numBins, string? maskValue, bool maskIsNumber, IReadOnlyList<long>? salt, string outputMode,
        LayerOptions options) : base(options)
    {
        if (numBins < 1)
            throw new ArgumentOutOfRangeException(nameof(numBins), $"`numBins` must be 1 or more; given {numBins}.");
        (_numBins, _maskValue, _maskIsNumber) = (numBins, maskValue, maskIsNumber);
        _salt = TextHash.Key(salt, nameof(salt));
        _outputMode = CategoryOutput.Mode(outputMode, CategoryOutput.Int, CategoryOutput.OneHot,
            CategoryOutput.MultiHot, CategoryOutput.Count);
    }

    /// <inheritdoc/>
    protected internal override (int Start, int End)? NumbersRange => (0, _numBins);

    internal override bool KeepsShape => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    internal override Onnx.OnnxLookup? ForOnnx(int opset, out string obstacle)
    {
        obstacle = "ONNX has no operator for the hash that Hashing computes";
        return null;
    }

    /// <summary>Computes the bins of texts.</summary>
    /// <param name="texts">The texts, one per sample.</param>
    /// <returns>The bins (samples, 1).</returns>
    public override NDArray Call(IReadOnlyList<string> texts) => Column(texts, Bin);

    /// <summary>Computes the bins of samples of several texts.</summary>
    /// <param name="samples">The texts of each sample, the same number for all.</param>
    /// <returns>The bins (samples, texts).</returns>
    /// <exception cref="ArgumentException">A text is null, or the numbers of texts differ.</exception>
    public NDArray Call(IReadOnlyList<IReadOnlyList<string>> samples) => Rows(samples, Bin);

    /// <summary>Computes the bins of integers, those of their decimal digits as a text.</summary>
    /// <param name="numbers">Numbers of any shape; fractions are dropped.</param>
    /// <returns>The bins, in the same shape.</returns>
    public NDArray Call(NDArray numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return new([.. numbers.ToArray().Select(v => Bin(((long)v).ToString(CultureInfo.InvariantCulture)))],
            numbers.Shape.ToArray());
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return CategoryOutput.Encode(x, _outputMode, _numBins);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras requires a type of integers for this mode.
        if (_outputMode == CategoryOutput.Int) config["dtype"] = "int64";
        config["num_bins"] = _numBins;
        config["salt"] = Json(_salt);
        config["mask_value"] = _maskValue is null ? null
            : _maskIsNumber ? long.Parse(_maskValue, CultureInfo.InvariantCulture) : _maskValue;
        config["output_mode"] = _outputMode;
        config["sparse"] = false;
        return config;
    }

    float Bin(string text)
    {
        // With a single bin, there is none left for the mask value.
        if (_maskValue is null || _numBins == 1) return TextHash.Bucket(text, _numBins, _salt);
        return text == _maskValue ? 0 : 1 + TextHash.Bucket(text, _numBins - 1, _salt);
    }
}
