using System.Diagnostics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A failure on one rank ends the run on all, in time and with the reason, and the run can be
/// resumed.</summary>
[TestClass]
public sealed class FaultTests
{
    /// <summary>The time that a launcher may need to end its processes on a busy machine.</summary>
    const int SecondsToEnd = 60;

    /// <summary>Open MPI otherwise ends the other ranks when one has ended, maybe before they say why. The launcher's
    /// exit code is then 0.</summary>
    static readonly (string, string) s_lettingEachRankEnd = ("OMPI_MCA_orte_abort_on_non_zero_status", "0");

    [TestInitialize]
    public void RequireLauncher()
    {
        if (!Job.IsPossible) Assert.Inconclusive("There is no mpirun on this machine.");
    }

    [TestMethod]
    public void After_a_rank_is_killed_at_any_time_the_run_ends_everywhere_and_resumes_to_the_same_weights()
    {
        using Job whole = Job.Run(3, "train model=dropout epochs=3");
        var random = new Random(20);
        int interrupted = 0;
        for (int attempt = 0; attempt < 20; attempt++)
        {
            string folder = Directory.CreateTempSubdirectory("mpi").FullName,
                work = $"train model=dropout epochs=3 checkpoint={folder}/state every=7 pause=10";
            int victim = random.Next(3), moment = random.Next(900);
            using (Job job = Job.Start(3, work, folder))
            {
                while (!job.HasExited && Enumerable.Range(0, 3).Any(rank => job.ProcessOf(rank) is null))
                    Thread.Sleep(10);
                Thread.Sleep(moment);
                Kill(job.ProcessOf(victim)!.Value);
                var clock = Stopwatch.StartNew();
                job.Wait(SecondsToEnd);
                string what = $"attempt {attempt}, rank {victim} after {moment} ms: {job.Output}";
                for (int rank = 0; rank < 3; rank++)
                    Assert.IsTrue(IsOver(job.ProcessOf(rank)!.Value), $"rank {rank} still runs; {what}");
                if (job.ExitCode != 0)
                {
                    interrupted++;
                    Assert.Contains($"rank {victim}", job.Output, what);
                }
            }
            using Job resumed = Job.Run(3,
                $"train model=dropout epochs=3 checkpoint={folder}/state every=7 pause=0 resume=yes", folder);
            CollectionAssert.AreEqual(whole.Floats("weights"), resumed.Floats("weights"), $"attempt {attempt}");
            Directory.Delete(folder, recursive: true);
        }
        // Some runs may have finished before the rank was killed, but only a few.
        Assert.IsGreaterThan(15, interrupted);
    }

    [TestMethod]
    public void A_run_is_resumed_by_a_different_number_of_ranks()
    {
        string folder = Directory.CreateTempSubdirectory("mpi").FullName;
        using Job whole = Job.Run(4, "train model=dropout epochs=4");
        using (Job.Run(3, $"train model=dropout epochs=2 checkpoint={folder}/state every=19", folder))
        {
        }
        using Job resumed = Job.Run(2, $"train model=dropout epochs=4 checkpoint={folder}/state every=19 resume=yes",
            folder);
        MpiTests.Near(whole.Floats("weights"), resumed.Floats("weights"), 1e-6, "weights");
        MpiTests.Near(whole.History()["val_loss"], resumed.History()["val_loss"], 1e-5, "val_loss");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void A_rank_that_hangs_ends_the_run_and_is_named(int rank)
    {
        using Job job = Job.Start(3, $"train hang={rank} timeout=3").Wait(3 + SecondsToEnd);
        Assert.AreNotEqual(0, job.ExitCode);
        Assert.Contains($"rank {rank} did not respond", job.Output);
    }

    [TestMethod]
    public void A_rank_that_fails_ends_the_run()
    {
        using Job job = Job.Start(3, "train throw=1").Wait(SecondsToEnd);
        Assert.AreNotEqual(0, job.ExitCode);
        Assert.Contains("the callback fails", job.Output);
    }

    [TestMethod]
    [DataRow("train fewer=1", "rank 1 has 1191 samples, rank 0 has 1198")]
    [DataRow("train batch=2", "A batch of 2 samples cannot be divided among 3 ranks")]
    public void Incompatible_arguments_are_rejected_on_every_rank(string work, string expected)
    {
        using Job job = Job.Start(3, work, environment: [s_lettingEachRankEnd]).Wait();
        AssertRefusedBy(3, expected, job);
    }

    [TestMethod]
    [DataRow("/nowhere/libmpi.so", "No MPI library was found: tried /nowhere/libmpi.so")]
    [DataRow("libc.so.6", "is not an MPI library")]
    public void A_missing_or_wrong_library_is_rejected_on_every_rank(string library, string expected)
    {
        using Job job = Job.Start(2, "train", environment: [("KERASML_MPI", library), s_lettingEachRankEnd]).Wait();
        AssertRefusedBy(2, expected, job);
    }

    [TestMethod]
    public void Without_a_launcher_no_library_is_needed()
    {
        using Job job = Job.Start(0, "train epochs=1", environment: [("KERASML_MPI", "/nowhere/libmpi.so")]).Wait();
        Assert.AreEqual(0, job.ExitCode, job.Output);
    }

    [TestMethod]
    public void Arguments_are_checked()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Distribution.Mpi(TimeSpan.Zero));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Distribution.Mpi(predictions: (PredictionResults)7));
    }

    static void AssertRefusedBy(int ranks, string reason, Job job)
    {
        string[] refusals = [.. job.Output.Split('\n').Where(line => line.StartsWith("refused: "))];
        Assert.HasCount(ranks, refusals, job.Output);
        foreach (string refusal in refusals) Assert.Contains(reason, refusal);
    }

    static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (ArgumentException)
        {
            // It finished first.
        }
    }

    static bool IsOver(int process)
    {
        for (int i = 0; i < 100; i++)
        {
            try
            {
                if (Process.GetProcessById(process).HasExited) return true;
            }
            catch (ArgumentException)
            {
                return true;
            }
            Thread.Sleep(50);
        }
        return false;
    }
}
