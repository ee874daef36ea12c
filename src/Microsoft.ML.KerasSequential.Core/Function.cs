using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>A compiled function from arrays to arrays (what Keras' <c>K.function</c> returns).</summary>
public sealed class Function : IDisposable
{
    readonly IReadOnlyList<Tensor> _inputs;
    readonly int _outputs;
    readonly Executable _executable;
    readonly Lock _lock = new();
    bool _disposed;

    internal Function(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs,
        IReadOnlyList<Update>? updates = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        if (inputs.FirstOrDefault(i => i?.Op is not Placeholder) is { } wrong)
            throw new ArgumentException($"The inputs of a function must be placeholders; {wrong} is not one.",
                nameof(inputs));
        if (inputs.Contains(null!) || outputs.Contains(null!))
            throw new ArgumentException("A function's tensors cannot be null.");
        _inputs = [.. inputs];
        _outputs = outputs.Count;
        _executable = Device.Default.Compile(new Graph(_inputs, [.. outputs], updates ?? []));
    }

    /// <summary>
    /// Computes the outputs. It does not synchronize with a model being trained on another thread, so it may read
    /// variables in the middle of a step. Call it from a callback, or on <see cref="Variable.GetValue"/>.
    /// </summary>
    /// <param name="values">An array for each placeholder, of its shape.</param>
    /// <returns>A new array for each output.</returns>
    /// <exception cref="ArgumentException">The number of arrays or a shape does not match, or a lookup index is out of
    /// range.</exception>
    /// <exception cref="ObjectDisposedException">The function was disposed.</exception>
    public NDArray[] Run(params NDArray[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (values.Length != _inputs.Count)
            throw new ArgumentException($"The function takes {_inputs.Count} arrays, but {values.Length} were given.",
                nameof(values));
        lock (_lock)
        {
            var free = new Dictionary<Symbol, int>();
            for (int i = 0; i < values.Length; i++) Match(_inputs[i], values[i], free);
            foreach ((Symbol symbol, int value) in free)
                if (symbol != Symbol.Batch) _executable.SetFree(symbol, value);
            _executable.Prepare(free.GetValueOrDefault(Symbol.Batch, 1));
            for (int i = 0; i < values.Length; i++) _executable.Write(i, values[i].Span);
            _executable.Run();
            return [.. Enumerable.Range(0, _outputs).Select(Read)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _executable.Dispose();
        }
    }

    NDArray Read(int output)
    {
        var result = new NDArray(_executable.OutputSizes(output));
        _executable.Read(output, result.Span);
        return result;
    }

    static void Match(Tensor input, NDArray value, Dictionary<Symbol, int> free)
    {
        ArgumentNullException.ThrowIfNull(value, nameof(value));
        bool fits = value.Rank == input.Rank;
        for (int i = 0; fits && i < value.Rank; i++)
        {
            Dim dim = input.Dims[i];
            if (dim.Symbol is not { } symbol) fits = dim.Factor == value.Shape[i];
            else if (free.TryGetValue(symbol, out int known)) fits = known == value.Shape[i];
            else free[symbol] = value.Shape[i];
        }
        if (!fits)
            throw new ArgumentException(
                $"{input.Name}: expected an array of shape {input.Shape}, but got {Shape.Format(value.Shape)}.",
                nameof(value));
    }
}
