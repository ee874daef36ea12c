namespace Microsoft.ML.KerasSequential;

/// <summary>How an <see cref="OnnxScorer"/> runs.</summary>
public sealed record OnnxScorerOptions
{
    /// <summary>Whether a CUDA GPU is used where ONNX Runtime finds one (package Microsoft.ML.OnnxRuntime.Gpu); the CPU is used else. True by default.</summary>
    public bool UseGpu { get; init; } = true;

    /// <summary>Which GPU, counted from 0.</summary>
    public int DeviceId { get; init; }

    /// <summary>How many threads one call may use on the CPU; 0, the default, for all.</summary>
    public int Threads { get; init; }

    /// <summary>In a pipeline: the column that the model sees, with as many numbers as its input.</summary>
    public string InputColumnName { get; init; } = "Features";

    /// <summary>In a pipeline: the column that the model's output becomes.</summary>
    public string OutputColumnName { get; init; } = "Score";

    /// <summary>Is told which device runs the model, and why.</summary>
    public Action<string>? Log { get; init; }
}
