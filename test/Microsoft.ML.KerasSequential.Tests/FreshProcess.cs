using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Loads a model in a process that has not used this library before, and scores rows saved in ML.NET's own
/// format.</summary>
internal static class FreshProcess
{
    /// <summary>The program; arguments: model file, rows, and the file for all numbers of the Score column.</summary>
    public static int Main(string[] args)
    {
        if (args is not [string model, string rows, string column, string output]) return 2;
        var ml = new MLContext();
        ITransformer loaded = ml.Model.Load(model, out _);
        float[] scores = Scores(loaded.Transform(ml.Data.LoadFromBinary(rows)), column);
        File.WriteAllBytes(output, MemoryMarshal.AsBytes<float>(scores).ToArray());
        return 0;
    }

    /// <summary>The scores of rows, computed by a model in a separate process.</summary>
    public static float[] Score(MLContext ml, string model, IDataView rows, string column, string folder)
    {
        string data = Path.Combine(folder, "rows.idv"), output = Path.Combine(folder, "scores.bin");
        using (FileStream stream = File.Create(data)) ml.Data.SaveAsBinary(rows, stream);
        var start = new ProcessStartInfo("dotnet",
            [typeof(FreshProcess).Assembly.Location, model, data, column, output])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true
        };
        using Process process = Process.Start(start)!;
        string errors = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors);
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)).ToArray();
    }

    /// <summary>All numbers of a column, row by row.</summary>
    public static float[] Scores(IDataView view, string column) => view.Schema[column].Type is VectorDataViewType
        ? [.. view.GetColumn<VBuffer<float>>(column).SelectMany(v => v.DenseValues())]
        : [.. view.GetColumn<float>(column)];
}
