namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Registers names for custom objects while the scope is open (Keras <c>keras.utils.CustomObjectScope</c>). They work
/// wherever Keras names do, in code and in configurations, and take precedence over Keras' own.
/// </summary>
/// <remarks>
/// A value is an object of the required kind (a <see cref="Losses.Loss"/>, a <see cref="Layers.Layer"/> …), a function
/// without arguments that makes one, a function from a <see cref="System.Text.Json.JsonElement"/> (the settings) that
/// makes one, or, for losses, metrics, activations, regularizers and constraints, the function over tensors itself. A
/// scope applies to the code that runs inside it, on any thread that this code starts.
/// <para>An object keeps its own settings, whatever a configuration says; a function from the settings makes an object
/// with the configuration's settings. Optimizers, metrics and initializers have state, so each model that uses the name
/// gets a copy and models share neither slots nor totals; objects of other kinds are shared, as are functions. Layers
/// must be given as functions, because each model needs its own.</para>
/// </remarks>
/// <example><code>
/// using (new CustomObjectScope(new() { ["twice"] = (Func&lt;Tensor, Tensor&gt;)(x =&gt; 2 * x) }))
///     model = Sequential.FromJson(json);
/// </code></example>
public sealed class CustomObjectScope : IDisposable
{
    static readonly AsyncLocal<CustomObjectScope?> s_innermost = new();
    static readonly Dictionary<string, object> s_everywhere = [];

    readonly Dictionary<string, object> _objects;
    readonly CustomObjectScope? _outer = s_innermost.Value;

    /// <summary>Opens a scope.</summary>
    /// <param name="objects">The objects by name.</param>
    /// <exception cref="ArgumentException">A name is empty, or an object is of no supported kind.</exception>
    public CustomObjectScope(Dictionary<string, object> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        foreach ((string name, object value) in objects) Check(name, value);
        _objects = new(objects);
        s_innermost.Value = this;
    }

    /// <summary>Registers a name globally (Keras <c>get_custom_objects()[name] = value</c>).</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The object, or a function that makes it.</param>
    /// <exception cref="ArgumentException">The name is empty, or the object is of no supported kind.</exception>
    public static void Register(string name, object value)
    {
        Check(name, value);
        lock (s_everywhere) s_everywhere[name] = value;
    }

    /// <summary>Closes the scope and unregisters its names.</summary>
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
        if (string.IsNullOrEmpty(name))
            throw new ArgumentException("The name of a custom object cannot be empty.", nameof(name));
        if (value is not (Delegate or Losses.Loss or Metrics.Metric or Activations.Activation
            or Initializers.Initializer or Regularizers.Regularizer
            or Constraints.Constraint or Optimizers.Optimizer or Optimizers.LearningRateSchedule or Callbacks.Callback
            or Layers.Layer))
        {
            throw new ArgumentException($"The custom object \"{name}\" must be a loss, metric, activation, "
                + "initializer, regularizer, constraint, optimizer, schedule, callback, layer, or a function; given "
                + $"{value?.GetType().ToString() ?? "null"}.", nameof(value));
        }
    }
}
