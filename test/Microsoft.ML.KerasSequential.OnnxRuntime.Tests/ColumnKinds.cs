using Microsoft.ML.Transforms.Text;
using CaseMode = Microsoft.ML.Transforms.Text.TextNormalizingEstimator.CaseMode;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The result of a pipeline in ONNX Runtime, compared with ML.NET.</summary>
internal enum Outcome
{
    /// <summary>The same, for one row and for many at once.</summary>
    Right,

    /// <summary>The same for one row; many at once give an error, fewer rows, or different numbers.</summary>
    RowByRow,

    /// <summary>Different numbers if a value is missing, or in general.</summary>
    Differs,

    /// <summary>The file does not load, or does not run.</summary>
    DoesNotRun,

    /// <summary>The export fails.</summary>
    Refused,
}

/// <summary>A kind of column.</summary>
/// <param name="Featurizer">Creates a column F of this kind from a <see cref="KindRow"/>.</param>
internal sealed record ColumnKind(Func<IEstimator<ITransformer>> Featurizer)
{
    /// <summary>The outcome of <c>SaveAsOnnx</c>.</summary>
    public Outcome Saved { get; init; }

    /// <summary>What the error of <c>SaveAsOnnx</c> names.</summary>
    public string Names { get; init; } = "";

    /// <summary>
    /// The outcome of ML.NET's own <c>ConvertToOnnx</c>: if it is not <see cref="Outcome.Right"/>, its writers are at
    /// fault.
    /// </summary>
    public Outcome Converted { get; init; }
}

/// <summary>The kinds of columns that ML.NET pipelines create.</summary>
internal static partial class ColumnKinds
{
    static readonly MLContext s_ml = new(seed: 1);

    static readonly string[] s_towns = ["Ulm", "Bonn", "Essen", "Trier"];

    static readonly string[] s_words = ["bright", "old", "quiet", "central", "garden", "view", "cellar", "new"];

    /// <summary>ML.NET does not export the removal of characters.</summary>
    static readonly TextFeaturizingEstimator.Options s_withCharacters = new()
    {
        KeepDiacritics = true,
        KeepPunctuations = true,
        KeepNumbers = true,
        CaseMode = CaseMode.None,
    };

    static readonly TextFeaturizingEstimator.Options s_exportable = new()
    {
        KeepDiacritics = true,
        KeepPunctuations = true,
        KeepNumbers = true,
        CaseMode = CaseMode.None,
        CharFeatureExtractor = null,
    };

    static TransformsCatalog T => s_ml.Transforms;

    /// <summary>All kinds, by description.</summary>
    public static IReadOnlyDictionary<string, ColumnKind> All =>
        s_values.Concat(s_vectors).Concat(s_keys).Concat(s_texts).ToDictionary(k => k.Key, k => k.Value);

    /// <summary>Training rows.</summary>
    public static KindRow[] Training => Rows(40, seed: 1);

    /// <summary>Other rows, some with missing values and unseen texts.</summary>
    public static KindRow[] Test => Rows(20, seed: 2);

    static KindRow[] Rows(int count, int seed) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var random = new Random(seed * 100_003 + i);
        bool isTest = seed > 1;
        return new KindRow
        {
            Size = 3 * random.NextSingle(),
            Gap = random.Next(3) == 0 ? float.NaN : random.NextSingle(),
            Age = 3 * random.NextDouble(),
            Signed = (sbyte)random.Next(-3, 4),
            Level = (byte)random.Next(4),
            Floor = (short)random.Next(-2, 3),
            Year = (ushort)random.Next(5),
            Rooms = random.Next(-1, 4),
            Count = (uint)random.Next(5),
            Number = random.Next(-1, 4),
            Code = (ulong)random.Next(5),
            Garden = random.Next(2) == 0,
            Town = isTest && i % 5 == 0 ? "" : isTest && i % 5 == 1 ? "Rom" : Any(s_towns),
            Place = i % 2 == 0 ? "Köln" : "Ulm",
            Advert = isTest && i % 7 == 0 ? "" : string.Join(' ', Many(2 + random.Next(5), _ => Any(s_words))),
            Distances = Many(4, _ => isTest && i % 6 == 0 ? 0 : random.NextSingle() - 0.6f),
            Gaps = Many(4, slot => random.Next(slot == 1 ? 2 : 6) == 0 ? float.NaN : random.NextSingle()),
            Doubles = Many(3, _ => random.NextDouble() - 0.3),
            Whole = Many(3, _ => random.Next(-2, 5)),
            Flags = Many(3, _ => random.Next(2) == 0),
            Towns = [isTest && i % 5 == 0 ? "" : Any(s_towns), isTest && i % 5 == 1 ? "Rom" : Any(s_towns)],
            Photo = Many(36, place => place == 5 ? 0 : random.NextSingle()),
            Price = random.NextSingle(),
        };

        string Any(string[] texts) => texts[random.Next(texts.Length)];

        static TValue[] Many<TValue>(int size, Func<int, TValue> value) => [.. Enumerable.Range(0, size).Select(value)];
    })];

    static Transforms.ColumnCopyingEstimator Copy(string column) => T.CopyColumns("F", column);

    static string Embeddings()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("keras").FullName, "words.txt");
        File.WriteAllLines(file, s_words.Select((word, i) => $"{word} {i} {i / 2} {-i}"));
        return file;
    }
}
