using static Microsoft.ML.KerasSequential.Tests.Outcome;
using CaseMode = Microsoft.ML.Transforms.Text.TextNormalizingEstimator.CaseMode;
using WeightingCriteria = Microsoft.ML.Transforms.Text.NgramExtractingEstimator.WeightingCriteria;

namespace Microsoft.ML.KerasSequential.Tests;

/// <content>Texts as vectors.</content>
internal static partial class ColumnKinds
{
    static readonly Dictionary<string, ColumnKind> s_texts = new()
    {
        ["word embedding"] = new(() => T.Text.TokenizeIntoWords("W", "Advert")
            .Append(T.Text.ApplyWordEmbedding("F", Embeddings(), "W")))
        { Saved = Refused, Names = "WordEmbeddingTransformer", Converted = DoesNotRun },
        ["words as bag by idf"] = new(() =>
            T.Text.ProduceWordBags("F", "Advert", ngramLength: 2, weighting: WeightingCriteria.TfIdf))
        { Converted = Differs },
        ["words as bag by idf alone"] = new(() =>
            T.Text.ProduceWordBags("F", "Advert", ngramLength: 2, weighting: WeightingCriteria.Idf))
        { Converted = Differs },
        ["words as bag, skipping"] = new(() => T.Text.ProduceWordBags("F", "Advert", ngramLength: 2, skipLength: 1))
        { Converted = RowByRow },
        ["pairs of words alone"] = new(() =>
            T.Text.ProduceWordBags("F", "Advert", ngramLength: 2, useAllLengths: false))
        { Converted = RowByRow },
        ["featurized text with characters"] = new(() => T.Text.FeaturizeText("F", s_withCharacters, "Advert"))
        { Converted = RowByRow },
        ["topics"] = new(() => T.Text.ProduceWordBags("B", "Advert")
            .Append(T.Text.LatentDirichletAllocation("F", "B", numberOfTopics: 3)))
        { Saved = Refused, Names = "LatentDirichletAllocationTransformer", Converted = Refused },
        ["words as bag"] = new(() => T.Text.ProduceWordBags("F", "Advert")) { Converted = RowByRow },
        ["words as hashed bag"] = new(() => T.Text.ProduceHashedWordBags("F", "Advert", numberOfBits: 4))
        { Saved = Refused, Names = "NgramHashingTransformer", Converted = Refused },
        ["n-grams"] = new(() => T.Text.TokenizeIntoWords("W", "Advert")
            .Append(T.Conversion.MapValueToKey("W"))
            .Append(T.Text.ProduceNgrams("F", "W", ngramLength: 2)))
        { Converted = RowByRow },
        ["hashed n-grams"] = new(() => T.Text.TokenizeIntoWords("W", "Advert")
            .Append(T.Conversion.MapValueToKey("W"))
            .Append(T.Text.ProduceHashedNgrams("F", "W", numberOfBits: 4)))
        { Saved = Refused, Names = "NgramHashingTransformer", Converted = Refused },
        ["n-grams of characters"] = new(() => T.Text.TokenizeIntoCharactersAsKeys("W", "Advert")
            .Append(T.Text.ProduceNgrams("F", "W", ngramLength: 2)))
        { Converted = RowByRow },
        ["bag of words as keys"] = new(() => T.Text.TokenizeIntoWords("W", "Advert")
            .Append(T.Conversion.MapValueToKey("W"))
            .Append(T.Conversion.MapKeyToVector("F", "W", outputCountVector: true)))
        { Converted = RowByRow },
        ["featurized text"] = new(() => T.Text.FeaturizeText("F", s_exportable, "Advert")) { Converted = RowByRow },
        ["featurized text by default"] = new(() => T.Text.FeaturizeText("F", "Advert"))
        { Saved = Refused, Names = "TextFeaturizingEstimator", Converted = Refused },
        ["normalized text as key"] = new(() => T.Text.NormalizeText("N", "Town", CaseMode.None, keepDiacritics: true)
            .Append(T.Conversion.MapValueToKey("F", "N"))),
        ["selected words"] = new(() => T.Text.ProduceWordBags("B", "Advert")
            .Append(T.FeatureSelection.SelectFeaturesBasedOnCount("F", "B", 15)))
        { Converted = RowByRow },
    };
}
