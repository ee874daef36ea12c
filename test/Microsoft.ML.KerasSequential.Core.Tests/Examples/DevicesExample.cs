using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/devices.md.</summary>
[TestClass]
public sealed class DevicesExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        foreach (Device device in Device.All)
            Console.WriteLine($"{device}, {device.Kind}, {device.MemoryBytes >> 20} MiB");

        using var model = new Sequential([
            new Dense(16, activation: "relu", inputShape: [4]),
            new Dense(3, activation: "softmax"),
        ])
        {
            Device = Device.All.Count > 1 ? Device.Gpu(0) : Device.Cpu,     // default: Device.Default
            Precision = FloatPrecision.TensorFloat32,                       // for products on tensor cores
        };
        model.Compile("adam", "sparse_categorical_crossentropy");
        var (x, y) = (new NDArray(30, 4), new NDArray(30));
        try
        {
            model.Fit(x, y, epochs: 2, verbose: 0);
        }
        catch (DeviceException)                                             // out of memory, device lost, …
        {
            model.Device = Device.Cpu;                                      // training continues on the CPU
            model.Fit(x, y, epochs: 2, verbose: 0);
        }

        Device[] gpus = [.. Device.All.Where(d => d.Kind == DeviceKind.Gpu)];
        if (gpus.Length > 1) model.Device = Device.Several(gpus);           // each GPU takes a share of every batch
        #endregion
        Assert.AreEqual(30, model.Predict(x).Rows);
    }
}
