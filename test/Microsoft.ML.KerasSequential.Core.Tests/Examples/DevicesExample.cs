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
        foreach (Device device in Device.All) Console.WriteLine($"{device}, {device.Kind}, {device.MemoryBytes >> 20} MiB");

        using var model = new Sequential([
            new Dense(16, activation: "relu", inputShape: [4]),
            new Dense(3, activation: "softmax"),
        ])
        {
            Device = Device.All.Count > 1 ? Device.Gpu(0) : Device.Cpu,     // Device.Default by default
            Precision = FloatPrecision.TensorFloat32,                       // for products on a GPU with tensor cores
        };
        model.Compile("adam", "sparse_categorical_crossentropy");
        var (x, y) = (new NDArray(30, 4), new NDArray(30));
        try
        {
            model.Fit(x, y, epochs: 2, verbose: 0);
        }
        catch (DeviceException)                                             // no memory left, a lost device …
        {
            model.Device = Device.Cpu;                                      // the model goes on here
            model.Fit(x, y, epochs: 2, verbose: 0);
        }

        Device[] gpus = [.. Device.All.Where(d => d.Kind == DeviceKind.Gpu)];
        if (gpus.Length > 1) model.Device = Device.Several(gpus);           // each takes a share of every batch
        #endregion
        Assert.AreEqual(30, model.Predict(x).Rows);
    }
}
