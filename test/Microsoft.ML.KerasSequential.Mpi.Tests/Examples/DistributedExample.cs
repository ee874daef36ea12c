using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/distributed.md.</summary>
[TestClass]
public sealed class DistributedExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        var (x, y, newX) = (new NDArray(64, 4), new NDArray(64), new NDArray(10, 4));  // the same data on every rank
        Distribution ranks = Distribution.Mpi(timeout: TimeSpan.FromMinutes(5));   // one rank if no launcher is used

        using var model = new Sequential([
            new Dense(16, activation: "relu", inputShape: [4]),
            new Dense(3, activation: "softmax"),
        ])
        {
            Distribute = ranks,
        };
        model.Compile("adam", "sparse_categorical_crossentropy", metrics: ["accuracy"]);

        string checkpoint = Path.Combine(Path.GetTempPath(), "state.zip");
        model.Fit(x, y, batchSize: 32, epochs: 2, verbose: 2,                      // 32 samples for all ranks together
            callbacks: [new TrainingCheckpoint(checkpoint, everySteps: 100)],      // written by rank 0
            resumeFrom: File.Exists(checkpoint) ? checkpoint : null);

        NDArray scores = model.Predict(newX);                                      // rank 0: all rows; others: theirs
        if (ranks.Rank == 0) Console.WriteLine($"{scores.Shape[0]} rows by {ranks.Size} ranks");
        else Console.WriteLine($"rows {ranks.ShareOf(10).Start} to {ranks.ShareOf(10).End - 1} by rank {ranks.Rank}");
        #endregion
        Assert.AreEqual(10, scores.Shape[0]);
        File.Delete(checkpoint);
    }
}
