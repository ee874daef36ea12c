using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The settings of gamma and beta.</summary>
internal sealed record ScaleOptions(bool Center, bool Scale, Initializer? BetaInitializer,
    Initializer? GammaInitializer,
    Regularizer? BetaRegularizer, Regularizer? GammaRegularizer, Constraint? BetaConstraint,
    Constraint? GammaConstraint);
