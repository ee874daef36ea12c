using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// What training makes small (Keras <c>keras.losses.Loss</c>). A model averages the values over all samples and steps, each
/// times its sample weight.
/// </summary>
public abstract class Loss
{
    static readonly NameRegistry<Func<Config, Loss>> s_known = new("loss function", StringComparer.Ordinal)
    {
        ["mean_squared_error"] = _ => new MeanSquaredError(),
        ["mse"] = _ => new MeanSquaredError(),
        ["MSE"] = _ => new MeanSquaredError(),
        ["MeanSquaredError"] = _ => new MeanSquaredError(),
        ["mean_absolute_error"] = _ => new MeanAbsoluteError(),
        ["mae"] = _ => new MeanAbsoluteError(),
        ["MAE"] = _ => new MeanAbsoluteError(),
        ["MeanAbsoluteError"] = _ => new MeanAbsoluteError(),
        ["binary_crossentropy"] = BinaryOf,
        ["BinaryCrossentropy"] = BinaryOf,
        ["categorical_crossentropy"] = CategoricalOf,
        ["CategoricalCrossentropy"] = CategoricalOf,
        ["sparse_categorical_crossentropy"] = SparseOf,
        ["SparseCategoricalCrossentropy"] = SparseOf,
    };

    /// <summary>Makes a loss.</summary>
    /// <param name="name">Its name.</param>
    protected Loss(string name) => Name = name;

    /// <summary>The loss's name, as Keras spells it.</summary>
    public string Name { get; }

    /// <summary>Targets are class numbers, with a last dimension of size 1, instead of the shape of the predictions.</summary>
    internal virtual bool TakesClassNumbers => false;

    /// <summary>The targets must have the shape of the predictions; a loss made from a function may take any.</summary>
    internal virtual bool ChecksTargetShape => true;

    /// <summary>The loss before any average: one value a sample, or a step of a sequence.</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <returns>The values, without the last dimension of the predictions.</returns>
    public abstract Tensor Call(Tensor yTrue, Tensor yPred);

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig() => new() { ["reduction"] = "sum_over_batch_size", ["name"] = Name };

    /// <summary>A loss by its Keras name.</summary>
    /// <param name="name">The name, or Keras' abbreviation.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Loss(string name) => s_known.Get(name, nameof(name))(new Config(default, name));

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
        return s_known.Get(name, nameof(config))(new Config(settings, name));
    }

    static BinaryCrossentropy BinaryOf(Config c) => new(c.Bool("from_logits", false), c.Double("label_smoothing", 0), c.String("name") ?? "binary_crossentropy");

    static CategoricalCrossentropy CategoricalOf(Config c) => new(c.Bool("from_logits", false), c.Double("label_smoothing", 0), c.String("name") ?? "categorical_crossentropy");

    static SparseCategoricalCrossentropy SparseOf(Config c) => new(c.Bool("from_logits", false), c.String("name") ?? "sparse_categorical_crossentropy");

    sealed class FunctionLoss(Func<Tensor, Tensor, Tensor> function, string name) : Loss(name)
    {
        readonly Func<Tensor, Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function));

        internal override bool ChecksTargetShape => false;

        public override Tensor Call(Tensor yTrue, Tensor yPred) => _function(yTrue, yPred);
    }
}
