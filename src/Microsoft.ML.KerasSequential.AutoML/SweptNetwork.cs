using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>The network and the training options of a trial.</summary>
internal abstract class SweptNetwork
{
    /// <summary>The regularizer of an output layer appended to the network.</summary>
    public virtual Regularizer? Regularizer => null;

    /// <summary>How many epochs may pass without a better validation loss.</summary>
    /// <param name="rows">The number of training rows.</param>
    public virtual int PatienceFor(long rows) => new KerasSequentialNetwork().Patience;

    /// <summary>Creates a network, whose last layers match the labels.</summary>
    public abstract Sequential Build(SweptTask.Output output);

    /// <summary>Sets the training options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="rows">The number of training rows.</param>
    public abstract void Configure(KerasSequentialOptions options, long rows);

    /// <summary>The number of weights; null if it is known only after building.</summary>
    public virtual long? CountWeights(int features, SweptTask.Output output) => null;
}
