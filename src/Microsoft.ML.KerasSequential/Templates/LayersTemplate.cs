using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Reading;

namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>Layers, of which each network gets copies; a layer that occurs twice in the list occurs twice in the
/// network.</summary>
internal sealed class LayersTemplate : ModelTemplate
{
    readonly Layer[] _layers;

    public LayersTemplate(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0) throw new ArgumentException("There are no layers in the model.", nameof(layers));
        if (layers.Contains(null!)) throw new ArgumentException("A layer cannot be null.", nameof(layers));
        _layers = [.. layers];
    }

    public override Sequential Create(long seed, Action<Layer> prepare)
    {
        var copies = new Dictionary<Layer, Layer>();
        var model = new Sequential { Seed = seed };
        foreach (Layer layer in _layers)
        {
            if (!copies.TryGetValue(layer, out Layer? copy)) copies[layer] = copy = Copy(layer);
            if (model.Layers.Count == 0) prepare(copy);
            model.Add(copy);
        }
        return model;
    }

    public override bool? TakesTexts => Sequential.TextPart(_layers[0]) is not null;

    static Layer Copy(Layer layer)
    {
        try
        {
            return layer.Copy();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw Complaint.About("layers",
                $"Layer {layer.Name} ({layer.ClassName}) cannot be copied for training: {e.Message} Pass a function "
                + "that creates the network instead: KerasSequential(() => new Sequential([…])).", e);
        }
    }
}
