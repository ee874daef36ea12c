using System.Text.Json;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Creates objects of one kind from a Keras name and settings: Keras' own, and custom objects
/// (<see cref="CustomObjectScope"/>), which take precedence.
/// </summary>
/// <param name="kind">The name of the kind in errors.</param>
/// <param name="fromFunction">Creates one from the user's function, or returns null if the function does not
/// fit.</param>
/// <param name="comparer">How names are compared.</param>
/// <param name="copy">
/// Copies a custom object, for kinds with state: each use of the name gets its own copy.
/// </param>
internal sealed class ObjectRegistry<T>(
    string kind, Func<string, object, T?>? fromFunction = null, IEqualityComparer<string>? comparer = null,
    Func<T, T>? copy = null)
    where T : class
{
    readonly NameRegistry<Func<Config, T>> _known = new(kind, comparer);

    public IEnumerable<string> Names => _known.Names;

    public Func<Config, T> this[string name] { set => _known[name] = value; }

    public void Add(Func<Config, T> make, params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _known[name] = make;
    }

    public bool Knows(string name) => _known.TryGet(name, out _) || CustomObjectScope.Find(name) is not null;

    public T Make(string name, Config config, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        return CustomObjectScope.Find(name) is { } custom ? Custom(name, custom, config.All, parameter)
            : _known.Get(name, parameter)(config);
    }

    T Custom(string name, object custom, JsonElement settings, string parameter) => custom switch
    {
        T made => copy is null ? made : copy(made),
        Func<T> make => make(),
        Func<JsonElement, T> make => make(settings),
        _ => fromFunction?.Invoke(name, custom),
    }
    ?? throw new ArgumentException(
        $"The custom object \"{name}\" is a {custom.GetType()}, which is not a {kind} and does not create one.",
        parameter);
}
