using Microsoft.ML.KerasSequential;

namespace Benchmarks;

/// <summary>A training step to measure.</summary>
/// <param name="Key">The name, here and in torch_peer.py.</param>
/// <param name="Describe">The description for people.</param>
/// <param name="Batch">Samples per step.</param>
/// <param name="First">Multiply-adds per sample of the layer that reads the data: forward, and the gradient with
/// respect to its weights.</param>
/// <param name="Rest">Multiply-adds per sample of the rest: forward, and the gradients with respect to weights and
/// inputs.</param>
/// <param name="Slots">The number of optimizer slots per weight.</param>
/// <param name="Make">Creates a compiled model and its data.</param>
/// <param name="Looked">The number of embedding values that a sample looks up.</param>
/// <param name="MostRows">The largest batch to predict: the scores of the peer's attention have to fit in
/// memory.</param>
internal sealed record Work(string Key, string Describe, int Batch, double First, double Rest, int Slots,
    Func<(Sequential Model, NDArray X, NDArray Y)> Make, double Looked = 0,
    int MostRows = 1024)
{
    /// <summary>All training steps.</summary>
    public static IReadOnlyList<Work> All { get; } =
    [
        new("tabular_32", "20–64–64–1, batch 32, Adam, mse", 32, 20 * 64, 64 * 64 + 64, 2, Models.Tabular),
        new("tabular_1024", "the same, batch 1024", 1024, 20 * 64, 64 * 64 + 64, 2, Models.Tabular),
        new("mnist_mlp", "784–512–512–10, batch 128, dropout, RMSprop", 128, 784 * 512, 512 * 512 + 512 * 10, 1,
            Models.MnistMlp),
        new("mnist_cnn", "conv 32, conv 64, pool, dense 128, batch 128, dropout, Adadelta", 128, 26 * 26 * 9 * 32,
            24 * 24 * 9 * 32 * 64 + 9216 * 128 + 128 * 10, 2, Models.MnistCnn),
        new("resnet", "3×3 convolutions with ways round them on 32×32×3, batch 32, Adam", 32, 1024 * 27 * 16,
            1024 * 9 * 16 * 16 * 2 + 256 * (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32)
            + 64 * (9 * 32 * 64 + 9 * 64 * 64 + 32 * 64) + 640, 2, Models.ResNet),
        new("imdb_lstm", "embedding 20000×128, LSTM 128 over 80 steps, batch 32, Adam", 32, 0,
            80 * (128 * 512 + 128 * 512), 2, () => Models.ImdbLstm(0), 80 * 128),
        new("gru", "GRU 64 over 48 steps of 8, batch 32, Adam", 32, 48 * 8 * 192, 48 * 64 * 192 + 64, 2, Models.Gru),
        new("text", "embedding 20000×16, average of 256, dense 16, batch 32, Adam", 32, 0, 16 * 16 + 16, 2, Models.Text,
            256 * 16),
        new("transformer", "2 encoders of 128 with 8 heads, 64 steps, batch 32, Adam", 32, 0,
            2 * 64 * (4 * 128 * 128 + 2 * 64 * 128 + 2 * 128 * 512) + 1280, 2, Models.Encoder),
        new("attention", "4 heads of 32 over 1024 steps, batch 4, Adam", 4, 3 * 1024 * 128 * 128,
            1024 * 128 * 128 + 2 * 1024 * 1024 * 128 + 1280, 2, Models.Attention, MostRows: 32),
        new("decoder", "8 heads of 32 with 2 keys, RMS norm, 256 causal steps, batch 8, Adam", 8, 0,
            256 * (2 * 256 * 256 + 2 * 256 * 64 + 256 * 256 + 2 * 256 * 1024 + 2560), 2, Models.Decoder, MostRows: 32),
        new("audio", "strided, depthwise and transposed 1D convolutions of 4096 values, batch 16, Adam", 16,
            1024 * 8 * 32, 1024 * (9 * 32 + 32 * 64 + 9 * 64 + 64 * 32 + 8 * 32), 2, Models.Audio),
        new("augmented", "flip, rotation, zoom, contrast of 64×64×3, a convolution, batch 32, Adam", 32,
            31 * 31 * 27 * 16, 160, 2, Models.Augmented),
        new("ctc", "dense 64, dense 29 over 100 steps, 20 labels, batch 32, Adam", 32, 100 * 32 * 64, 100 * 64 * 29, 2,
            Models.Ctc),
    ];

    /// <summary>The minimum time of a training step in microseconds.</summary>
    public double StepFloor(Sequential model, Machine machine)
    {
        double operations = 2 * Batch * (2 * First + 3 * Rest);
        // Each weight and slot is read and written once.
        double bytes = (double)model.CountParams() * sizeof(float) * (1 + Slots);
        return machine.Floor(operations, bytes, writes: true);
    }

    /// <summary>The minimum time of a prediction in microseconds.</summary>
    public double PredictionFloor(Sequential model, int rows, Machine machine)
    {
        // Of an embedding table, only the rows looked up.
        double weights = model.Weights.Where(w => !w.Name.Contains("embedding", StringComparison.Ordinal))
            .Sum(w => (double)w.Shape.Aggregate(1, (p, d) => p * (d ?? 1)));
        return machine.Floor(2 * rows * (First + Rest), (weights + rows * Looked) * sizeof(float), writes: false);
    }
}
