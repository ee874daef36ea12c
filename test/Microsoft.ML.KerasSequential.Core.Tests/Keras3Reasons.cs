namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Why something of Keras 3.15 is not here, or has another form.</summary>
internal static class Keras3Reasons
{
    /// <summary>By section and name, then the argument; a star stands for any.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["*.serialize"] = "`GetConfig`",
        ["*.deserialize"] = "`FromConfig`",
        ["*.get"] = "the conversion from a name",
        ["*.dtype"] = "float32 throughout",
        ["layers.FlaxLayer"] = "runs a program of JAX",
        ["layers.JaxLayer"] = "runs a program of JAX",
        ["layers.TFSMLayer"] = "runs a program of TensorFlow",
        ["layers.TorchModuleWrapper"] = "runs a program of PyTorch",
        ["layers.MaxNumBoundingBoxes"] = "bounding boxes are a second input, which a Sequential does not have",
        ["layers.HashedCrossing"] = "crosses two inputs; a Sequential has one",
        ["layers.Input"] = "`inputShape` of the first layer, or `InputLayer`",
        ["layers.InputSpec"] = "layers check their input themselves",
        ["metrics.MeanMetricWrapper"] = "`Metric.FromFunction`",
        ["optimizers.OptimizerMap"] = "`MultiOptimizer` takes the pairs themselves",
        ["callbacks.CallbackList"] = "`Fit` takes any collection of callbacks",
        ["callbacks.OrbaxCheckpoint"] = "writes the format of JAX' Orbax; `TrainingCheckpoint` saves and resumes training",
    };
}
