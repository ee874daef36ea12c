using System.Collections.Concurrent;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Runs a model in the format of ONNX on ONNX Runtime: on a GPU if there is one, else on the CPU. It takes and gives the same arrays as
/// <c>Sequential.Predict</c>, reads and writes them where they lie, and may be called by several threads at once. In an ML.NET pipeline it is a transformer.
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
    /// <param name="path">The file; values in another are found beside it.</param>
    /// <param name="options">Device and threads; the defaults if null.</param>
    /// <exception cref="InvalidDataException">The file is no model that ONNX Runtime reads.</exception>
    /// <exception cref="NotSupportedException">The model has more than one input or output, or other numbers than float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="DllNotFoundException">The program has no package of ONNX Runtime.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public OnnxScorer(string path, OnnxScorerOptions? options = null) : this(() => File.ReadAllBytes(path), Readable(path), settings => new InferenceSession(path, settings), options ?? new())
    {
    }

    /// <summary>Opens a model in memory.</summary>
    /// <param name="model">The bytes of a file.</param>
    /// <param name="options">Device and threads; the defaults if null.</param>
    /// <exception cref="InvalidDataException">The bytes are no model that ONNX Runtime reads.</exception>
    /// <exception cref="NotSupportedException">The model has more than one input or output, or other numbers than float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="DllNotFoundException">The program has no package of ONNX Runtime.</exception>
    public OnnxScorer(byte[] model, OnnxScorerOptions? options = null) : this(() => model, model is not null ? "the model" : throw new ArgumentNullException(nameof(model)), settings => new InferenceSession(model, settings), options ?? new())
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

    /// <summary>A scorer of a trained model, exported in memory.</summary>
    /// <param name="model">The model; it may be disposed afterwards.</param>
    /// <param name="export">Operators and types; the defaults if null.</param>
    /// <param name="options">Device and threads; the defaults if null.</param>
    /// <returns>The scorer.</returns>
    /// <exception cref="NotSupportedException">A layer cannot be written in operators of ONNX.</exception>
    public static OnnxScorer From(Sequential model, OnnxOptions? export = null, OnnxScorerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var stream = new MemoryStream();
        model.ToOnnx(stream, export);
        return new(stream.ToArray(), options);
    }

    /// <summary>What runs the model: <c>"CUDA"</c> or <c>"CPU"</c>.</summary>
    public string Device { get; }

    /// <summary>
    /// Why that runs it, as <see cref="OnnxScorerOptions.Log"/> was told: which GPU it is, or what was missing where the
    /// scorer fell back to the CPU.
    /// </summary>
    public string DeviceReason { get; }

    /// <summary>The name of the model's input.</summary>
    public string InputName { get; }

    /// <summary>The name of the model's output.</summary>
    public string OutputName { get; }

    /// <summary>The sizes of the input, batch first; null for a free one.</summary>
    public Shape InputShape { get; }

    /// <summary>The sizes of the output, batch first; null for a free one.</summary>
    public Shape OutputShape => new(_output);

    /// <summary>The outputs for inputs.</summary>
    /// <param name="x">The inputs, a sample a row; none give no outputs.</param>
    /// <param name="batchSize">Samples at a time; all at once by default.</param>
    /// <returns>A new array, a sample a row.</returns>
    /// <exception cref="ArgumentException">The array does not fit the model.</exception>
    /// <exception cref="InvalidOperationException">
    /// ONNX Runtime could not run the model: a number that a table does not have (on the CPU), too little memory on the GPU.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The scorer is disposed.</exception>
    public NDArray Predict(NDArray x, int? batchSize = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batchSize is < 1) throw new ArgumentOutOfRangeException(nameof(batchSize), $"A batch size must be 1 or more; given {batchSize}.");
        bool fits = x.Rank == InputShape.Rank && InputShape.Zip(x.Shape.ToArray()).All(d => d.First is null || d.First == d.Second);
        if (!fits) throw new ArgumentException($"{InputName}: expected an array of shape {InputShape}, but got {Shape.Format(x.Shape)}.", nameof(x));
        int rows = x.Shape[0], batch = Math.Max(1, Math.Min(batchSize ?? rows, rows));
        NDArray? result = _output.Skip(1).All(d => d is not null) ? new NDArray([rows, .. _output.Skip(1).Select(d => d!.Value)]) : null;
        if (rows == 0) return result ?? throw new ArgumentException($"{OutputName}: the shape of no outputs is not known, since the model leaves its sizes open.", nameof(x));
        if (result is null) return Concatenated(x, rows, batch);
        for (int start = 0; start < rows; start += batch) Run(x, start, Math.Min(batch, rows - start), result);
        return result;
    }

    /// <summary>Frees the model; calls that are running must have ended.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (OrtIoBinding binding in _bindings) binding.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    /// <summary>Reads and writes the arrays where they lie.</summary>
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
            // What is bound to it may be gone.
            binding.Dispose();
            throw;
        }
        _bindings.Add(binding);
    }

    /// <summary>Where sizes of the output are free, ONNX Runtime finds them.</summary>
    NDArray Concatenated(NDArray x, int rows, int batch)
    {
        var parts = new List<NDArray>();
        for (int start = 0; start < rows; start += batch)
        {
            using OrtValue input = Tensor(x, start, Math.Min(batch, rows - start));
            using IDisposableReadOnlyCollection<OrtValue> outputs = Run(() => _session.Run(_run, [InputName], [input], [OutputName]));
            parts.Add(new(outputs[0].GetTensorDataAsSpan<float>().ToArray(), [.. outputs[0].GetTensorTypeAndShape().Shape.Select(d => (int)d)]));
        }
        return NDArray.Concatenate(parts);
    }

    static OrtValue Tensor(NDArray array, int start, int rows)
    {
        int size = array.RowSize;
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.Data.AsMemory(start * size, rows * size), [rows, .. array.Shape[1..].ToArray().Select(d => (long)d)]);
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

    static (string Name, NodeMetadata Value) Only(IReadOnlyDictionary<string, NodeMetadata> values, string what, string source)
    {
        if (values.Count != 1) throw new NotSupportedException($"{source} has {values.Count} {what} ({string.Join(", ", values.Keys)}); a scorer takes a model with one.");
        (string name, NodeMetadata value) = values.First();
        return value.IsTensor && value.ElementDataType == TensorElementType.Float ? (name, value)
            : throw new NotSupportedException($"{source}: \"{name}\" holds {value.ElementDataType}; a scorer takes arrays of float32.");
    }

    static string Readable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream _ = File.OpenRead(path);
        return path;
    }
}
