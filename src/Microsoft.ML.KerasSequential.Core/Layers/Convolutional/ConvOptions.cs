using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The arguments that all convolutions take.</summary>
internal sealed record ConvOptions(Sizes KernelSize, Sizes? Strides, string Padding, string? DataFormat,
    Sizes? DilationRate, ActivationFunction? Activation, bool UseBias,
    Initializer? BiasInitializer, Regularizer? BiasRegularizer, Regularizer? ActivityRegularizer,
    Constraint? BiasConstraint);
