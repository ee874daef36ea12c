using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>A catalog, which has an environment behind it.</summary>
    public interface IInternalCatalog
    {
        IHostEnvironment Environment { get; }
    }
}

namespace Microsoft.ML
{
    /// <summary>What <c>PermutationFeatureImportance</c> looks for in a chain.</summary>
    public interface ISingleFeaturePredictionTransformer
    {
        string FeatureColumnName { get; }
    }
}
