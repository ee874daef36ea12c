using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Devices: which ones exist, what happens if one fails, and what a model leaves in its memory.</summary>
[TestClass]
public sealed class DeviceTests
{
    [TestMethod]
    public void The_emulator_is_never_mistaken_for_a_GPU()
    {
        Assert.AreEqual(Device.Cpu, Device.All[0]);
        Assert.IsTrue(Device.All.Skip(1).All(d => d.Kind == DeviceKind.Gpu));
        Assert.IsFalse(Device.All.Contains(Emulator.Shared));
        Assert.AreEqual(DeviceKind.Cpu, Emulator.Shared.Kind);
    }

    [TestMethod]
    public void A_missing_GPU_is_named_with_the_reason()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(() => Device.Gpu(17)).Message;
        Assert.Contains("There is no GPU 17", message);
        if (Device.All.Count == 1) Assert.Contains("CUDA", message);
    }

    [TestMethod]
    [DataRow("gpu:99", "there is no such device", "0")]
    [DataRow("gpu:x", "expected cpu, gpu, cuda or opencl", "0")]
    [DataRow("toaster", "there is no such device", "0")]
    [DataRow("cpu", "runs on CPU", "1")]
    [DataRow("emulator", "runs on emulated GPU", "2")]
    [DataRow("cpu", "", "0")]
    public void The_environment_variable_chooses_the_device_and_the_log_says_so_once_unless_it_is_silent(
        string wanted, string said, string verbose)
    {
        // The choice is made once per process.
        var start = new System.Diagnostics.ProcessStartInfo(
            "dotnet", [typeof(Program).Assembly.Location, "device", verbose])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["KERASML_DEVICE"] = wanted;
        using var process = System.Diagnostics.Process.Start(start)!;
        string text = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (said.Length == 0) Assert.AreEqual("", text);
        else Assert.HasCount(2, text.Split(said), text);
    }

    [TestMethod]
    public void Values_are_copied_intact_while_the_garbage_collector_moves_arrays()
    {
        IlgpuDevice device = Emulator.Shared;
        using DeviceMemory.Range range = device.Memory.Allocate(16);
        bool ended = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref ended)) GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
        });
        collector.Start();
        try
        {
            var kept = new List<float[]>();
            for (int i = 1; i <= 20_000; i++)
            {
                // Arrays with gaps between them are moved.
                float[] values = new float[16], hole = new float[100], found = new float[16];
                Array.Fill(values, i + hole[0]);
                device.Upload<float>(range.View, values);
                device.Download<float>(range.View, found);
                Assert.IsTrue(found.AsSpan().IndexOfAnyExcept((float)i) < 0,
                    $"Round {i} read {string.Join(", ", found)}.");
                kept.Add(found);
                if (kept.Count > 50) kept.Clear();
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
            collector.Join();
        }
    }

    [TestMethod]
    public void Details_of_compilation_are_logged_on_request()
    {
        var lines = new List<string>();
        (Action<string>? log, bool details) = (Device.Log, Device.LogsDetails);
        try
        {
            (Device.Log, Device.LogsDetails) = (lines.Add, true);
            IlgpuDevice device = Emulator.Create();
            using Sequential model = AgreementTests.Network(device);
            model.Predict(new NDArray(2, 12));
        }
        finally
        {
            (Device.Log, Device.LogsDetails) = (log, details);
        }
        Assert.IsTrue(
            lines.Any(l => l.Contains("compiled TileProduct", StringComparison.Ordinal)
                && l.Contains(" ms", StringComparison.Ordinal)), string.Join("; ", lines));
    }

    [TestMethod]
    public void Without_memory_the_model_continues_on_the_CPU_from_the_last_step()
    {
        (NDArray x, NDArray y) = AgreementTests.Classes(60, 12, 3);
        IlgpuDevice device = Emulator.Create();
        using Sequential model = AgreementTests.Network(device), steady = AgreementTests.Network(Device.Cpu);
        model.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        steady.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        device.Memory.Limit = device.Memory.Reserved;
        (NDArray large, NDArray targets) = AgreementTests.Classes(600_000, 12, 3);
        DeviceException e = Assert.ThrowsExactly<DeviceException>(
            () => model.Fit(large, targets, batchSize: 600_000, epochs: 1, verbose: 0));
        Assert.Contains("no memory left", e.Message);
        model.Device = Device.Cpu;
        GoldenCase.AssertClose([.. model.GetWeights().SelectMany(w => w.ToArray())],
            [.. steady.GetWeights().SelectMany(w => w.ToArray())], 1e-3, 1e-4, "weights");
        model.Fit(x, y, batchSize: 20, epochs: 2, initialEpoch: 1, verbose: 0);
    }

    [TestMethod]
    public void A_lost_device_leaves_the_weights_read_last()
    {
        (NDArray x, NDArray y) = AgreementTests.Classes(60, 12, 3);
        IlgpuDevice device = Emulator.Create();
        using Sequential model = AgreementTests.Network(device);
        model.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        float[][] read = [.. model.GetWeights().Select(w => w.ToArray())];
        model.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        device.Failed(new ObjectDisposedException("the driver's context"), "by a test");
        Assert.Contains(
            "lost", Assert.ThrowsExactly<DeviceException>(() => model.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0))
            .Message);
        model.Device = Device.Cpu;
        NDArray[] left = [.. model.GetWeights()];
        for (int i = 0; i < read.Length; i++) CollectionAssert.AreEqual(read[i], left[i].ToArray());
        model.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        Assert.IsTrue(model.Predict(x).ToArray().All(float.IsFinite));
    }

    [TestMethod]
    public void A_kernel_that_does_not_compile_leaves_the_model_unchanged()
    {
        IlgpuDevice device = Emulator.Create();
        DeviceException e = Assert.ThrowsExactly<DeviceException>(() => device.Kernels.Get<Impossible, int>());
        Assert.Contains("to compile Impossible", e.Message);
        using Sequential model = AgreementTests.Network(device);
        float[][] before = [.. model.GetWeights().Select(w => w.ToArray())];
        model.Device = Device.Cpu;
        Assert.HasCount(6, model.Predict(new NDArray(2, 12)).ToArray());
        for (int i = 0; i < before.Length; i++) CollectionAssert.AreEqual(before[i], model.GetWeights()[i].ToArray());
    }

    [TestMethod]
    public void A_thousand_fits_leave_no_memory_behind()
    {
        (NDArray x, NDArray y) = AgreementTests.Classes(8, 3, 2);
        IlgpuDevice device = Emulator.Create();
        Fit();
        // The batch buffers of the device are kept for the next model.
        long first = device.Memory.Used;
        for (int i = 0; i < 1000; i++) Fit();
        Assert.IsLessThan(100_000, first, "after one");
        Assert.AreEqual(first, device.Memory.Used, "after a thousand");

        void Fit()
        {
            using var model = new Sequential([new Dense(2, activation: "softmax", inputShape: [3])])
            { Device = device };
            model.Compile("sgd", "sparse_categorical_crossentropy");
            model.Fit(x, y, batchSize: 8, epochs: 1, verbose: 0);
        }
    }

    [TestMethod]
    public void Undisposed_models_release_their_memory()
    {
        IlgpuDevice device = Emulator.Create();
        Make().Dispose();
        long before = device.Memory.Used;
        Lose();
        for (int i = 0; i < 10 && device.Memory.Used > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.AreEqual(before, device.Memory.Used);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Lose() => _ = Make();

        Sequential Make()
        {
            Sequential model = AgreementTests.Network(device);
            (NDArray x, NDArray y) = AgreementTests.Classes(8, 12, 3);
            model.Fit(x, y, epochs: 1, verbose: 0);
            return model;
        }
    }

    [TestMethod]
    public void Memory_is_allocated_and_released_in_any_order()
    {
        IlgpuDevice device = Emulator.Create();
        var random = new Random(1);
        var ranges = new List<(DeviceMemory.Range Range, int Mark)>();
        for (int i = 0; i < 400; i++)
        {
            if (ranges.Count > 0 && random.Next(2) == 0)
            {
                (DeviceMemory.Range range, int mark) = ranges[random.Next(ranges.Count)];
                float[] values = new float[range.View.Length];
                device.Download(range.View, values);
                Assert.IsTrue(values.All(v => v == mark), "somebody else wrote there");
                ranges.Remove((range, mark));
                range.Dispose();
            }
            else
            {
                DeviceMemory.Range range = device.Memory.Allocate(random.Next(1, 100_000));
                device.Upload(range.View, [.. Enumerable.Repeat((float)i, (int)range.View.Length)]);
                ranges.Add((range, i));
            }
        }
        foreach ((DeviceMemory.Range range, _) in ranges) range.Dispose();
        Assert.AreEqual(0, device.Memory.Used);
    }

    /// <summary>Something that a GPU cannot do.</summary>
    sealed class Impossible : IKernel<int>
    {
        static string s_text = "";

        public static void Run(int arguments) =>
            s_text = s_text + arguments.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
