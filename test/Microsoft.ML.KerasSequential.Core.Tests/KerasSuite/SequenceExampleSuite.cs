using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Preprocessing;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>Keras' text and sequence examples, on small data.</summary>
[TestClass]
public sealed class SequenceExampleSuite
{
    const int Words = 40, Length = 20;

    [TestInitialize]
    public void Seed() => K.SetRandomSeed(11);

    static double Learns(Layer[] layers, Optimizer optimizer, int epochs, int batchSize = 16)
    {
        (NDArray x, NDArray y) = ExampleData.Texts(200, Length, Words, seed: 1);
        (NDArray xTest, NDArray yTest) = ExampleData.Texts(100, Length, Words, seed: 2);
        using var model = new Sequential();
        foreach (Layer layer in layers) model.Add(layer);
        model.Compile(loss: "binary_crossentropy", optimizer: optimizer, metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: batchSize, epochs: epochs, validationData: (xTest, yTest), verbose: 0);
        CollectionAssert.AreEqual(new[] { 100, 1 }, model.PredictClasses(xTest).Shape.ToArray());
        return model.Evaluate(xTest, yTest, verbose: 0)["accuracy"];
    }

    [TestMethod]
    public void Imdb_lstm() => Assert.IsTrue(Learns(
        [new Embedding(Words, 16), new LSTM(16, dropout: 0.2, recurrentDropout: 0.2),
            new Dense(1, activation: "sigmoid")], new Adam(0.01), 5) > 0.8);

    [TestMethod]
    public void Imdb_bidirectional_lstm() => Assert.IsTrue(Learns(
        [new Embedding(Words, 16, inputLength: Length), new Bidirectional(new LSTM(8)), new Dropout(0.5),
            new Dense(1, activation: "sigmoid")], new Adam(0.01), 5) > 0.8);

    [TestMethod]
    public void Imdb_cnn() => Assert.IsTrue(Learns(
        [
            new Embedding(Words, 16, inputLength: Length), new Dropout(0.2),
                new Conv1D(32, 3, padding: "valid", activation: "relu", strides: 1), new GlobalMaxPooling1D(),
            new Dense(16), new Dropout(0.2), new Activation("relu"), new Dense(1), new Activation("sigmoid"),
        ], new Adam(0.01), 6) > 0.8);

    [TestMethod]
    public void Imdb_cnn_lstm() => Assert.IsTrue(Learns(
        [
            new Embedding(Words, 16, inputLength: Length), new Dropout(0.25),
                new Conv1D(16, 5, padding: "valid", activation: "relu", strides: 1), new MaxPooling1D(poolSize: 4),
            new LSTM(12), new Dense(1), new Activation("sigmoid"),
        ], new Adam(0.01), 6) > 0.8);

    [TestMethod]
    public void Imdb_fasttext() => Assert.IsTrue(Learns(
        [new Embedding(Words, 16, inputLength: Length), new GlobalAveragePooling1D(),
            new Dense(1, activation: "sigmoid")], new Adam(0.02), 8) > 0.85);

