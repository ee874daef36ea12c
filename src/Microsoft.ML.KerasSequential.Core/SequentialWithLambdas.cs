using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Optimizers;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Compiling with lambdas or methods as they are. C# turns a lambda into a delegate and into nothing else, so what takes one
/// straight has to be declared as a delegate.
/// </summary>
public static class SequentialWithLambdas
{
    /// <summary>Configures training by a loss given as a lambda or a method.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">From targets and predictions to a value a sample.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    public static void Compile(this Sequential model, Optimizer optimizer, Func<Tensor, Tensor, Tensor> loss, MetricSet? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null, TargetTensors? targetTensors = null) =>
        NotNull(model).Compile(optimizer, (LossSet)loss, metrics, lossWeights, sampleWeightMode, weightedMetrics, targetTensors);

    /// <summary>
    /// Configures training, with metrics given as lambdas or methods alone. Beside names and objects they go in braces,
    /// <c>metrics: new() { "accuracy", (t, p) =&gt; … }</c>, since C# takes no lambdas in brackets beside others.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="metrics">Each from targets and predictions to a value a sample; reported is their mean.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    public static void Compile(this Sequential model, Optimizer optimizer, LossSet? loss = null, Func<Tensor, Tensor, Tensor>[]? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null, TargetTensors? targetTensors = null) =>
        NotNull(model).Compile(optimizer, loss, Set(metrics), lossWeights, sampleWeightMode, weightedMetrics, targetTensors);

    /// <summary>Configures training by lambdas or methods alone.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">From targets and predictions to a value a sample.</param>
    /// <param name="metrics">Each from targets and predictions to a value a sample; reported is their mean.</param>
    /// <inheritdoc cref="Sequential.Compile"/>
    [OverloadResolutionPriority(-1)]
    public static void Compile(this Sequential model, Optimizer optimizer, Func<Tensor, Tensor, Tensor> loss, Func<Tensor, Tensor, Tensor>[]? metrics = null,
        LossWeights? lossWeights = null, SampleWeightMode? sampleWeightMode = null, MetricSet? weightedMetrics = null, TargetTensors? targetTensors = null) =>
        NotNull(model).Compile(optimizer, (LossSet)loss, Set(metrics), lossWeights, sampleWeightMode, weightedMetrics, targetTensors);

    static Sequential NotNull(Sequential model) => model ?? throw new ArgumentNullException(nameof(model));

    static MetricSet? Set(Func<Tensor, Tensor, Tensor>[]? metrics) => metrics is null ? null : (MetricSet)metrics;
}
