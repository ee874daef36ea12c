using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Samples;

/// <summary>
/// Classifies short reviews as positive or negative, with an embedding and an LSTM. The reviews are generated: a
/// negation reverses the next judging word, so the words alone, without their order, are not enough.
/// </summary>
internal static class Sentences
{
    static readonly string[] s_good = ["good", "great", "funny", "clever", "moving"],
        s_bad = ["bad", "dull", "boring", "silly", "weak"];
    static readonly string[] s_subjects = ["the film", "the plot", "this story", "the acting", "its ending"],
        s_verbs = ["is", "was", "seemed", "felt"];
    static readonly string[] s_negations = ["not", "never", "hardly"], s_stress = ["", "very ", "really ", "rather "];

    public static void Run(int seed)
    {
        (Sequential model, Tokenizer tokenizer, NDArray testX, NDArray testY) = Train(seed, verbose: 2);
        using (model)
        {
            Console.WriteLine(
                $"on {testX.Shape[0]} reviews not used in training: {model.Evaluate(testX, testY, verbose: 0)}");
            string[] reviews = ["The film was very good.", "The film was not very good.",
                "Its ending seemed hardly boring, and the plot is clever.",
                "This story is never funny; the acting felt weak."];
            NDArray p = model.Predict(Rows(tokenizer, reviews));
            for (int i = 0; i < reviews.Length; i++)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {p[i, 0]:0.000}  {reviews[i]}"));
        }
    }

    /// <summary>Trains on 2,000 reviews; returns 500 others with the model.</summary>
    public static (Sequential Model, Tokenizer Tokenizer, NDArray TestX, NDArray TestY) Train(int seed, int verbose)
    {
        var random = new Random(seed);
        (string Text, bool Praise)[] reviews = [.. Enumerable.Range(0, 2500).Select(_ => Review(random))];
        var tokenizer = new Tokenizer(oovToken: "<unknown>");
        tokenizer.FitOnTexts(reviews[..2000].Select(r => r.Text));
        NDArray x = Rows(tokenizer, [.. reviews.Select(r => r.Text)]),
            y = reviews.Select(r => r.Praise ? 1f : 0f).ToArray();

        var model = new Sequential([
            new Embedding(tokenizer.WordIndex.Count + 1, 16, maskZero: true),
            new LSTM(32),
            new Dense(1, activation: "sigmoid"),
        ], name: "sentences");
        model.Compile(optimizer: new Microsoft.ML.KerasSequential.Optimizers.Adam(0.005), loss: "binary_crossentropy",
            metrics: ["accuracy"]);
        model.Fit(x.Slice(0, 2000), y.Slice(0, 2000), batchSize: 32, epochs: 12, verbose: verbose,
            cancellationToken: Interrupt.Token);
        return (model, tokenizer, x.Slice(2000, 500), y.Slice(2000, 500));
    }

    static NDArray Rows(Tokenizer tokenizer, string[] texts) =>
        Sequence.PadSequences(tokenizer.TextsToSequences(texts), maxlen: 20);

    /// <summary>Two statements with the same judgment, each direct or as a negated opposite.</summary>
    static (string Text, bool Praise) Review(Random random)
    {
        bool praise = random.Next(2) == 0;
        string Pick(string[] words) => words[random.Next(words.Length)];
        string Statement()
        {
            bool negated = random.Next(2) == 0;
            string word = Pick(praise != negated ? s_good : s_bad);
            return $"{Pick(s_subjects)} {Pick(s_verbs)} "
                + $"{(negated ? $"{Pick(s_negations)} " : "")}{Pick(s_stress)}{word}";
        }
        return ($"{Statement()}, and {Statement()}.", praise);
    }
}
