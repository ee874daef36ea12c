using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>Finds layers of a kind, including those in nested models.</summary>
internal static class LayerSearch
{
    /// <exception cref="ArgumentException">There is no layer with this name or of this kind, or it is of another
    /// kind.</exception>
    public static T First<T>(Sequential model, string? layerName, string kind, Func<T, bool>? isWanted = null) where T
        : Layer
    {
        ArgumentNullException.ThrowIfNull(model);
        Layer[] all = [.. model.Layers.SelectMany(l => l.WithInner())];
        if (layerName is null)
        {
            return all.OfType<T>().FirstOrDefault(l => isWanted is null || isWanted(l))
                ?? throw new ArgumentException($"Model {model.Name} has no layer that is {kind}.", nameof(model));
        }
        Layer named = all.FirstOrDefault(l => l.Name == layerName)
            ?? throw new ArgumentException(
                $"No such layer: {layerName}. The layers are {string.Join(", ", all.Select(l => l.Name))}.",
                nameof(layerName));
        return named as T ?? throw new ArgumentException($"Layer {layerName} is a {named.ClassName}, not {kind}.",
            nameof(layerName));
    }
}
