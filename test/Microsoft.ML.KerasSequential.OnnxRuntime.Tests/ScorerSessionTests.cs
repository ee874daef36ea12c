using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The choice between GPU and CPU, with simulated GPUs.</summary>
[TestClass]
public sealed class ScorerSessionTests
{
    static readonly byte[] s_model = Exported();

    [TestMethod]
    public void A_GPU_that_works_runs_the_model()
    {
        int? placed = null;
        ScorerSession opened = Open(_ => s_model, new() { DeviceId = 2 }, _ => null, gpu => placed = gpu);
        Assert.AreEqual(("CUDA", "GPU 2", 2), (opened.Device, opened.Reason, placed));
    }

    [TestMethod]
    public void A_GPU_that_cannot_be_used_is_named_with_the_reason()
    {
        ScorerSession opened = Open(_ => s_model, new() { DeviceId = 2 }, gpu => $"number {gpu} is asleep",
            _ => Assert.Fail());
        Assert.AreEqual(("CPU", "it fell back from GPU 2, because number 2 is asleep"), (opened.Device, opened.Reason));
    }

    [TestMethod]
    public void A_model_that_cannot_be_opened_on_the_GPU_runs_on_the_CPU()
    {
        bool isOnGpu = false;
        ScorerSession opened = Open(attempt => attempt == 0 ? [1, 2, 3] : s_model, new(), _ => null,
            _ => isOnGpu = true);
        Assert.AreEqual(("CPU", true), (opened.Device, isOnGpu));
        Assert.StartsWith("it fell back from GPU 0, because ", opened.Reason);
        Assert.Contains("protobuf", opened.Reason);
    }

    [TestMethod]
    public void An_invalid_file_is_distinguished_from_a_GPU_that_does_not_work()
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Open(_ => [1, 2, 3], new(), _ => null, _ => { }));
        Assert.StartsWith("it is not a model that ONNX Runtime can read: ", e.Message);
    }

    [TestMethod]
    public void The_CPU_package_names_the_one_with_CUDA()
    {
        const string reason =
            "this ONNX Runtime is built without CUDA; use the package Microsoft.ML.OnnxRuntime.Gpu";
        Assert.AreEqual(reason, Cuda.WhyNot(0));
        using var scorer = new OnnxScorer(s_model);
        Assert.AreEqual("CPU", scorer.Device);
        Assert.AreEqual($"it fell back from GPU 0, because {reason}", scorer.DeviceReason);
    }

    [TestMethod]
    public void The_probe_of_a_GPU_computes_what_it_expects() => CudaProbe.Run(_ => { });

    /// <summary>Messages as ONNX Runtime 1.31 writes them, shortened.</summary>
    [TestMethod]
    [DataRow(
        "[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2043 onnxruntime::Provider& "
            + "onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library "
            + "/app/lib_cuda.so "
            + "with error: libcublasLt.so.13: cannot open shared object file: No such file or directory\n",
        "Failed to load library /app/lib_cuda.so with error: libcublasLt.so.13: cannot open shared object file: "
            + "No such file or directory")]
    [DataRow(
        "[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider_info.cc:63 static "
            + "onnxruntime::CUDAExecutionProviderInfo::FromProviderOptions(const onnxruntime::ProviderOptions&) "
            + "[ONNXRuntimeError] : 1 : FAIL : provider_options_utils.h:187 Parse Failed to parse provider option "
            + "\"device_id\": CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=vm ; line=70 ; "
            + "\n",
        "CUDA failure 100: no CUDA-capable device is detected")]
    [DataRow(
        "[ErrorCode:RuntimeException] /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 "
            + "std::conditional_t<THRW, void> onnxruntime::CudaCall(ERRTYPE) [with ERRTYPE = cudaError; bool THRW = "
            + "true] "
            + "CUDA failure 35: CUDA driver version is insufficient ; GPU=0 ; hostname=vm ; line=294 ; "
            + "expr=cudaSetDevice(info_.device_id); ",
        "CUDA failure 35: CUDA driver version is insufficient")]
    [DataRow(
        "[ErrorCode:RuntimeException] Exception during initialization: /onnxruntime_src/onnxruntime/core/framework/"
            + "bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) "
            + "Failed to allocate memory for requested buffer of size 256\n",
        "Failed to allocate memory for requested buffer of size 256")]
    [DataRow(
        "[ErrorCode:Fail] CUDA execution provider is not enabled in this build.",
        "CUDA execution provider is not enabled in this build")]
    public void The_reason_is_extracted_from_messages_of_ONNX_Runtime(string message, string reason) =>
        Assert.AreEqual(reason, Cuda.Reason(new InvalidOperationException(message)));

    /// <summary>Opens and closes a session.</summary>
    static ScorerSession Open(Func<int, byte[]> model, OnnxScorerOptions options, Func<int, string?> whyNot,
        Action<int> place)
    {
        int attempts = 0;
        ScorerSession opened = ScorerSession.Open(
            settings => new(model(attempts++), settings), "it", options, whyNot, (_, gpu) => place(gpu));
        opened.Session.Dispose();
        return opened;
    }

    static byte[] Exported()
    {
        using var model = new Sequential([new Dense(3, inputShape: [4])]);
        using var stream = new MemoryStream();
        model.ToOnnx(stream);
        return stream.ToArray();
    }
}