    [TestMethod]
    [DataRow("relu", "glorot_uniform")]
    [DataRow("selu", "lecun_normal")]
    public void Reuters_mlp(string activation, string initializer)
    {
        (NDArray x, NDArray y) = ExampleData.Bags(300, 120, 6, seed: 1);
        (NDArray xTest, NDArray yTest) = ExampleData.Bags(100, 120, 6, seed: 2);
        using var model = new Sequential();
        model.Add(new Dense(64, inputShape: [120], kernelInitializer: initializer));
        model.Add(new Activation(activation));
        model.Add(activation == "selu" ? new AlphaDropout(0.1) : new Dropout(0.5));
        model.Add(new Dense(6));
        model.Add(new Activation("softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 32, epochs: 12, verbose: 0, validationSplit: 0.1);
        Assert.IsTrue(model.Evaluate(xTest, yTest, batchSize: 32, verbose: 0)[1] > 0.9);
    }

    [TestMethod]
    public void Addition_rnn()
    {
        // All sums of two digits; questions are read backward.
        const string characters = "0123456789+ ";
        const int digits = 1, longest = digits + 1 + digits;
        (int A, int B)[] questions = [.. Enumerable.Range(0, 100).Select(i => (i / 10, i % 10))];
        NDArray x = new(100, longest, characters.Length), y = new(100, digits + 1, characters.Length);
        for (int i = 0; i < 100; i++)
        {
            string question = $"{questions[i].A}+{questions[i].B}".PadRight(longest),
                answer = $"{questions[i].A + questions[i].B}".PadRight(digits + 1);
            for (int k = 0; k < longest; k++) x[i, k, characters.IndexOf(question[longest - 1 - k])] = 1;
            for (int k = 0; k <= digits; k++) y[i, k, characters.IndexOf(answer[k])] = 1;
        }
        using var model = new Sequential();
        model.Add(new LSTM(32, inputShape: [longest, characters.Length]));
        model.Add(new RepeatVector(digits + 1));
        model.Add(new LSTM(32, returnSequences: true));
        model.Add(new TimeDistributed(new Dense(characters.Length, activation: "softmax")));
        model.Compile(loss: "categorical_crossentropy", optimizer: new Adam(0.01), metrics: ["accuracy"]);
        model.Summary(printFn: _ => { });
        History history = model.Fit(x, y, batchSize: 10, epochs: 40, verbose: 0);
        Assert.IsTrue(history["accuracy"][^1] > 0.85, $"accuracy {history["accuracy"][^1]}");
        NDArray answers = model.PredictClasses(x, verbose: 0);
        CollectionAssert.AreEqual(new[] { 100, digits + 1 }, answers.Shape.ToArray());
        int right = Enumerable.Range(0, 100).Count(i =>
            $"{characters[(int)answers[i, 0]]}{characters[(int)answers[i, 1]]}".Trim()
                == $"{questions[i].A + questions[i].B}");
        Assert.IsTrue(right > 60, $"{right} of 100 sums");
    }

    [TestMethod]
    public void Lstm_text_generation()
    {
        const int longest = 10, step = 1;
        string text = string.Concat(Enumerable.Repeat("the quick brown fox jumps over the lazy dog. ", 5));
        char[] characters = [.. text.Distinct().Order()];
        int[] starts = [.. Enumerable.Range(0, (text.Length - longest) / step).Select(i => i * step)];
        NDArray x = new(starts.Length, longest, characters.Length), y = new(starts.Length, characters.Length);
        for (int i = 0; i < starts.Length; i++)
        {
            Encode(text.Substring(starts[i], longest), x, i);
            y[i, Array.IndexOf(characters, text[starts[i] + longest])] = 1;
        }

        void Encode(string sentence, NDArray into, int row)
        {
            for (int k = 0; k < sentence.Length; k++) into[row, k, Array.IndexOf(characters, sentence[k])] = 1;
        }

        using var model = new Sequential();
        model.Add(new LSTM(48, inputShape: [longest, characters.Length]));
        model.Add(new Dense(characters.Length, activation: "softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: new RMSprop(learningRate: 0.01));
        var random = new Random(3);
        var generated = new List<string>();
        var printing = new LambdaCallback(onEpochEnd: (epoch, _) =>
        {
            string sentence = text[..longest], written = sentence;
            for (int i = 0; i < 20; i++)
            {
                var seen = new NDArray(1, longest, characters.Length);
                Encode(sentence, seen, 0);
                char next = characters[Sample(model.Predict(seen, verbose: 0).ToArray(), 0.2)];
                (sentence, written) = (sentence[1..] + next, written + next);
            }
            generated.Add(written);
        });

        // The lower the temperature, the more probable the most likely letter.
        int Sample(float[] probabilities, double temperature)
        {
            double[] weights = [.. probabilities.Select(p => Math.Exp(Math.Log(p) / temperature))];
            double left = random.NextDouble() * weights.Sum();
            int chosen = 0;
            while (chosen < weights.Length - 1 && (left -= weights[chosen]) > 0) chosen++;
            return chosen;
        }

        model.Fit(x, y, batchSize: 16, epochs: 20, callbacks: [printing], verbose: 0);
        Assert.HasCount(20, generated);
        // Letters are sampled, and an epoch's last steps may have gone wrong, depending on the CPU's rounding.
        CollectionAssert.Contains(generated[^5..], text[..(longest + 20)]);
    }

    [TestMethod]
    public void Lstm_stateful()
    {
        // The target is the mean of two inputs, but a step sees one: only a state that persists from batch to batch can
        // know the other.
        const int count = 300, toTrain = 240;
        NDArray series = Random(0.2, count + 1);
        foreach (ref float value in series.Span) value -= 0.1f;
        NDArray x = new(count, 1, 1), y = new(count, 1);
        for (int i = 0; i < count; i++)
            (x.Span[i], y.Span[i]) = (series.Span[i + 1], (series.Span[i] + series.Span[i + 1]) / 2);
        NDArray xTrain = x.Slice(0, toTrain), yTrain = y.Slice(0, toTrain), xTest = x.Slice(toTrain, count - toTrain),
            yTest = y.Slice(toTrain, count - toTrain);

        Sequential Make(bool stateful)
        {
            var model = new Sequential();
            model.Add(new LSTM(20, inputShape: [1, 1], batchSize: 1, stateful: stateful));
            model.Add(new Dense(1));
            model.Compile(loss: "mse", optimizer: "adam");
            return model;
        }

        using Sequential withState = Make(true), without = Make(false);
        for (int epoch = 0; epoch < 10; epoch++)
        {
            withState.Fit(xTrain, yTrain, batchSize: 1, epochs: 1, verbose: 0, validationData: (xTest, yTest),
                shuffle: false);
            withState.ResetStates();
        }
        without.Fit(xTrain, yTrain, batchSize: 1, epochs: 10, verbose: 0, validationData: (xTest, yTest),
            shuffle: false);
        double Error(Sequential model)
        {
            NDArray predicted = model.Predict(xTest, batchSize: 1);
            return Enumerable.Range(0, yTest.Size).Average(i => Math.Pow(predicted.Span[i] - yTest.Span[i], 2));
        }

        double stateful = Error(withState), stateless = Error(without);
        Assert.IsTrue(stateful < 0.5 * stateless, $"{stateful} and {stateless}");
    }

    [TestMethod]
    public void Texts_are_classified_by_their_words()
    {
        string[] texts =
            [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? $"a good film number {i}" : $"a bad film number {i}")];
        var tokenizer = new Tokenizer(numWords: 20);
        tokenizer.FitOnTexts(texts);
        NDArray x = Sequence.PadSequences(tokenizer.TextsToSequences(texts), maxlen: 6), y = new(60);
        for (int i = 1; i < 60; i += 2) y.Span[i] = 1;
        using var model =
            new Sequential([new Embedding(20, 8, maskZero: true), new LSTM(8), new Dense(1, activation: "sigmoid")]);
        model.Compile("adam", "binary_crossentropy", metrics: ["accuracy"]);
        Assert.IsTrue(model.Fit(x, y, epochs: 20, batchSize: 8, verbose: 0)["accuracy"][^1] == 1);
    }
}
