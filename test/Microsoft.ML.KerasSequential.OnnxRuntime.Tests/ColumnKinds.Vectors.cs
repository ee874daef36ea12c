using Microsoft.ML.Data;
using static Microsoft.ML.KerasSequential.Tests.Outcome;
using NormFunction = Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase.NormFunction;

namespace Microsoft.ML.KerasSequential.Tests;

/// <content>Vectors and images, and computations over a row.</content>
internal static partial class ColumnKinds
{
    static readonly Dictionary<string, ColumnKind> s_vectors = new()
    {
        ["key to vector of vector"] = new(() => T.Conversion.MapValueToKey("F", "Towns")
            .Append(T.Conversion.MapKeyToVector("F"))),
        ["image with gaps"] = new(() => T.ReplaceMissingValues("F", "Photo")),
        ["image's missing places"] = new(() => T.IndicateMissingValues("F", "Photo")),
        ["image normalized"] = new(() => T.NormalizeLpNorm("F", "Photo")) { Converted = DoesNotRun },
        ["image, components"] = new(() => T.ProjectToPrincipalComponents("F", "Photo", rank: 3))
        { Converted = DoesNotRun },
        ["image, selected"] = new(() => T.FeatureSelection.SelectFeaturesBasedOnCount("F", "Photo", 1))
        { Converted = DoesNotRun },
        ["image, converted"] = new(() => T.Conversion.ConvertType("F", "Photo", DataKind.Double)),
        ["one-hot of vector, normalized"] = new(() => T.Categorical.OneHotEncoding("O", "Towns")
            .Append(T.NormalizeMinMax("F", "O")))
        { Converted = DoesNotRun },
        ["one-hot of vector, selected"] = new(() => T.Categorical.OneHotEncoding("O", "Towns")
            .Append(T.FeatureSelection.SelectFeaturesBasedOnCount("F", "O", 10)))
        { Converted = DoesNotRun },
        ["global contrast, scaled"] = new(() => T.NormalizeGlobalContrast("F", "Distances", scale: 2))
        { Converted = Differs },
        ["global contrast, no deviation, one"] = new(() =>
            T.NormalizeGlobalContrast("F", "Distances", ensureUnitStandardDeviation: false))
        { Converted = Differs },
        ["linear model's probability"] = new(() => T.CopyColumns("Features", "Distances")
            .Append(s_ml.BinaryClassification.Trainers.SdcaLogisticRegression("Garden", "Features"))
            .Append(T.CopyColumns("F", "Probability"))),
        ["image"] = new(() => Copy("Photo")),
        ["min-max"] = new(() => T.NormalizeMinMax("F", "Distances")),
        ["min-max of a value"] = new(() => T.NormalizeMinMax("F", "Size")),
        ["min-max of Double"] = new(() => T.NormalizeMinMax("F", "Age")) { Converted = DoesNotRun },
        ["min-max of doubles"] = new(() => T.NormalizeMinMax("F", "Doubles")) { Converted = DoesNotRun },
        ["min-max of one-hot"] = new(() => T.Categorical.OneHotEncoding("O", "Town")
            .Append(T.NormalizeMinMax("F", "O")))
        { Converted = DoesNotRun },
        ["min-max of an image"] = new(() => T.NormalizeMinMax("F", "Photo")) { Converted = DoesNotRun },
        ["mean-variance"] = new(() => T.NormalizeMeanVariance("F", "Distances")),
        ["log mean-variance"] = new(() => T.NormalizeLogMeanVariance("F", "Distances"))
        { Saved = Refused, Names = "NormalizingTransformer", Converted = Refused },
        ["robust scaling"] = new(() => T.NormalizeRobustScaling("F", "Distances")),
        ["binning"] = new(() => T.NormalizeBinning("F", "Distances"))
        { Saved = Refused, Names = "NormalizingTransformer", Converted = Refused },
        ["supervised binning"] = new(() => T.Conversion.MapValueToKey("L", "Town")
            .Append(T.NormalizeSupervisedBinning("F", "Distances", "L")))
        { Saved = Refused, Names = "NormalizingTransformer", Converted = Refused },
        ["Lp norm"] = new(() => T.NormalizeLpNorm("F", "Distances")),
        ["L1 norm"] = new(() => T.NormalizeLpNorm("F", "Distances", NormFunction.L1)),
        ["max norm"] = new(() => T.NormalizeLpNorm("F", "Distances", NormFunction.Infinity)) { Converted = Differs },
        ["deviation norm"] = new(() => T.NormalizeLpNorm("F", "Distances", NormFunction.StandardDeviation))
        { Converted = Differs },
        ["Lp norm, zero mean"] = new(() => T.NormalizeLpNorm("F", "Distances", ensureZeroMean: true))
        { Converted = Differs },
        ["L1 norm, zero mean"] = new(() => T.NormalizeLpNorm("F", "Distances", NormFunction.L1, ensureZeroMean: true))
        { Converted = Differs },
        ["max norm, zero mean"] = new(() =>
            T.NormalizeLpNorm("F", "Distances", NormFunction.Infinity, ensureZeroMean: true))
        { Converted = Differs },
        ["Lp norm of one-hot"] = new(() => T.Categorical.OneHotEncoding("O", "Town")
            .Append(T.NormalizeLpNorm("F", "O")))
        { Converted = DoesNotRun },
        ["global contrast"] = new(() => T.NormalizeGlobalContrast("F", "Distances")) { Converted = Differs },
        ["global contrast, no deviation"] = new(() =>
            T.NormalizeGlobalContrast("F", "Distances", ensureUnitStandardDeviation: false, scale: 2))
        { Converted = Differs },
        ["concatenated"] = new(() => T.Concatenate("F", "Size", "Distances")),
        ["concatenated with one-hot"] = new(() => T.Categorical.OneHotEncoding("O", "Town")
            .Append(T.Concatenate("F", "O", "Size"))),
        ["concatenated with bag of vector"] = new(() => T.Categorical.OneHotEncoding("O", "Towns")
            .Append(T.Concatenate("F", "O", "Size"))),
        ["concatenated doubles"] = new(() => T.Concatenate("F", "Age", "Doubles")),
        ["concatenated Int32"] = new(() => T.Concatenate("F", "Rooms", "Whole")),
        ["concatenated Byte"] = new(() => T.Concatenate("F", "Level", "Level")) { Converted = DoesNotRun },
        ["concatenated Boolean"] = new(() => T.Concatenate("F", "Garden", "Flags"))
        { Saved = Refused, Names = "ColumnConcatenatingTransformer", Converted = Refused },
        ["concatenated images"] = new(() => T.Concatenate("F", "Photo", "Size")),
        ["concatenated text, one-hot"] = new(() => T.Concatenate("C", "Town", "Towns")
            .Append(T.Categorical.OneHotEncoding("F", "C")))
        { Saved = Refused, Names = "ColumnConcatenatingTransformer", Converted = Refused },
        ["principal components"] = new(() => T.ProjectToPrincipalComponents("F", "Distances", rank: 2)),
        ["principal components of one-hot"] = new(() => T.Categorical.OneHotEncoding("O", "Town")
            .Append(T.ProjectToPrincipalComponents("F", "O", rank: 2)))
        { Converted = DoesNotRun },
        ["kernel map"] = new(() => T.ApproximatedKernelMap("F", "Distances", rank: 4))
        { Saved = Refused, Names = "ApproximatedKernelTransformer", Converted = Refused },
        ["selected by count"] = new(() => T.Categorical.OneHotEncoding("O", "Town")
            .Append(T.FeatureSelection.SelectFeaturesBasedOnCount("F", "O", 8)))
        { Converted = DoesNotRun },
        ["selected by count, whole"] = new(() => T.FeatureSelection.SelectFeaturesBasedOnCount("F", "Distances", 1)),
        ["selected by count of gaps"] = new(() => T.ReplaceMissingValues("G", "Gaps")
            .Append(T.FeatureSelection.SelectFeaturesBasedOnCount("F", "G", 28)))
        { Converted = RowByRow },
        ["selected by count, none"] = new(() => T.FeatureSelection.SelectFeaturesBasedOnCount("F", "Distances", 1000))
        { Converted = RowByRow },
        ["selected by count, no Double"] = new(() =>
            T.FeatureSelection.SelectFeaturesBasedOnCount("F", "Doubles", 1000))
        { Converted = RowByRow },
        ["selected by mutual information"] = new(() =>
            T.FeatureSelection.SelectFeaturesBasedOnMutualInformation("F", "Distances", "Garden", slotsInOutput: 2))
        { Converted = RowByRow },
        ["expression"] = new(() => T.Expression("F", "x => x * 2", "Size"))
        { Saved = Refused, Names = "ExpressionTransformer", Converted = Refused },
    };
}
