namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Names for objects of your own, known while the scope lives (Keras <c>keras.utils.CustomObjectScope</c>): wherever a Keras
/// name is read, from code or from a configuration, they are known too, and go before Keras' own.
/// </summary>
/// <remarks>
/// A value is an object of the kind asked for (a <see cref="Losses.Loss"/>, a <see cref="Layers.Layer"/> …), a function without
/// arguments that makes one, a function from a <see cref="System.Text.Json.JsonElement"/> (the settings) that makes one, or, for losses, metrics,
/// activations, regularizers and constraints, the function over tensors itself. A scope holds for the code that runs inside
/// it, on any thread that this code starts.
/// <para>An object keeps its own settings, whatever a configuration says; a function from the settings makes one that has
/// those of the configuration. Optimizers, metrics and initializers, which keep something from call to call, are copied for
/// each model that asks for the name, so that models share neither slots nor totals; objects of the other kinds are shared,
/// as functions are. For layers, of which each model needs its own, only a function will do.</para>
/// </remarks>
/// <example><code>using (new CustomObjectScope(new() { ["twice"] = (Func&lt;Tensor, Tensor&gt;)(x =&gt; 2 * x) })) model = Sequential.FromJson(json);</code></example>
public sealed class CustomObjectScope : IDisposable
{
    static readonly AsyncLocal<CustomObjectScope?> s_innermost = new();
    static readonly Dictionary<string, object> s_everywhere = [];

    readonly Dictionary<string, object> _objects;
    readonly CustomObjectScope? _outer = s_innermost.Value;

    /// <summary>Opens a scope.</summary>
    /// <param name="objects">The names with their objects.</param>
    /// <exception cref="ArgumentException">A name is empty, or an object is none of these.</exception>
    public CustomObjectScope(Dictionary<string, object> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        foreach ((string name, object value) in objects) Check(name, value);
        _objects = new(objects);
        s_innermost.Value = this;
    }

    /// <summary>Makes a name known everywhere and always (Keras <c>get_custom_objects()[name] = value</c>).</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The object, or a function that makes it.</param>
    /// <exception cref="ArgumentException">The name is empty, or the object is none of these.</exception>
    public static void Register(string name, object value)
    {
        Check(name, value);
        lock (s_everywhere) s_everywhere[name] = value;
    }

    /// <summary>Closes the scope: its names are unknown again.</summary>
    public void Dispose()
    {
        if (s_innermost.Value == this) s_innermost.Value = _outer;
    }

    internal static object? Find(string name)
    {
        for (CustomObjectScope? scope = s_innermost.Value; scope is not null; scope = scope._outer)
            if (scope._objects.TryGetValue(name, out object? value)) return value;
        lock (s_everywhere) return s_everywhere.GetValueOrDefault(name);
    }

    static void Check(string name, object value)
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException("The name of a custom object cannot be empty.", nameof(name));
        if (value is not (Delegate or Losses.Loss or Metrics.Metric or Activations.Activation or Initializers.Initializer or Regularizers.Regularizer
            or Constraints.Constraint or Optimizers.Optimizer or Optimizers.LearningRateSchedule or Callbacks.Callback or Layers.Layer))
        {
            throw new ArgumentException($"The custom object \"{name}\" must be a loss, metric, activation, initializer, regularizer, constraint, optimizer, schedule, callback, layer, or a function; given {value?.GetType().ToString() ?? "null"}.", nameof(value));
        }
    }
}
