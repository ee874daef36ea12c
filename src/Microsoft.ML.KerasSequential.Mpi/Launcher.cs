using System.Globalization;

namespace Microsoft.ML.KerasSequential.Mpi;

/// <summary>Detects the launcher of this process from environment variables: with a launcher, MPI is used; otherwise it
/// is a run of one rank that needs no library.</summary>
internal static class Launcher
{
    // Open MPI; PMIx (srun, prterun); Hydra and MS-MPI (mpiexec) and srun with PMI.
    static readonly string[] s_ranks = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"];
    static readonly string[] s_sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"];
    static readonly string[] s_localSizes = ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE"];

    public static bool Started => s_ranks.Any(name => Number(name) is not null);

    /// <summary>Whether it was Open MPI's own launcher.</summary>
    public static bool IsOpenMpi => Number("OMPI_COMM_WORLD_RANK") is not null;

    /// <summary>The number of processes that it started, if known.</summary>
    public static int? Size => s_sizes.Select(Number).FirstOrDefault(n => n is not null);

    /// <summary>The number of processes on this machine, if known.</summary>
    public static int? LocalSize => s_localSizes.Select(Number).FirstOrDefault(n => n is not null);

    static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture,
            out int number) ? number : null;
}
