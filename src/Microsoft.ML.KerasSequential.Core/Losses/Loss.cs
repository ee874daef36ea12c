using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// What training makes small (Keras <c>keras.losses.Loss</c>). A model averages the values over all samples and steps, each
/// times its sample weight.
/// </summary>
public abstract class Loss
{
    /// <summary>Makes a loss.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reduction">How the values become one number.</param>
    /// <exception cref="ArgumentException">The reduction is unknown.</exception>
    protected Loss(string name, Reduction reduction = Reduction.SumOverBatchSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!Enum.IsDefined(reduction)) throw new ArgumentException($"Invalid Reduction Key {reduction}.", nameof(reduction));
        (Name, Reduction) = (name, reduction);
    }

    /// <summary>How the values become one number.</summary>
    public Reduction Reduction { get; }

    /// <summary>The loss's name, as Keras spells it.</summary>
    public string Name { get; }

    /// <summary>Targets are class numbers, with a last dimension of size 1, instead of the shape of the predictions.</summary>
    internal virtual bool TakesClassNumbers => false;

    /// <summary>Predictions are logits or margins: any number, of which a sigmoid or softmax would be a probability.</summary>
    internal virtual bool TakesLogits => false;

    /// <summary>The targets must have the shape of the predictions; a loss of the user's may take any, unless it is one of those that Keras checks.</summary>
    internal virtual bool ChecksTargetShape => GetType().Assembly == typeof(Loss).Assembly;

    /// <summary>The loss before any average: one value a sample, or a step of a sequence.</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <returns>The values, without the last dimension of the predictions.</returns>
    /// <exception cref="ArgumentException">
    /// The shapes do not fit together: targets have the shape of the predictions, or differ by a last dimension of size 1.
    /// </exception>
    public abstract Tensor Call(Tensor yTrue, Tensor yPred);

    /// <summary>The loss as one number, as training computes it (calling a Keras loss object).</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <param name="sampleWeight">
    /// A factor for each value; missing trailing dimensions and those of size 1 repeat, one too many of size 1 goes.
    /// </param>
    /// <returns>A tensor without dimensions; with <see cref="Reduction.None"/> a value a sample.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public Tensor Apply(Tensor yTrue, Tensor yPred, Tensor? sampleWeight = null)
    {
        if (!TakesClassNumbers) (yTrue, yPred) = TargetShapes.Level(yTrue, yPred);
        Tensor values = Call(yTrue, yPred);
        if (sampleWeight is not null) values *= SampleWeights.Broadcast(sampleWeight, values);
        return Reduction switch
        {
            Reduction.None => values,
            Reduction.Sum => K.Sum(values),
            _ => K.Mean(values),
        };
    }

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig() => new() { ["reduction"] = LossRegistry.Name(Reduction), ["name"] = Name };

    internal virtual JsonNode Serialize() => Saving.Config.Wrap(GetType().Name, GetConfig());

    /// <summary>A loss by its Keras name.</summary>
    /// <param name="name">The name, or Keras' abbreviation.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Loss(string name) => LossRegistry.Known.Make(name, new Config(default, name), nameof(name));

    /// <summary>A loss given as a function, named as the method; a lambda is called <c>loss</c>.</summary>
    /// <param name="function">From targets and predictions to a value a sample.</param>
    public static implicit operator Loss(Func<Tensor, Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FromFunction(function, Utils.FunctionName.Of(function, "loss"));
    }

    /// <summary>A loss given as a function over symbolic tensors: its gradient and its kernels follow from it.</summary>
    /// <param name="function">From targets and predictions to a value a sample.</param>
    /// <param name="name">A name for it.</param>
    /// <returns>The loss.</returns>
    public static Loss FromFunction(Func<Tensor, Tensor, Tensor> function, string name = "loss") => new FunctionLoss(function, name);

    /// <summary>A loss from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is wrong.</exception>
    public static Loss FromConfig(JsonElement config)
    {
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
