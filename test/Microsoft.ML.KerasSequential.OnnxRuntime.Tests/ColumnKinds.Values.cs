using Microsoft.ML.Data;
using static Microsoft.ML.KerasSequential.Tests.Outcome;
using ReplacementMode = Microsoft.ML.Transforms.MissingValueReplacingEstimator.ReplacementMode;

namespace Microsoft.ML.KerasSequential.Tests;

/// <content>Single values, and elementwise computations.</content>
internal static partial class ColumnKinds
{
    static readonly Dictionary<string, ColumnKind> s_values = new()
    {
        ["Single"] = new(() => Copy("Size")),
        ["Double"] = new(() => Copy("Age")),
        ["SByte"] = new(() => Copy("Signed")),
        ["Byte"] = new(() => Copy("Level")),
        ["Int16"] = new(() => Copy("Floor")),
        ["UInt16"] = new(() => Copy("Year")),
        ["Int32"] = new(() => Copy("Rooms")),
        ["UInt32"] = new(() => Copy("Count")),
        ["Int64"] = new(() => Copy("Number")),
        ["UInt64"] = new(() => Copy("Code")),
        ["Boolean"] = new(() => Copy("Garden")),
        ["vector of Single"] = new(() => Copy("Distances")),
        ["vector of Double"] = new(() => Copy("Doubles")),
        ["vector of Int32"] = new(() => Copy("Whole")),
        ["vector of Boolean"] = new(() => Copy("Flags")),
        ["Int32 as text as key"] = new(() => T.Conversion.ConvertType("S", "Rooms", DataKind.String)
            .Append(T.Conversion.MapValueToKey("F", "S"))),
        ["Single as text as key"] = new(() => T.Conversion.ConvertType("S", "Size", DataKind.String)
            .Append(T.Conversion.MapValueToKey("F", "S"))),
        ["Boolean to Int32"] = new(() => T.Conversion.ConvertType("F", "Garden", DataKind.Int32)),
        ["Double to Single"] = new(() => T.Conversion.ConvertType("F", "Doubles", DataKind.Single)),
        ["Single to Double"] = new(() => T.Conversion.ConvertType("F", "Distances", DataKind.Double)),
        ["gap to Boolean"] = new(() => T.Conversion.ConvertType("F", "Gap", DataKind.Boolean)),
        ["missing values' places"] = new(() => T.IndicateMissingValues("F", "Gap")),
        ["missing values' places of a vector"] = new(() => T.IndicateMissingValues("F", "Gaps")),
        ["missing values' places of doubles"] = new(() => T.IndicateMissingValues("F", "Doubles"))
        { Saved = Refused, Names = "MissingValueIndicatorTransformer", Converted = Refused },
        ["missing values' places as numbers"] = new(() => T.IndicateMissingValues("I", "Gaps")
            .Append(T.Conversion.ConvertType("F", "I"))),
        ["missing values replaced"] = new(() => T.ReplaceMissingValues("F", "Gap", ReplacementMode.Mean)),
        ["missing values of a vector replaced"] = new(() => T.ReplaceMissingValues("F", "Gaps", ReplacementMode.Mean)),
        ["missing values of a vector by one"] = new(() =>
            T.ReplaceMissingValues("F", "Gaps", ReplacementMode.Maximum, imputeBySlot: false)),
        ["missing values of doubles"] = new(() => T.ReplaceMissingValues("F", "Doubles"))
        { Saved = Refused, Names = "MissingValueReplacingTransformer", Converted = Refused },
        ["converted Boolean"] = new(() => T.Conversion.ConvertType("F", "Garden", DataKind.Single)),
        ["converted Booleans"] = new(() => T.Conversion.ConvertType("F", "Flags", DataKind.Double)),
        ["converted to Boolean"] = new(() => T.Conversion.ConvertType("F", "Distances", DataKind.Boolean)),
        ["converted Int32"] = new(() => T.Conversion.ConvertType("F", "Whole", DataKind.Single)),
        ["converted text"] = new(() =>
            T.Conversion.MapValue("N", new Dictionary<string, string> { ["Ulm"] = "0.5", ["Bonn"] = "0.25" }, "Town")
            .Append(T.Conversion.ConvertType("F", "N", DataKind.Single)))
        { Saved = Refused, Names = "ValueMappingTransformer", Converted = DoesNotRun },
    };
}
