using System.Collections.Concurrent;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Runs an ONNX model on ONNX Runtime: on a GPU if there is one, otherwise on the CPU. It accepts and returns the same
/// arrays as <c>Sequential.Predict</c>, reads and writes them in place, and may be called by several threads at once.
/// In an ML.NET pipeline, it is a transformer.
/// </summary>
/// <example><code>
/// model.ToOnnx("digits.onnx");
/// using var scorer = new OnnxScorer("digits.onnx");
/// NDArray scores = scorer.Predict(x);
/// </code></example>
public sealed partial class OnnxScorer : IDisposable
{
    readonly InferenceSession _session;
    readonly ConcurrentBag<OrtIoBinding> _bindings = [];
    readonly RunOptions _run;
    readonly int?[] _output;
    readonly OnnxScorerOptions _options;
    readonly Func<byte[]> _file;
    bool _disposed;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; an external data file must be in the same folder.</param>
    /// <param name="options">The device and threads; the defaults if null.</param>
    /// <exception cref="InvalidDataException">The file is not a model that ONNX Runtime can read.</exception>
    /// <exception cref="NotSupportedException">The model has more than one input or output, or a type other than
    /// float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="DllNotFoundException">The program does not reference an ONNX Runtime package.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public OnnxScorer(string path, OnnxScorerOptions? options = null)
        : this(() => File.ReadAllBytes(path), Readable(path), settings => new InferenceSession(path, settings),
            options ?? new())
    {
    }

    /// <summary>Opens a model in memory.</summary>
    /// <param name="model">The bytes of a file.</param>
    /// <param name="options">The device and threads; the defaults if null.</param>
    /// <exception cref="InvalidDataException">The bytes are not a model that ONNX Runtime can read.</exception>
    /// <exception cref="NotSupportedException">The model has more than one input or output, or a type other than
    /// float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="DllNotFoundException">The program does not reference an ONNX Runtime package.</exception>
    public OnnxScorer(byte[] model, OnnxScorerOptions? options = null)
        : this(() => model, model is not null ? "the model" : throw new ArgumentNullException(nameof(model)),
            settings => new InferenceSession(model, settings), options ?? new())
    {
    }

    OnnxScorer(Func<byte[]> file, string source, Func<SessionOptions, InferenceSession> open, OnnxScorerOptions options)
    {
        (_file, _options) = (file, options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        ArgumentOutOfRangeException.ThrowIfNegative(options.DeviceId);
        (_session, Device, DeviceReason) = ScorerSession.Open(open, source, options, Cuda.WhyNot, Cuda.Place);
        try
        {
            (InputName, NodeMetadata input) = Only(_session.InputMetadata, "inputs", source);
            (OutputName, NodeMetadata output) = Only(_session.OutputMetadata, "outputs", source);
            InputShape = new([.. input.Dimensions.Select(d => d < 0 ? (int?)null : d)]);
            _output = [.. output.Dimensions.Select(d => d < 0 ? (int?)null : d)];
        }
        catch
        {
            _session.Dispose();
            throw;
        }
        _run = new();
        options.Log?.Invoke($"{source} runs on {Device}: {DeviceReason}.");
    }

    /// <summary>Creates a scorer for a trained model, exported in memory.</summary>
    /// <param name="model">The model; it may be disposed afterwards.</param>
    /// <param name="export">The operator set and types; the defaults if null.</param>
    /// <param name="options">The device and threads; the defaults if null.</param>
    /// <returns>The scorer.</returns>
    /// <exception cref="NotSupportedException">A layer cannot be exported to ONNX.</exception>
    public static OnnxScorer From(Sequential model, OnnxOptions? export = null, OnnxScorerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Scorers take numbers.
        export ??= new();
        using var stream = new MemoryStream();
        model.ToOnnx(stream, export with { TextInput = export.TextInput ?? false });
        return new(stream.ToArray(), options);
    }

    /// <summary>The device that runs the model: <c>"CUDA"</c> or <c>"CPU"</c>.</summary>
    public string Device { get; }

    /// <summary>
    /// Why that device runs it, as reported to <see cref="OnnxScorerOptions.Log"/>: which GPU it is, or what was
    /// missing if the scorer fell back to the CPU.
    /// </summary>
    public string DeviceReason { get; }

    /// <summary>The name of the model's input.</summary>
    public string InputName { get; }

    /// <summary>The name of the model's output.</summary>
    public string OutputName { get; }

    /// <summary>The shape of the input, batch first; null for a variable size.</summary>
    public Shape InputShape { get; }

    /// <summary>The shape of the output, batch first; null for a variable size.</summary>
    public Shape OutputShape => new(_output);

    /// <summary>Computes the outputs for inputs.</summary>
    /// <param name="x">The inputs, one sample per row; no inputs give no outputs.</param>
    /// <param name="batchSize">The number of samples per batch; all at once by default.</param>
    /// <returns>A new array, one sample per row.</returns>
    /// <exception cref="ArgumentException">The array does not match the model.</exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime could not run the model, for example because of an index out of range (on the CPU) or too little
    /// GPU memory.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public NDArray Predict(NDArray x, int? batchSize = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batchSize is < 1)
            throw new ArgumentOutOfRangeException(nameof(batchSize),
                $"A batch size must be 1 or more; given {batchSize}.");
        bool fits = x.Rank == InputShape.Rank
            && InputShape.Zip(x.Shape.ToArray()).All(d => d.First is null || d.First == d.Second);
        if (!fits)
            throw new ArgumentException(
                $"{InputName}: expected an array of shape {InputShape}, but got {Shape.Format(x.Shape)}.", nameof(x));
        int rows = x.Shape[0], batch = Math.Max(1, Math.Min(batchSize ?? rows, rows));
        NDArray? result = _output.Skip(1).All(d => d is not null)
            ? new NDArray([rows, .. _output.Skip(1).Select(d => d!.Value)]) : null;
        if (rows == 0)
            return result
            ?? throw new ArgumentException(
                $"{OutputName}: the shape of an empty output is not known, because the model has variable sizes.",
                nameof(x));
        if (result is null) return Concatenated(x, rows, batch);
        for (int start = 0; start < rows; start += batch) Run(x, start, Math.Min(batch, rows - start), result);
        return result;
    }

