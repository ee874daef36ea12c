using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Encodes integer categories as vectors (Keras 3 <c>keras.layers.CategoryEncoding</c>): a one-hot vector for each, or
/// for each sample the set or the counts of its categories. A number that is not an integer from 0 through the number
/// of tokens minus 1 is an error. Keras' <c>count_weights</c> are a second input, which the layers of a Sequential
/// cannot have.
/// </summary>
public class CategoryEncoding : Layer
{
    readonly int _numTokens;
    readonly string _outputMode;

    /// <summary>Creates the layer.</summary>
    /// <param name="numTokens">The number of categories.</param>
    /// <param name="outputMode">
    /// <c>one_hot</c>: a vector for each number, in place of a last dimension of size 1 or as a new dimension.
    /// <c>multi_hot</c>: for each sample, the last dimension, a vector with 1 for each category that occurs in it.
    /// <c>count</c>: a vector with the number of times that each category occurs.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">The number is less than 1, or the mode is unknown.</exception>
    public CategoryEncoding(int numTokens, string outputMode = "multi_hot", string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(numTokens, outputMode, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal CategoryEncoding(int numTokens, string outputMode, LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numTokens, 1);
        _numTokens = numTokens;
        _outputMode =
            CategoryOutput.Mode(outputMode, CategoryOutput.OneHot, CategoryOutput.MultiHot, CategoryOutput.Count);
    }

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return CategoryOutput.Encode(CategoryOutput.Checked(x, _numTokens), _outputMode, _numTokens);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["num_tokens"] = _numTokens;
        config["output_mode"] = _outputMode;
        return config;
    }
}
