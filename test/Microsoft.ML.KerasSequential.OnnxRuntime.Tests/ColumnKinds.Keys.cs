using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using static Microsoft.ML.KerasSequential.Tests.Outcome;
using OutputKind = Microsoft.ML.Transforms.OneHotEncodingEstimator.OutputKind;

namespace Microsoft.ML.KerasSequential.Tests;

/// <content>Keys, and columns derived from them.</content>
internal static partial class ColumnKinds
{
    static readonly Dictionary<string, ColumnKind> s_keys = new()
    {
        ["one-hot Binary, in place"] = new(() => T.Categorical.OneHotEncoding("Gaps", "Town", OutputKind.Binary)
            .Append(T.CopyColumns("F", "Gaps")))
        { Saved = Refused, Names = "OneHotEncodingTransformer", Converted = Refused },
        ["custom, in place"] = new(() =>
            T.CustomMapping<KindRow, InPlace>((from, to) => to.Gaps = [.. from.Distances.Select(d => d * d)], null)
            .Append(T.CopyColumns("F", "Gaps")))
        { Saved = Refused, Names = "CustomMappingTransformer`2", Converted = Refused },
        ["hash of a gap"] = new(() => T.Conversion.Hash("F", "Gap", numberOfBits: 4)) { Converted = Differs },
        ["key of text"] = new(() => T.Conversion.MapValueToKey("F", "Town")),
        ["key of texts"] = new(() => T.Conversion.MapValueToKey("F", "Towns")),
        ["key of Single"] = new(() => T.Conversion.ConvertType("R", "Level", DataKind.Single)
            .Append(T.Conversion.MapValueToKey("F", "R"))),
        ["key of Double"] = new(() => T.Conversion.ConvertType("R", "Level", DataKind.Double)
            .Append(T.Conversion.MapValueToKey("F", "R"))),
        ["key of Int32"] = new(() => T.Conversion.MapValueToKey("F", "Rooms")),
        ["key of UInt64"] = new(() => T.Conversion.MapValueToKey("F", "Code")),
        ["key of Byte"] = new(() => T.Conversion.MapValueToKey("F", "Level"))
        { Saved = Refused, Names = "ValueToKeyMappingTransformer", Converted = Refused },
        ["key of Boolean"] = new(() => T.Conversion.MapValueToKey("F", "Garden")),
        ["one-hot"] = new(() => T.Categorical.OneHotEncoding("F", "Town")),
        ["one-hot in place"] = new(() => T.Categorical.OneHotEncoding("Town").Append(T.CopyColumns("F", "Town"))),
        ["one-hot Bag"] = new(() => T.Categorical.OneHotEncoding("F", "Town", OutputKind.Bag)),
        ["one-hot Key"] = new(() => T.Categorical.OneHotEncoding("F", "Town", OutputKind.Key)),
        ["one-hot Binary"] = new(() => T.Categorical.OneHotEncoding("F", "Town", OutputKind.Binary))
        { Saved = Refused, Names = "OneHotEncodingTransformer", Converted = Refused },
        ["one-hot of vector"] = new(() => T.Categorical.OneHotEncoding("F", "Towns")),
        ["one-hot Bag of vector"] = new(() => T.Categorical.OneHotEncoding("F", "Towns", OutputKind.Bag)),
        ["one-hot Key of vector"] = new(() => T.Categorical.OneHotEncoding("F", "Towns", OutputKind.Key)),
        ["one-hot Binary of vector"] = new(() => T.Categorical.OneHotEncoding("F", "Towns", OutputKind.Binary))
        { Saved = Refused, Names = "OneHotEncodingTransformer", Converted = Refused },
        ["one-hot of Int32"] = new(() => T.Categorical.OneHotEncoding("F", "Rooms")),
        ["one-hot of Boolean"] = new(() => T.Categorical.OneHotEncoding("F", "Garden")),
        ["one-hot hash"] = new(() => T.Categorical.OneHotHashEncoding("F", "Town", numberOfBits: 3))
        { Converted = Differs },
        ["one-hot hash Bag"] = new(() => T.Categorical.OneHotHashEncoding("F", "Town", OutputKind.Bag, numberOfBits: 3))
        { Converted = Differs },
        ["one-hot hash Key"] = new(() => T.Categorical.OneHotHashEncoding("F", "Town", OutputKind.Key, numberOfBits: 3))
        { Converted = Differs },
        ["one-hot hash Binary"] = new(() =>
            T.Categorical.OneHotHashEncoding("F", "Town", OutputKind.Binary, numberOfBits: 3))
        { Saved = Refused, Names = "OneHotHashEncodingTransformer", Converted = Refused },
        ["one-hot hash of vector"] = new(() => T.Categorical.OneHotHashEncoding("F", "Towns", numberOfBits: 3))
        { Saved = Refused, Names = "OneHotHashEncodingTransformer", Converted = DoesNotRun },
        ["one-hot hash of vector unordered"] = new(() =>
            T.Categorical.OneHotHashEncoding("F", "Towns", numberOfBits: 3, useOrderedHashing: false))
        { Converted = Differs },
        ["one-hot hash Bag of vector unordered"] = new(() =>
            T.Categorical.OneHotHashEncoding("F", "Towns", OutputKind.Bag, numberOfBits: 3, useOrderedHashing: false))
        { Converted = Differs },
        ["one-hot hash of Int32"] = new(() => T.Categorical.OneHotHashEncoding("F", "Rooms", numberOfBits: 3)),
        ["hash of text"] = new(() => T.Conversion.Hash("F", "Town", numberOfBits: 4)) { Converted = Differs },
        ["hash of text beyond ASCII"] = new(() => T.Conversion.Hash("F", "Place", numberOfBits: 4))
        { Saved = Differs, Converted = Differs },
        ["one-hot beyond ASCII"] = new(() => T.Categorical.OneHotEncoding("F", "Place")),
        ["hash of texts"] = new(() => T.Conversion.Hash("F", "Towns", numberOfBits: 4)) { Converted = Differs },
        ["hash of Int32"] = new(() => T.Conversion.Hash("F", "Rooms", numberOfBits: 4)),
        ["hash of Int64"] = new(() => T.Conversion.Hash("F", "Number", numberOfBits: 4)),
        ["hash of Single"] = new(() => T.Conversion.Hash("F", "Size", numberOfBits: 4)),
        ["hash of Double"] = new(() => T.Conversion.Hash("F", "Age", numberOfBits: 4)),
        ["hash of Boolean"] = new(() => T.Conversion.Hash("F", "Garden", numberOfBits: 4)),
        ["hash of Byte"] = new(() => T.Conversion.Hash("F", "Level", numberOfBits: 4)),
        ["hash of Int16"] = new(() => T.Conversion.Hash("F", "Floor", numberOfBits: 4)),
        ["hash of key"] = new(() => T.Conversion.MapValueToKey("K", "Town")
            .Append(T.Conversion.Hash("F", "K", numberOfBits: 4))),
        ["hash of several"] = new(() =>
            T.Conversion.Hash(new HashingEstimator.ColumnOptions("F", "Towns", numberOfBits: 4, combine: true)))
        { Saved = Refused, Names = "HashingTransformer", Converted = DoesNotRun },
        ["key to vector"] = new(() => T.Conversion.MapValueToKey("K", "Town")
            .Append(T.Conversion.MapKeyToVector("F", "K"))),
        ["key to vector, counted"] = new(() => T.Conversion.MapValueToKey("K", "Towns")
            .Append(T.Conversion.MapKeyToVector("F", "K", outputCountVector: true))),
        ["key to binary vector"] = new(() => T.Conversion.MapValueToKey("K", "Town")
            .Append(T.Conversion.MapKeyToBinaryVector("F", "K")))
        { Saved = Refused, Names = "KeyToBinaryVectorMappingTransformer", Converted = Refused },
        ["key to value Single"] = new(() => T.Conversion.MapValueToKey("K", "Size", maximumNumberOfKeys: 10)
            .Append(T.Conversion.MapKeyToValue("F", "K"))
            .Append(T.ReplaceMissingValues("F"))),
        ["key to value Int32"] = new(() => T.Conversion.MapValueToKey("K", "Rooms", maximumNumberOfKeys: 2)
            .Append(T.Conversion.MapKeyToValue("F", "K")))
        { Converted = DoesNotRun },
        ["key to value Double"] = new(() => T.Conversion.MapValueToKey("K", "Age")
            .Append(T.Conversion.MapKeyToValue("F", "K")))
        { Converted = Differs },
        ["map of values"] = new(() =>
            T.Conversion.MapValue("F", new Dictionary<string, float> { ["Ulm"] = 0.5f, ["Bonn"] = 0.25f }, "Town")),
        ["map of values to Int32"] = new(() =>
            T.Conversion.MapValue("F", new Dictionary<string, int> { ["Ulm"] = 5, ["Bonn"] = 2 }, "Town")),
        ["map of Int32"] = new(() =>
            T.Conversion.MapValue("F", new Dictionary<int, float> { [0] = 5, [1] = 2 }, "Rooms")),
        ["converted key of text"] = new(() => T.Conversion.MapValueToKey("K", "Town")
            .Append(T.Conversion.MapKeyToValue("V", "K"))
            .Append(T.Conversion.MapValueToKey("F", "V"))),
    };
}
