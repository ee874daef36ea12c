using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Compares the embeddings of all pairs in a batch: those of the same class come together, others move apart (Sun et
/// al. 2020; Keras 3 <c>keras.losses.Circle</c>). Embeddings must have the norm 1. Targets are class indices; samples
/// whose loss is 0 don't count in a mean.
/// </summary>
/// <param name="gamma">The scale of the distances.</param>
/// <param name="margin">How far apart the classes must be.</param>
/// <param name="removeDiagonal">Whether a sample isn't compared with itself.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class Circle(double gamma = 80, double margin = 0.4, bool removeDiagonal = true,
    Reduction reduction = Reduction.SumOverBatchSize, string name = "circle")
    : Loss(name, reduction)
{
    /// <summary>The logarithm of 0: finite, so that gradients are numbers.</summary>
    const double Never = -1e30;

    internal override bool ChecksTargetShape => false;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        if (yPred.Rank != 2 || yTrue.Rank > 2 || (yTrue.Rank == 2 && yTrue.Shape[1] is not (null or 1)))
            throw new ArgumentException("The circle loss needs embeddings (batch, size) and one class index per " +
                $"sample; given {yPred.Shape} and {yTrue.Shape}.", nameof(yPred));
        Tensor column = yTrue.Rank == 2 ? yTrue : K.ExpandDims(yTrue, 1);
        Tensor same = K.Equal(column, K.Transpose(column)), differ = 1 - same;
        if (removeDiagonal)
        {
            Tensor place = K.Cumsum(K.OnesLike(column), 0);
            same *= K.NotEqual(place, K.Transpose(place));
        }
        Tensor distance = K.Maximum(1 - K.Dot(yPred, K.Transpose(yPred)), 0);
        Tensor together = -gamma * (margin + distance) * (margin - distance),
            apart = gamma * K.Maximum(1 + margin - distance, 0) * (1 - margin - distance);
        return K.Softplus(K.Logsumexp(K.Where(same, together, Never), 1)
            + K.Logsumexp(K.Where(differ, apart, Never), 1));
    }

    private protected override Tensor Counts(Tensor yTrue, Tensor yPred, Tensor values) => values > 0;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["gamma"] = gamma;
        config["margin"] = margin;
        config["remove_diagonal"] = removeDiagonal;
        return config;
    }
}
