using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The function that training minimizes (Keras <c>keras.losses.Loss</c>). A model averages the values over all samples
/// and time steps, each multiplied by its sample weight.
/// </summary>
public abstract class Loss
{
    /// <summary>Creates a loss.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reduction">How to reduce the values to one number.</param>
    /// <exception cref="ArgumentException">The reduction is unknown.</exception>
    protected Loss(string name, Reduction reduction = Reduction.SumOverBatchSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Enum.IsDefined(reduction))
            throw new ArgumentException($"Invalid Reduction Key {reduction}.", nameof(reduction));
        (Name, Reduction) = (name, reduction);
    }

    /// <summary>How the values are reduced to one number.</summary>
    public Reduction Reduction { get; }

    /// <summary>The loss's name, as Keras spells it.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether targets are class indices, with a last dimension of size 1, rather than of the shape of the predictions.
    /// </summary>
    internal virtual bool TakesClassNumbers => false;

    /// <summary>
    /// Whether predictions are logits or margins: any number, which a sigmoid or softmax would turn into a probability.
    /// </summary>
    internal virtual bool TakesLogits => false;

    /// <summary>
    /// Whether the targets must have the shape of the predictions; a user-defined loss accepts any shape, unless it is
    /// one that Keras checks.
    /// </summary>
    internal virtual bool ChecksTargetShape => GetType().Assembly == typeof(Loss).Assembly;

    /// <summary>The loss before averaging: one value per sample, or per time step of a sequence.</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <returns>The values, without the predictions' last dimension.</returns>
    /// <exception cref="ArgumentException">
    /// The shapes are incompatible: targets must have the shape of the predictions, or differ only by a last dimension
    /// of size 1.
    /// </exception>
    public abstract Tensor Call(Tensor yTrue, Tensor yPred);

    /// <summary>Computes the loss as one number, as in training (like calling a Keras loss object).</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <param name="sampleWeight">
    /// One factor per value; missing trailing dimensions and those of size 1 broadcast, and an extra one of size 1 is
    /// dropped.
    /// </param>
    /// <returns>A tensor without dimensions; with <see cref="Reduction.None"/>, one value per sample.</returns>
    /// <exception cref="ArgumentException">The shapes are incompatible.</exception>
    public Tensor Apply(Tensor yTrue, Tensor yPred, Tensor? sampleWeight = null)
    {
        if (!TakesClassNumbers) (yTrue, yPred) = TargetShapes.Level(yTrue, yPred);
        Tensor values = Call(yTrue, yPred);
        Tensor? weight = sampleWeight;
        if (Counts(yTrue, yPred, values) is { } counts)
        {
            // Values that don't count are left out of a mean.
            Tensor number = K.Sum(counts);
            Tensor share = Reduction is Reduction.SumOverBatchSize or Reduction.Mean
                ? counts * K.Where(number > 0, K.Sum(K.OnesLike(counts)) / K.Maximum(number, 1), 0) : counts;
            weight = weight is null ? share : SampleWeights.Broadcast(weight, values) * share;
        }
        // A value for the whole batch has a weight for each sample.
        if (weight is not null)
            values *= HasOneValue ? weight : SampleWeights.Broadcast(weight, values);
        return Reduction switch
        {
            Reduction.None => values,
            Reduction.Sum => K.Sum(values),
            Reduction.MeanWithSampleWeight when weight is not null => Quotient(K.Sum(values), K.Sum(weight)),
            _ => K.Mean(values),
        };
    }

    /// <summary>1 for the values that count, 0 for the others, in their shape; null if all count.</summary>
    private protected virtual Tensor? Counts(Tensor yTrue, Tensor yPred, Tensor values) => null;

    /// <summary>Whether there is one value for the whole batch.</summary>
    private protected virtual bool HasOneValue => false;

    /// <summary>0 instead of a division by 0.</summary>
    static Tensor Quotient(Tensor x, Tensor y) => K.Where(K.Equal(y, 0), 0, x / K.Where(K.Equal(y, 0), 1, y));

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig() => new() { ["reduction"] = LossRegistry.Name(Reduction), ["name"] = Name };

    internal virtual JsonNode Serialize() => Saving.Config.Wrap(GetType().Name, GetConfig());

    /// <summary>Gets a loss by its Keras name.</summary>
    /// <param name="name">The name, or Keras' abbreviation.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Loss(string name) =>
        LossRegistry.Known.Make(name, new Config(default, name), nameof(name));

    /// <summary>Creates a loss from a function; its name is the method's name, or <c>loss</c> for a lambda.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    public static implicit operator Loss(Func<Tensor, Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FromFunction(function, Utils.FunctionName.Of(function, "loss"));
    }

    /// <summary>Creates a loss from a function over symbolic tensors; its gradient and kernels are derived.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    /// <param name="name">The loss's name.</param>
    /// <returns>The loss.</returns>
    public static Loss FromFunction(Func<Tensor, Tensor, Tensor> function, string name = "loss") =>
        new FunctionLoss(function, name);

    /// <summary>Creates a loss from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Loss FromConfig(JsonElement config)
    {
        config = Keras3Names.Translated(config);
        (string name, JsonElement settings) = Config.Open(config, "a loss");
        return LossRegistry.Known.Make(name, new Config(settings, name), nameof(config));
    }

    sealed class FunctionLoss(Func<Tensor, Tensor, Tensor> function, string name) : Loss(name)
    {
        readonly Func<Tensor, Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function));

        internal override bool ChecksTargetShape => false;

        internal override JsonNode Serialize() => Name;

        public override Tensor Call(Tensor yTrue, Tensor yPred)
        {
            (yTrue, yPred) = TargetShapes.Level(yTrue, yPred);
            return _function(yTrue, yPred);
        }
    }
}
