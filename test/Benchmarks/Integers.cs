using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Benchmarks;

/// <summary>
/// Predictions of three large layers whose weights are integers of 8 bits, compared with float32 and with PyTorch's
/// dynamic quantization.
/// </summary>
internal static class Integers
{
    const int Size = 1024;

    static readonly int[] s_batches = [1, 32, 256];

    public static void Run(Machine[] machines)
    {
        var table = new Table("prediction with int8 weights (µs)", "ours", "float32", "times as fast", "PyTorch int8",
            "times as fast");
        foreach (Machine machine in machines)
        {
            using Torch? torch = Torch.Open(machine.Threads);
            Device.Threads = machine.Threads;
            using Sequential plain = Network(), rounded = Network();
            rounded.Quantize();
            foreach (int batch in s_batches)
            {
                var x = new NDArray(batch, Size);
                foreach (ref float v in x.Span) v = 0.25f;
                double Time(Sequential model) => Timing.Microseconds(() => model.Predict(x, batchSize: batch));
                Turns own = Turns.Of(machine, () => 0, () => Time(rounded), () => Time(plain)),
                    peer = Turns.Of(machine, () => 0, () => Time(rounded),
                        torch is null ? null : () => torch.Ask($"dynamic {Size} {batch}"));
                table.Add($"3 × Dense({Size}), batch {batch}, {Compare.Threads(machine)}", own.Ours, own.Peer,
                    own.TimesAsFast, peer.Peer, peer.TimesAsFast);
            }
        }
        table.Print();
    }

    static Sequential Network() => new([new Dense(Size, activation: "relu", inputShape: [Size]),
        new Dense(Size, activation: "relu"), new Dense(Size)]);
}
