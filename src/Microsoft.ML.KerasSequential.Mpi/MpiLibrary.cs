using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Mpi;

/// <summary>
/// The C library of MPI: a dozen of its functions, and the constants of the implementation found. Handles are pointers
/// in Open MPI and 32-bit integers in MPICH and its derivatives; both fit in an <c>nint</c> initialized to zero.
/// </summary>
/// <remarks>The functions are those of version 3.1 of the standard:
/// https://www.mpi-forum.org/docs/mpi-3.1/mpi31-report.pdf. The constants are those of the common MPICH ABI.</remarks>
internal sealed unsafe partial class MpiLibrary
{
    /// <summary>The environment variable that names the library's file.</summary>
    public const string Variable = "KERASML_MPI";

    /// <summary>MPI_THREAD_SERIALIZED: one thread at a time.</summary>
    const int Serialized = 2;

    const int MaxVersionText = 8192, MaxErrorText = 1024;

    /// <summary>Implementations with the MPICH ABI.</summary>
    static readonly string[] s_kin = ["MPICH", "Intel(R) MPI", "MVAPICH", "Microsoft MPI"];

    readonly nint _library;
    readonly bool _isOpenMpi;
    readonly delegate* unmanaged<nint, int, int> _abort;
    readonly delegate* unmanaged<int> _finalize;
    readonly delegate* unmanaged<nint, nint*, int> _duplicate;
    readonly delegate* unmanaged<nint, int*, int> _rank, _size;
    readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    readonly delegate* unmanaged<int, byte*, int*, int> _errorText;
    readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int> _allReduce;
    readonly delegate* unmanaged<void*, int, nint, int, nint, nint*, int> _broadcast;
    readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> _allGather;
    readonly delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, int, nint, nint*, int> _gather;
    readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> _send;
    readonly delegate* unmanaged<int, int, nint, int*, nint, int> _probe;

