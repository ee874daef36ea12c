using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// The real ONNX Runtime, in a Node.js process: its npm package is available on more feeds than the NuGet package. It
/// is installed once, in the folder of the built tests.
/// </summary>
internal static class OnnxEngine
{
    static readonly Lazy<Process> s_process = new(Start);

    public sealed record Reply(string[] Inputs, string[] Outputs, NDArray[] Values, double Milliseconds);

    /// <summary>Runs a file on inputs, one after another.</summary>
    public static Reply Run(string path, IReadOnlyList<NDArray> inputs, int threads = 1, int repeat = 1)
    {
        lock (s_process)
        {
            var request = new JsonObject
            {
                ["model"] = path,
                ["threads"] = threads,
                ["repeat"] = repeat,
                ["feeds"] = new JsonArray(
                    [.. inputs.Select(x => new JsonObject
                        { ["dims"] = Sizes(x), ["data"] = Convert.ToBase64String(MemoryMarshal.AsBytes(x.Span)) })]),
            };
            s_process.Value.StandardInput.WriteLine(request.ToJsonString());
            string line = s_process.Value.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException("ONNX Runtime's process has ended.");
            using JsonDocument reply = JsonDocument.Parse(line);
            if (reply.RootElement.TryGetProperty("error", out JsonElement error))
                throw new InvalidDataException($"ONNX Runtime: {error.GetString()}");
            return new(Names(reply.RootElement, "inputs"), Names(reply.RootElement, "outputNames"),
                [.. reply.RootElement.GetProperty("outputs").EnumerateArray().Select(Value)],
                reply.RootElement.GetProperty("milliseconds").GetDouble());
        }
    }

    static JsonArray Sizes(NDArray x) => [.. x.Shape.ToArray().Select(d => (JsonNode)d)];

    static string[] Names(JsonElement reply, string key) =>
        [.. reply.GetProperty(key).EnumerateArray().Select(n => n.GetString()!)];

    static NDArray Value(JsonElement output) =>
        new(MemoryMarshal.Cast<byte, float>(output.GetProperty("data").GetBytesFromBase64()).ToArray(),
        [.. output.GetProperty("dims").EnumerateArray().Select(d => d.GetInt32())]);

    static Process Start()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Onnx", "Engine");
        string done = Path.Combine(folder, "installed");
        string wanted = File.ReadAllText(Path.Combine(folder, "package.json"));
        try
        {
            Install(folder, done, wanted);
            return Serve(folder);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("CI") != "true"
            && (e is System.ComponentModel.Win32Exception or InvalidOperationException))
        {
            throw new AssertInconclusiveException(
                $"ONNX Runtime cannot be had, which these tests take from npm: {e.Message}", e);
        }
    }

    static void Install(string folder, string done, string wanted)
    {
        if (!File.Exists(done) || File.ReadAllText(done) != wanted)
        {
            // The package's scripts would download GPU engines from elsewhere.
            Finish(Process.Start(
                Command("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock",
                    "--prefix", folder))!);
            File.WriteAllText(done, wanted);
        }
    }

    static Process Serve(string folder)
    {
        ProcessStartInfo node = Command("node", Path.Combine(folder, "serve.js"));
        node.RedirectStandardInput = true;
        Process process = Process.Start(node)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => process.StandardInput.Close();
        return process;
    }

    static ProcessStartInfo Command(string program, params string[] arguments) =>
        // On Windows npm is a script.
        new(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, arguments)
        { RedirectStandardOutput = true };

    static void Finish(Process process)
    {
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"npm could not install ONNX Runtime: {output}");
    }
}