    /// <summary>Frees the model; no calls may be running.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (OrtIoBinding binding in _bindings) binding.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    /// <summary>Runs the model, reading and writing the arrays in place.</summary>
    void Run(NDArray x, int start, int rows, NDArray result)
    {
        if (!_bindings.TryTake(out OrtIoBinding? binding)) binding = _session.CreateIoBinding();
        try
        {
            using OrtValue input = Tensor(x, start, rows), output = Tensor(result, start, rows);
            binding.BindInput(InputName, input);
            binding.BindOutput(OutputName, output);
            Run(() => _session.RunWithBinding(_run, binding));
            binding.ClearBoundInputs();
            binding.ClearBoundOutputs();
        }
        catch
        {
            // The buffers bound to it may be gone.
            binding.Dispose();
            throw;
        }
        _bindings.Add(binding);
    }

    /// <summary>Runs the model if the output has variable sizes, which ONNX Runtime determines.</summary>
    NDArray Concatenated(NDArray x, int rows, int batch)
    {
        var parts = new List<NDArray>();
        for (int start = 0; start < rows; start += batch)
        {
            using OrtValue input = Tensor(x, start, Math.Min(batch, rows - start));
            using IDisposableReadOnlyCollection<OrtValue> outputs = Run(() =>
                _session.Run(_run, [InputName], [input], [OutputName]));
            parts.Add(
                new(outputs[0].GetTensorDataAsSpan<float>().ToArray(),
                    [.. outputs[0].GetTensorTypeAndShape().Shape.Select(d => (int)d)]));
        }
        return NDArray.Concatenate(parts);
    }

    static OrtValue Tensor(NDArray array, int start, int rows)
    {
        int size = array.RowSize;
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance,
            array.Data.AsMemory(start * size, rows * size), [rows, .. array.Shape[1..].ToArray().Select(d => (long)d)]);
    }

    static void Run(Action run) => Run(() =>
    {
        run();
        return true;
    });

    static T Run<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException($"ONNX Runtime could not run the model: {e.Message}", e);
        }
    }

    static (string Name, NodeMetadata Value) Only(IReadOnlyDictionary<string, NodeMetadata> values, string what,
        string source)
    {
        if (values.Count != 1)
            throw new NotSupportedException($"{source} has {values.Count} {what} ({string.Join(", ", values.Keys)}); a "
                + "scorer requires a model with one.");
        (string name, NodeMetadata value) = values.First();
        return value.IsTensor && value.ElementDataType == TensorElementType.Float ? (name, value)
            : throw new NotSupportedException(
                $"{source}: \"{name}\" has type {value.ElementDataType}; a scorer requires float32.");
    }

    static string Readable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream _ = File.OpenRead(path);
        return path;
    }
}
