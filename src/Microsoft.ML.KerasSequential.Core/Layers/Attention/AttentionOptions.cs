using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The arguments that layers of attention with projections share.</summary>
internal readonly record struct AttentionOptions(double Dropout, bool UseBias, bool UseCausalMask, int? SlidingWindow,
    bool UseGate, int? Seed, Initializer? KernelInitializer, Initializer? BiasInitializer,
    Regularizer? KernelRegularizer, Regularizer? BiasRegularizer, Regularizer? ActivityRegularizer,
    Constraint? KernelConstraint, Constraint? BiasConstraint);
