using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>What one trial trains: a network, and how.</summary>
internal abstract class SweptNetwork
{
    /// <summary>The penalty of an output layer that is appended to the network.</summary>
    public virtual Regularizer? Regularizer => null;

    /// <summary>How many epochs may pass without a better validation loss.</summary>
    /// <param name="rows">How many rows there are to learn from.</param>
    public virtual int PatienceFor(long rows) => new KerasSequentialNetwork().Patience;

    /// <summary>A new network, whose last layers suit the labels.</summary>
    public abstract Sequential Build(SweptTask.Output output);

    /// <summary>Sets how the network is trained.</summary>
    /// <param name="options">The options.</param>
    /// <param name="rows">How many rows there are to learn from.</param>
    public abstract void Configure(KerasSequentialOptions options, long rows);

    /// <summary>How many weights there are; null where only building tells.</summary>
    public virtual long? CountWeights(int features, SweptTask.Output output) => null;
}
