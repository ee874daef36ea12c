using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Documentation.Tests;

/// <summary>Mistakes that are made often; docs/troubleshooting.md quotes what each of them is answered.</summary>
internal static partial class Mistakes
{
    /// <summary>In an empty folder, one at a time.</summary>
    public static IReadOnlyDictionary<string, Action> All { get; } = new Dictionary<string, Action>
    {
        ["fit without compile"] = () =>
            new Sequential([new Dense(3, inputShape: [4])]).Fit(Values(12, 4), Values(12, 3)),
        ["no input shape"] = () => new Sequential([new Dense(3)]).Summary(),
        ["another width"] = () => Classes().Fit(Values(12, 5), OneHot(12, 3)),
        ["another rank"] = () => Images().Fit(Values(12, 28, 28), OneHot(12, 3)),
        ["channels first"] = () => Images().Fit(Values(12, 1, 28, 28), OneHot(12, 3)),
        ["channels unknown"] = () => new Sequential([new Conv2D(8, 3, inputShape: [28, 28, null])]).Summary(),
        ["kernel too large"] = () => new Sequential([new Conv2D(8, 5, inputShape: [3, 3, 1])]).Summary(),
        ["layers that do not fit"] = () => new Sequential([new Dense(8, inputShape: [4]), new LSTM(8)]),
        ["flatten of an unknown size"] = () =>
            new Sequential([new Conv1D(4, 3, inputShape: [null, 2]), new Flatten(), new Dense(1)]),
        ["mask"] = () => new Sequential([new Embedding(10, 4, maskZero: true, inputLength: 6), new Conv1D(4, 3)]),
        ["names of layers"] = () => new Sequential([new Dense(1, name: "a", inputShape: [1]), new Dense(1, name: "a")]),
        ["numbers of samples"] = () => Classes().Fit(Values(12, 4), OneHot(11, 3)),
        ["width of the targets"] = () => Classes().Fit(Values(12, 4), OneHot(12, 2)),
        ["class numbers for a one-hot loss"] = () => Classes().Fit(Values(12, 4), new float[12]),
        ["one-hot targets for a sparse loss"] = () =>
            Classes("sparse_categorical_crossentropy").Fit(Values(12, 4), OneHot(12, 3)),
        ["class number out of range"] = () =>
            Classes("sparse_categorical_crossentropy").Fit(Values(3, 4), new float[] { 1, 2, 3 }),
        ["word number out of range"] = () => Words().Fit(new float[,] { { 1, 10 } }, new float[] { 1 }),
        ["NaN"] = () => Classes().Fit(new float[,] { { 1, 2, float.NaN, 4 } }, OneHot(1, 3)),
        ["class weight"] = () => Classes().Fit(Values(12, 4), OneHot(12, 3),
            classWeight: new Dictionary<int, double> { [0] = 1, [1] = 2 }),
        ["a generator without steps"] = () => Classes().Fit(Endless(), epochs: 2),
        ["stateful"] = () => new Sequential([new LSTM(4, stateful: true, inputShape: [5, 2])]),
        ["unknown optimizer"] = () => Classes().Compile("adan", "mse"),
        ["unknown loss"] = () => Classes().Compile("adam", "cross_entropy"),
        ["unknown activation"] = () => _ = new Dense(3, activation: "rleu"),
        ["history"] = () => _ = Classes().Fit(Values(12, 4), OneHot(12, 3), verbose: 0)["acc"],
        ["two trainings"] = () => Classes().Fit(Values(12, 4), OneHot(12, 3), verbose: 0, callbacks: new Again()),
        ["learning rate of a schedule"] = () =>
            Scheduled().Fit(Values(12, 4), Values(12, 1), verbose: 0, callbacks: new ReduceLROnPlateau("loss")),
        ["pattern of a checkpoint"] = () => Classes().Fit(Values(12, 4), OneHot(12, 3), verbose: 0,
            callbacks: new ModelCheckpoint("best-{val_acc:.2f}.zip")),
        ["a lambda in a file"] = () => new Sequential([new Lambda(x => x * 2, inputShape: [4])]).Save("model.zip"),
        ["a loss of your own in a file"] = OwnLoss,
        ["a file that is there"] = () =>
        {
            File.WriteAllText("model.zip", "");
            Classes().Save("model.zip", overwrite: false);
        },
        ["no model file"] = () =>
        {
            File.WriteAllText("model.zip", "text");
            Sequential.Load("model.zip");
        },
        ["weights of another model"] = () =>
        {
            Classes().SaveWeights("weights.safetensors");
            Words().LoadWeights("weights.safetensors");
        },
        ["lengths of weights"] = () => Classes().SetWeights([new NDArray(4, 3)]),
    };

    static Sequential Classes(string loss = "categorical_crossentropy")
    {
        var model = new Sequential([new Dense(3, activation: "softmax", inputShape: [4])], name: "classifier");
        model.Compile("adam", loss, metrics: ["accuracy"]);
        return model;
    }

    static Sequential Images()
    {
        var model = new Sequential(
            [new Conv2D(8, 3, inputShape: [28, 28, 1]), new Flatten(), new Dense(3, activation: "softmax")]);
        model.Compile("adam", "categorical_crossentropy");
        return model;
    }

    static Sequential Words()
    {
        var model = new Sequential([new Embedding(10, 4, inputLength: 2), new Flatten(), new Dense(1)], name: "words");
        model.Compile("adam", "mse");
        return model;
    }

    static Sequential Scheduled()
    {
        var model = new Sequential([new Dense(1, inputShape: [4])]);
        model.Compile(new SGD(new ExponentialDecay(0.1, 10, 0.5)), "mse");
        return model;
    }

    static void OwnLoss()
    {
        var model = new Sequential([new Dense(1, inputShape: [4])]);
        model.Compile("adam", loss: Distance);
        model.Save("model.zip");
        Sequential.Load("model.zip");
    }

    static Tensor Distance(Tensor yTrue, Tensor yPred) => K.Mean(K.Abs(yTrue - yPred), axis: -1);

    static IEnumerable<Batch> Endless()
    {
        while (true) yield return (Values(4, 4), OneHot(4, 3));
    }

    static NDArray Values(params int[] shape)
    {
        var x = new NDArray(shape);
        for (int i = 0; i < x.Size; i++) x.Span[i] = i % 7;
        return x;
    }

    static NDArray OneHot(int rows, int classes)
    {
        var y = new NDArray(rows, classes);
        for (int i = 0; i < rows; i++) y[i, i % classes] = 1;
        return y;
    }

    sealed class Again : Callback
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) =>
            Model.Fit(Values(12, 4), OneHot(12, 3), verbose: 0);
    }
}
