using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Sends the logs of each epoch to a server with HTTP POST (Keras <c>keras.callbacks.RemoteMonitor</c>). If the server
/// cannot be reached, a warning is printed.
/// </summary>
public class RemoteMonitor : Callback
{
    static readonly HttpClient s_client = new() { Timeout = TimeSpan.FromSeconds(10) };

    readonly Uri _address;

    /// <summary>Gets the address of the server.</summary>
    public string Root { get; }

    /// <summary>Gets the path on the server.</summary>
    public string Path { get; }

    /// <summary>Gets the name of the form field that contains the data.</summary>
    public string Field { get; }

    /// <summary>Gets the headers of each request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Gets a value that indicates whether the body is JSON; otherwise, it is a form.</summary>
    public bool SendAsJson { get; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="root">The address of the server.</param>
    /// <param name="path">The path on the server.</param>
    /// <param name="field">
    /// The name of the form field that contains the data. Ignored if <paramref name="sendAsJson"/> is true.
    /// </param>
    /// <param name="headers">The headers of each request.</param>
    /// <param name="sendAsJson">true to send the data as JSON; false to send it as a form.</param>
    /// <exception cref="ArgumentException">The address is invalid.</exception>
    public RemoteMonitor(string root = "http://localhost:9000", string path = "/publish/epoch/end/",
        string field = "data", IReadOnlyDictionary<string, string>? headers = null, bool sendAsJson = false)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentException.ThrowIfNullOrEmpty(field);
        if (!Uri.TryCreate(root + path, UriKind.Absolute, out Uri? address)
            || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"\"{root}{path}\" is not a valid server address.", nameof(root));
        (Root, Path, _address) = (root, path, address);
        (Field, Headers, SendAsJson) = (field, headers ?? new Dictionary<string, string>(), sendAsJson);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        var data = new JsonObject { ["epoch"] = epoch };
        foreach ((string name, double value) in logs)
            data[name] = double.IsFinite(value) ? JsonValue.Create(value) : PythonFormat.Repr(value);
        string json = data.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Content = SendAsJson
                ? new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"))
                : new FormUrlEncodedContent(new Dictionary<string, string> { [Field] = json }),
        };
        foreach ((string name, string value) in Headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using HttpResponseMessage response = s_client.Send(request);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine($"Warning: could not reach RemoteMonitor root server at {Root}: {e.Message}");
        }
    }
}
