[assembly: DoNotParallelize]

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Several ranks compute the same as one.</summary>
[TestClass]
public sealed class MpiTests
{
    [TestInitialize]
    public void RequireLauncher()
    {
        if (!Job.IsPossible) Assert.Inconclusive("There is no mpirun on this machine.");
    }

    [TestMethod]
    [DataRow("dense", "sgd", 64, "arrays")]
    [DataRow("dense", "adam", 64, "sequence")]
    [DataRow("convolution", "sgd", 64, "arrays")]
    [DataRow("recurrent", "clipped", 64, "arrays")]
    // Each sample has the same dropout as on one rank; the last batch has 5 samples, one for some ranks and two for
    // others.
    [DataRow("dropout", "sgd", 71, "arrays")]
    // The last batch of an epoch has 2 samples: two of four ranks have none.
    [DataRow("dense", "sgd", 26, "arrays")]
    [DataRow("convolution", "sgd", 26, "arrays")]
    [DataRow("recurrent", "sgd", 26, "arrays")]
    public void Any_number_of_ranks_gives_the_same_weights_and_metrics(string model, string optimizer, int batch,
        string data)
    {
        string work = $"train model={model} optimizer={optimizer} batch={batch} data={data} epochs=3";
        using Job alone = Job.Run(0, work);
        foreach (int ranks in (int[])[1, 2, 3, 4])
        {
            using Job job = Job.Run(ranks, work);
            Near(alone.Floats("weights"), job.Floats("weights"), 1e-6, $"weights of {ranks} ranks");
            foreach ((string metric, double[] values) in job.History())
                Near(alone.History()[metric], values, 1e-5, $"{metric} on {ranks} ranks");
            for (int rank = 1; rank < ranks; rank++)
            {
                CollectionAssert.AreEqual(job.Floats("weights"), job.Floats("weights", rank),
                    $"weights of rank {rank}");
                foreach ((string metric, double[] values) in job.History(rank))
                    CollectionAssert.AreEqual(job.History()[metric], values, $"{metric} of rank {rank}");
            }
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void The_same_number_of_ranks_gives_the_same_bits_again(int ranks)
    {
        using Job first = Job.Run(ranks, "train model=dropout epochs=2"),
            second = Job.Run(ranks, "train model=dropout epochs=2");
        CollectionAssert.AreEqual(first.Floats("weights"), second.Floats("weights"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    public void Rank_0_gets_all_predictions_in_order_and_the_others_their_own(int ranks)
    {
        using Job alone = Job.Run(0, "predict rows=203"), job = Job.Run(ranks, "predict rows=203");
        Near(alone.Floats("scores"), job.Floats("scores"), 1e-5, "scores");
        for (int rank = 1; rank < ranks; rank++)
            Near(Rows(alone.Floats("scores"), rank, ranks), job.Floats("scores", rank), 1e-5, $"scores of rank {rank}");
    }

    [TestMethod]
    public void Each_rank_can_keep_its_own_predictions()
    {
        using Job alone = Job.Run(0, "predict rows=2"), job = Job.Run(3, "predict rows=2 predictions=OnEachRank");
        for (int rank = 0; rank < 3; rank++)
            Near(Rows(alone.Floats("scores"), rank, 3), job.Floats("scores", rank), 1e-5, $"scores of rank {rank}");
    }

    [TestMethod]
    public void All_ranks_get_the_evaluation()
    {
        using Job alone = Job.Run(0, "evaluate"), job = Job.Run(3, "evaluate");
        string own = File.ReadAllText(job.FileOf("history", 0));
        Assert.AreEqual(own, File.ReadAllText(job.FileOf("history", 2)));
        var expected = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, double>>(
            File.ReadAllText(alone.FileOf("history", 0)))!;
        var found = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, double>>(own)!;
        foreach ((string metric, double value) in expected)
            Assert.AreEqual(value, found[metric], 1e-5, metric);
    }

    [TestMethod]
    public void Early_stopping_stops_all_ranks()
    {
        using Job job = Job.Run(3, "train epochs=9 patience=2");
        for (int rank = 0; rank < 3; rank++) Assert.HasCount(3, job.History(rank)["loss"], $"rank {rank}");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void What_one_rank_stops_all_ranks_stop(int rank)
    {
        using Job job = Job.Run(3, $"train epochs=9 stop={rank}");
        CollectionAssert.AreEqual(job.Floats("weights"), job.Floats("weights", 2));
        Assert.HasCount(1, job.History(1)["loss"]);
    }

    [TestMethod]
    public void Only_rank_0_writes_files_and_progress()
    {
        string folder = Directory.CreateTempSubdirectory("mpi").FullName;
        using Job job = Job.Run(3, $"train epochs=2 csv={folder}/log.csv", folder);
        Assert.HasCount(3, File.ReadAllLines($"{folder}/log.csv"));
        Assert.HasCount(2, job.Output.Split("Epoch 1/2"));
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void Four_ranks_on_four_networks_give_the_same_results_over_TCP()
    {
        const int NotAllowed = 77;
        string script = Path.Combine(AppContext.BaseDirectory, "mpirun-in-namespaces"),
            work = "train model=dropout epochs=3";
        using Job alone = Job.Run(0, work), job = Job.Start(4, work, launcher: ["bash", script, "4"]).Wait();
        if (job.ExitCode == NotAllowed) Assert.Inconclusive(job.Output);
        Assert.AreEqual(0, job.ExitCode, job.Output);
        for (int rank = 0; rank < 4; rank++)
            Near(alone.Floats("weights"), job.Floats("weights", rank), 1e-6, $"weights of rank {rank}");
        Near(alone.History()["val_loss"], job.History()["val_loss"], 1e-5, "val_loss");
    }

#if ILGPU
    [TestMethod]
    public void Ranks_with_one_GPU_each_exchange_through_CPU_memory()
    {
        string work = "train model=dropout epochs=1 batch=200";
        using Job alone = Job.Run(0, work),
            job = Job.Start(2, work, environment: [("KERASML_DEVICE", "emulator")]).Wait();
        Assert.AreEqual(0, job.ExitCode, job.Output);
        Assert.Contains("emulated GPU", job.Output);
        Near(alone.Floats("weights"), job.Floats("weights"), 1e-5, "weights");
        CollectionAssert.AreEqual(job.Floats("weights"), job.Floats("weights", 1));
    }
#endif

#if MLNET
    [TestMethod]
    [DataRow("dense", "all", "")]
    [DataRow("dense", "split", "")]
    [DataRow("convolution", "given", "")]
    // Exceeds the memory limit, so batches are streamed.
    [DataRow("dense", "all", " bytes=60000")]
    public void The_ML_NET_trainer_gives_the_same_results_on_any_number_of_ranks(string model, string rows, string more)
    {
        string work = $"pipeline model={model} rows={rows}{more}";
        using Job alone = Job.Run(0, work);
        foreach (int ranks in (int[])[1, 2, 3])
        {
            using Job job = Job.Run(ranks, work);
            Near(alone.Floats("weights"), job.Floats("weights"), 1e-6, $"weights of {ranks} ranks");
            foreach ((string metric, double[] values) in job.History())
                Near(alone.History()[metric], values, 1e-5, $"{metric} on {ranks} ranks");
            CollectionAssert.AreEqual(job.Floats("weights"), job.Floats("weights", ranks - 1));
        }
    }

    [TestMethod]
    public void ML_NET_rows_are_shuffled_identically_in_each_run()
    {
        using Job first = Job.Run(3, "pipeline shuffle=yes"), second = Job.Run(3, "pipeline shuffle=yes");
        CollectionAssert.AreEqual(first.Floats("weights"), second.Floats("weights"));
        Assert.IsGreaterThan(0.8, first.History()["accuracy"][^1]);
    }
#endif

    internal static float[] Rows(float[] scores, int rank, int ranks)
    {
        int rows = scores.Length / 10, start = rows * rank / ranks, end = rows * (rank + 1) / ranks;
        return scores[(start * 10)..(end * 10)];
    }

    internal static void Near<T>(IReadOnlyList<T> expected, IReadOnlyList<T> found, double tolerance,
        string what) where T : System.Numerics.INumber<T>
    {
        Assert.HasCount(expected.Count, found, what);
        for (int i = 0; i < expected.Count; i++)
            Assert.AreEqual(double.CreateChecked(expected[i]), double.CreateChecked(found[i]), tolerance,
                $"{what}, value {i}");
    }
}
