using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Optimizers;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Overloads of Compile that accept lambdas or methods directly. C# converts a lambda only to a delegate, so a
/// parameter that accepts one must be declared as a delegate.
/// </summary>
public static class SequentialWithLambdas
{
    /// <summary>Configures training with a loss given as a lambda or a method.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">A function from targets and predictions to one value per sample.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    public static void Compile(this Sequential model, Optimizer optimizer, Func<Tensor, Tensor, Tensor> loss,
        MetricSet? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null,
        TargetTensors? targetTensors = null, bool runEagerly = false, int stepsPerExecution = 1,
        bool? jitCompile = null, bool autoScaleLoss = true) =>
        NotNull(model).Compile(optimizer, (LossSet)loss, metrics, lossWeights, sampleWeightMode, weightedMetrics,
            targetTensors, runEagerly, stepsPerExecution, jitCompile, autoScaleLoss);

    /// <summary>
    /// Configures training with only lambdas or methods as metrics. To combine them with names and objects, use braces,
    /// <c>metrics: new() { "accuracy", (t, p) =&gt; … }</c>, because C# does not allow lambdas next to others in
    /// brackets.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="metrics">Functions from targets and predictions to one value per sample, whose mean is
    /// reported.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    public static void Compile(this Sequential model, Optimizer optimizer, LossSet? loss = null,
        Func<Tensor, Tensor, Tensor>[]? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null,
        TargetTensors? targetTensors = null, bool runEagerly = false, int stepsPerExecution = 1,
        bool? jitCompile = null, bool autoScaleLoss = true) =>
        NotNull(model).Compile(optimizer, loss, Set(metrics), lossWeights, sampleWeightMode, weightedMetrics,
            targetTensors, runEagerly, stepsPerExecution, jitCompile, autoScaleLoss);

    /// <summary>Configures training with only lambdas or methods.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">A function from targets and predictions to one value per sample.</param>
    /// <param name="metrics">Functions from targets and predictions to one value per sample, whose mean is
    /// reported.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    [OverloadResolutionPriority(-1)]
    public static void Compile(this Sequential model, Optimizer optimizer, Func<Tensor, Tensor, Tensor> loss,
        Func<Tensor, Tensor, Tensor>[]? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null,
        TargetTensors? targetTensors = null, bool runEagerly = false, int stepsPerExecution = 1,
        bool? jitCompile = null, bool autoScaleLoss = true) =>
        NotNull(model).Compile(optimizer, (LossSet)loss, Set(metrics), lossWeights, sampleWeightMode, weightedMetrics,
            targetTensors, runEagerly, stepsPerExecution, jitCompile, autoScaleLoss);

    static Sequential NotNull(Sequential model) => model ?? throw new ArgumentNullException(nameof(model));

    static MetricSet? Set(Func<Tensor, Tensor, Tensor>[]? metrics) => metrics is null ? null : (MetricSet)metrics;
}
