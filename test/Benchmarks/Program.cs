using Benchmarks;

// compare: ours compared with the floor, PyTorch and ONNX Runtime; the other commands measure parts of the library in
// detail.
switch (args.FirstOrDefault() ?? "compare")
{
    case "compare":
        Compare.Run(args.ElementAtOrDefault(1) ?? "");
        return 0;
    case "footprint":
        Footprint.Print(args[1]);
        return 0;
    case "mpi":
        Mpi.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 2);
        return 0;
    case "scaling":
        Scaling.Run();
        return 0;
    case "telemetry":
        Telemetry.Run();
        return 0;
    case "mpi-train":
        Mpi.Train(args[1]);
        return 0;
    case "mpi-sums":
        Mpi.Sums();
        return 0;
#if MLNET
    case "mlnet":
        if (args.Length > 1) MLNet.Part(args[1]);
        else MLNet.Run();
        return 0;
#endif
#if AUTOML
    case "automl":
        AutoMl.Run(args.Length > 1 ? uint.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 60,
            args.ElementAtOrDefault(2) ?? "");
        return 0;
#endif
#if ILGPU
    case "gpu":
        Gpu.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 8192,
            args.ElementAtOrDefault(2) ?? "");
        return 0;
#endif
    default:
        Console.Error.WriteLine("Usage: compare [part of a name] | mpi [ranks] | scaling | telemetry | mlnet | automl "
            + "[seconds] [part of a name] | "
            + "gpu [largest size] [part of a name]. The last three require their packages.");
        return 1;
}
