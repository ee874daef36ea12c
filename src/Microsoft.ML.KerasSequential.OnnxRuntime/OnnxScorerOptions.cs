namespace Microsoft.ML.KerasSequential;

/// <summary>How an <see cref="OnnxScorer"/> runs.</summary>
public sealed record OnnxScorerOptions
{
    /// <summary>
    /// Whether the model runs on a CUDA GPU. That takes the package Microsoft.ML.OnnxRuntime.Gpu in place of
    /// Microsoft.ML.OnnxRuntime, NVIDIA's driver, and the CUDA and cuDNN that the package is made for. Where one of them
    /// is missing, or the GPU, or room on it for the model, the CPU runs the model instead; <see cref="Log"/> and
    /// <see cref="OnnxScorer.DeviceReason"/> say why. False: always the CPU. True by default.
    /// </summary>
    public bool UseGpu { get; init; } = true;

    /// <summary>
    /// Which GPU, counted from 0 as NVIDIA's driver lists them; 0 by default. Where there is none of that number, the CPU
    /// runs the model.
    /// </summary>
    public int DeviceId { get; init; }

    /// <summary>How many threads one call may use on the CPU; 0, the default, for all.</summary>
    public int Threads { get; init; }

    /// <summary>In a pipeline: the column that the model sees, with as many numbers as its input.</summary>
    public string InputColumnName { get; init; } = "Features";

    /// <summary>In a pipeline: the column that the model's output becomes.</summary>
    public string OutputColumnName { get; init; } = "Score";

    /// <summary>
    /// Is told in one line which device runs the model, and why: "digits.onnx runs on CPU: it fell back from GPU 0,
    /// because …". Nobody by default.
    /// </summary>
    public Action<string>? Log { get; init; }
}
