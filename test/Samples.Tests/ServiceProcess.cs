using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;

namespace Samples.Tests;

/// <summary>A scoring service that listens, until it is disposed.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly List<string> _output = [], _errors = [];
    readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly HttpClient _client = new();

    ServiceProcess(string assembly, params IEnumerable<string> arguments)
    {
        _process = new Process
        {
            StartInfo = new("dotnet", [assembly, "--urls", "http://127.0.0.1:0", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetDirectoryName(assembly),
            },
        };
        _process.OutputDataReceived += (_, e) => Received(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Received(_errors, e.Data);
    }

    /// <summary>The path of the service's assembly, defined in the test project.</summary>
    public static string Built => typeof(ServiceProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "Service").Value!;

    /// <summary>The console output.</summary>
    public string Output => Text(_output);

    /// <summary>The error output.</summary>
    public string Errors => Text(_errors);

    /// <summary>Starts a service and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(string assembly, params IEnumerable<string> arguments)
    {
        var service = new ServiceProcess(assembly, arguments);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        Task end = service._process.WaitForExitAsync();
        await Task.WhenAny(service._address.Task, end).WaitAsync(TimeSpan.FromSeconds(60));
        if (!service._address.Task.IsCompleted)
        {
            await service.DisposeAsync();
            Assert.Fail($"The service ended before it listened.\n{service.Output}{service.Errors}");
        }
        service._client.BaseAddress = await service._address.Task;
        return service;
    }

    /// <summary>Requests two species many times at once, and an invalid flower.</summary>
    public async Task AssertAnswersAsync()
    {
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            float[] flower = i % 2 == 0 ? [5.1f, 3.5f, 1.4f, 0.2f] : [6.7f, 3.3f, 5.7f, 2.5f];
            HttpResponseMessage response = await _client.PostAsJsonAsync("/predict", new { features = flower });
            Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, await response.Content.ReadAsStringAsync());
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }));
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.AreEqual(i % 2 == 0 ? "setosa" : "virginica", answers[i].GetProperty("species").GetString());
            Assert.AreEqual(1, answers[i].GetProperty("probabilities").EnumerateArray().Sum(p => p.GetDouble()), 1e-5);
        }
        HttpResponseMessage wrong = await _client.PostAsJsonAsync("/predict", new { features = new[] { 1f } });
        Assert.AreEqual(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("4 features", await wrong.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
    }

    void Received(List<string> lines, string? line)
    {
        if (line is null) return;
        lock (lines) lines.Add(line);
        int at = line.IndexOf("Now listening on:", StringComparison.Ordinal);
        if (at >= 0) _address.TrySetResult(new(line[line.IndexOf("http:", at, StringComparison.Ordinal)..].Trim()));
    }

    static string Text(List<string> lines)
    {
        lock (lines) return string.Concat(lines.Select(line => line + "\n"));
    }
}
