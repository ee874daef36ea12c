using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace PublishCheck;

/// <summary>Objects that configurations create by name: optimizers, losses, metrics, activations,
/// initializers.</summary>
static class ByName
{
    static readonly string[] s_optimizers =
        ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "adamax", "nadam", "lion", "ftrl"];

    static readonly string[] s_losses =
    [
        "mse", "mae", "mape", "msle", "hinge", "squared_hinge", "categorical_hinge", "logcosh", "huber_loss", "poisson",
        "kullback_leibler_divergence", "cosine_proximity", "binary_crossentropy", "categorical_crossentropy",
    ];

    static readonly string[] s_metrics =
    [
        "accuracy", "binary_accuracy", "categorical_accuracy", "top_k_categorical_accuracy", "mse", "mae", "mape",
        "msle", "hinge", "squared_hinge", "categorical_hinge", "logcosh", "poisson", "kld", "cosine_similarity",
        "binary_crossentropy", "categorical_crossentropy", "AUC", "Precision", "Recall", "TruePositives",
    ];

    static readonly string[] s_activations =
    [
        "linear", "relu", "elu", "selu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "exponential",
        "gelu", "swish", "mish", "softmax",
    ];

    static readonly string[] s_initializers =
    [
        "zeros", "ones", "random_normal", "random_uniform", "truncated_normal", "orthogonal", "identity",
        "glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform",
    ];

    public static IEnumerable<(string Name, float[] Values)> All()
    {
        foreach (string name in s_optimizers) yield return ($"optimizer {name}", Train(optimizer: name));
        foreach (string name in s_losses) yield return ($"loss {name}", Train(loss: name));
        foreach (string name in s_metrics) yield return ($"metric {name}", Train(metric: name));
        foreach (string name in s_activations) yield return ($"activation {name}", Train(activation: name));
        foreach (string name in s_initializers) yield return ($"initializer {name}", Train(initializer: name));
    }

    static float[] Train(string optimizer = "sgd", string loss = "mse", string metric = "mae",
        string activation = "tanh", string initializer = "glorot_uniform")
    {
        NDArray x = Program.Some(16, 6), y = K.Eval(K.Softmax(K.Constant(Program.Some(16, 6))));
        K.SetRandomSeed(5);
        using var model = new Sequential([
            new Dense(6, activation: activation, kernelInitializer: initializer, inputShape: [6]),
            new Dense(6, activation: "softmax"),
        ]);
        model.Compile(optimizer, loss, metrics: [metric]);
        History history = model.Fit(x, y, batchSize: 8, epochs: 2, verbose: 0, shuffle: false);
        IEnumerable<double> logs = history.Keys.SelectMany(k => history[k]);
        return [.. logs.Select(v => (float)v), .. model.Predict(x).ToArray().Take(12)];
    }
}