    /// <summary>Loads the library and initializes MPI.</summary>
    /// <exception cref="InvalidOperationException">There is no library, it is of an unknown kind or too old, or it
    /// cannot be initialized.</exception>
    public MpiLibrary()
    {
        (_library, string path) = Load();
        Version = LibraryVersion(path);
        _isOpenMpi = Version.Contains("Open MPI", StringComparison.Ordinal);
        if (!_isOpenMpi && !s_kin.Any(kind => Version.Contains(kind, StringComparison.Ordinal)))
            throw new InvalidOperationException($"{path} is \"{Version}\"; expected Open MPI, MPICH or a compatible "
                + "library (Intel MPI, MVAPICH, MS-MPI), whose ABI is known.");
        int major, minor;
        ((delegate* unmanaged<int*, int*, int>)Function("MPI_Get_version"))(&major, &minor);
        if (major < 3)
            throw new InvalidOperationException($"{Version} has version {major}.{minor} of the standard; expected 3.0 "
                + "or later, which supports nonblocking sums.");

        _abort = (delegate* unmanaged<nint, int, int>)Function("MPI_Abort");
        _finalize = (delegate* unmanaged<int>)Function("MPI_Finalize");
        _duplicate = (delegate* unmanaged<nint, nint*, int>)Function("MPI_Comm_dup");
        _rank = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_rank");
        _size = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        _errorText = (delegate* unmanaged<int, byte*, int*, int>)Function("MPI_Error_string");
        _allReduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int>)Function("MPI_Iallreduce");
        _broadcast = (delegate* unmanaged<void*, int, nint, int, nint, nint*, int>)Function("MPI_Ibcast");
        _allGather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*,
            int>)Function("MPI_Iallgather");
        _gather = (delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, int, nint, nint*,
            int>)Function("MPI_Igatherv");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Function("MPI_Test");
        _send = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Function("MPI_Isend");
        _probe = (delegate* unmanaged<int, int, nint, int*, nint, int>)Function("MPI_Iprobe");
        Begin();
    }

    /// <summary>The library's version string.</summary>
    public string Version { get; }

    /// <summary>All processes.</summary>
    public nint World => _isOpenMpi ? Symbol("ompi_mpi_comm_world") : 0x44000000;

    nint Float => _isOpenMpi ? Symbol("ompi_mpi_float") : 0x4c00040a;

    nint Byte => _isOpenMpi ? Symbol("ompi_mpi_byte") : 0x4c00010d;

    nint ErrorsReturn => _isOpenMpi ? Symbol("ompi_mpi_errors_return") : 0x54000001;

    void* InPlace => (void*)(_isOpenMpi ? 1 : -1);

    nint IgnoreStatus => _isOpenMpi ? 0 : 1;

    nint Operation(ReduceKind kind) => kind switch
    {
        ReduceKind.Max => _isOpenMpi ? Symbol("ompi_mpi_op_max") : 0x58000001,
        ReduceKind.Min => _isOpenMpi ? Symbol("ompi_mpi_op_min") : 0x58000002,
        ReduceKind.Sum => _isOpenMpi ? Symbol("ompi_mpi_op_sum") : 0x58000003,
        _ => _isOpenMpi ? Symbol("ompi_mpi_op_prod") : 0x58000004,
    };

    public int Rank(nint processes)
    {
        int rank;
        Check(_rank(processes, &rank), "MPI_Comm_rank");
        return rank;
    }

    public int Size(nint processes)
    {
        int size;
        Check(_size(processes, &size), "MPI_Comm_size");
        return size;
    }

    /// <summary>Duplicates a communicator, with separate messages and errors returned as codes.</summary>
    public nint Duplicate(nint processes)
    {
        nint copy = 0;
        Check(_duplicate(processes, &copy), "MPI_Comm_dup");
        Check(_setErrorHandler(copy, ErrorsReturn), "MPI_Comm_set_errhandler");
        return copy;
    }

    public nint AllReduce(float* values, int count, ReduceKind kind, nint processes)
    {
        nint request = 0;
        Check(_allReduce(InPlace, values, count, Float, Operation(kind), processes, &request), "MPI_Iallreduce");
        return request;
    }

    public nint Broadcast(byte* bytes, int count, nint processes)
    {
        nint request = 0;
        Check(_broadcast(bytes, count, Byte, 0, processes, &request), "MPI_Ibcast");
        return request;
    }

    public nint AllGather(byte* own, byte* all, int count, nint processes)
    {
        nint request = 0;
        Check(_allGather(own, count, Byte, all, count, Byte, processes, &request), "MPI_Iallgather");
        return request;
    }

    public nint Gather(float* own, int count, float* all, int* counts, int* starts, nint processes)
    {
        nint request = 0;
        Check(_gather(own, count, Float, all, counts, starts, Float, 0, processes, &request), "MPI_Igatherv");
        return request;
    }

    public nint Send(byte* bytes, int count, int to, int tag, nint processes)
    {
        nint request = 0;
        Check(_send(bytes, count, Byte, to, tag, processes, &request), "MPI_Isend");
        return request;
    }

    /// <summary>Advances a request; returns whether it is complete.</summary>
    public bool Test(ref nint request)
    {
        int done;
        fixed (nint* address = &request) Check(_test(address, &done, IgnoreStatus), "MPI_Test");
        return done != 0;
    }

    /// <summary>Whether a message has arrived.</summary>
    public bool Probe(int from, int tag, nint processes)
    {
        int came;
        Check(_probe(from, tag, processes, &came, IgnoreStatus), "MPI_Iprobe");
        return came != 0;
    }

    /// <summary>Ends all processes.</summary>
    public void Abort(int code) => _ = _abort(World, code);

    public void End() => _ = _finalize();

    void Begin()
    {
        int begun, ended, given;
        ((delegate* unmanaged<int*, int>)Function("MPI_Finalized"))(&ended);
        if (ended != 0)
            throw new InvalidOperationException("MPI was finalized in this process, and cannot be initialized again.");
        ((delegate* unmanaged<int*, int>)Function("MPI_Initialized"))(&begun);
        if (begun != 0) return;
        if (_isOpenMpi) PreferHalves();
        int code = ((delegate* unmanaged<int*, byte***, int, int*, int>)Function("MPI_Init_thread"))(null, null,
            Serialized, &given);
        if (code != 0)
            throw new InvalidOperationException($"{Version} cannot be initialized: MPI_Init_thread returned {code}.");
    }

    /// <summary>
    /// By default, Open MPI sums in place with a tree, sending all data on each edge. Rabenseifner's algorithm sends
    /// successive halves and takes half the time; it also adds in a fixed order. User settings are kept.
    /// </summary>
    static void PreferHalves()
    {
        const string Rabenseifner = "3";
        // A C library does not see .NET's environment variables.
        if (!OperatingSystem.IsWindows()) _ = SetVariable("OMPI_MCA_coll_libnbc_iallreduce_algorithm", Rabenseifner, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrites);

    /// <exception cref="InvalidOperationException">The library reports an error.</exception>
    void Check(int code, string function)
    {
        if (code == 0) return;
        byte* text = stackalloc byte[MaxErrorText];
        int length = 0;
        _ = _errorText(code, text, &length);
        throw new InvalidOperationException($"{function} failed: {Encoding.UTF8.GetString(text, length)} ({Version}).");
    }

    nint Function(string name) => NativeLibrary.TryGetExport(_library, name, out nint address) ? address
        : throw new InvalidOperationException(
            $"The MPI library has no function {name}; expected version 3.0 of the standard, or later.");

    nint Symbol(string name) => NativeLibrary.GetExport(_library, name);

    string LibraryVersion(string path)
    {
        if (!NativeLibrary.TryGetExport(_library, "MPI_Get_library_version", out nint address))
            throw new InvalidOperationException($"{path} is not an MPI library, or is older than version 3.0 of the "
                + "standard: it has no function MPI_Get_library_version.");
        byte* text = stackalloc byte[MaxVersionText];
        int length = 0;
        _ = ((delegate* unmanaged<byte*, int*, int>)address)(text, &length);
        return Encoding.UTF8.GetString(text, length).Split('\n', ',')[0].TrimEnd('\0', ' ', '\t');
    }

    static (nint Library, string Path) Load()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        string[] openMpi = ["libmpi.so.40", "libmpi.so.80", "libmpi.40.dylib"],
            mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];
        string[] paths = !string.IsNullOrWhiteSpace(named) ? [named.Trim()]
            : OperatingSystem.IsWindows() ? ["msmpi.dll", "impi.dll"]
            : Launcher.IsOpenMpi ? [.. openMpi, .. mpich] : [.. mpich, .. openMpi];
        foreach (string path in paths)
            if (NativeLibrary.TryLoad(path, out nint library)) return (library, path);
        throw new InvalidOperationException($"No MPI library was found: tried {string.Join(", ", paths)}. Install Open "
            + $"MPI (Debian: openmpi-bin), MPICH or MS-MPI, or set the environment variable {Variable} to the "
            + "library's file.");
    }
}
