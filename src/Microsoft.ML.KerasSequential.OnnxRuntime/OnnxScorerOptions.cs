namespace Microsoft.ML.KerasSequential;

/// <summary>Options for an <see cref="OnnxScorer"/>.</summary>
public sealed record OnnxScorerOptions
{
    /// <summary>
    /// Whether the model runs on a CUDA GPU; true by default. This requires the package Microsoft.ML.OnnxRuntime.Gpu
    /// instead of Microsoft.ML.OnnxRuntime, NVIDIA's driver, and the CUDA and cuDNN versions that the package is built
    /// for. If one of them, the GPU, or enough GPU memory is missing, the CPU runs the model instead; <see cref="Log"/>
    /// and <see cref="OnnxScorer.DeviceReason"/> say why.
    /// </summary>
    public bool UseGpu { get; init; } = true;

    /// <summary>
    /// The index of the GPU in the order of NVIDIA's driver, from 0; 0 by default. If it does not exist, the CPU runs
    /// the model.
    /// </summary>
    public int DeviceId { get; init; }

    /// <summary>The number of CPU threads for one call; 0, the default, for all.</summary>
    public int Threads { get; init; }

    /// <summary>In a pipeline, the input column of the model, with as many values as its input.</summary>
    public string InputColumnName { get; init; } = "Features";

    /// <summary>In a pipeline, the output column of the model.</summary>
    public string OutputColumnName { get; init; } = "Score";

    /// <summary>
    /// Receives one line about which device runs the model, and why: "digits.onnx runs on CPU: it fell back from GPU 0,
    /// because …". None by default.
    /// </summary>
    public Action<string>? Log { get; init; }
}
