using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The limits of the corrections in batch renormalization (Keras <c>renorm_clipping</c>).</summary>
/// <param name="RMax">The largest scale; null for no limit.</param>
/// <param name="RMin">The smallest scale; null for no limit.</param>
/// <param name="DMax">The largest absolute shift, 0 or more; null for no limit.</param>
public sealed record RenormClipping(double? RMax = null, double? RMin = null, double? DMax = null)
{
    /// <exception cref="ArgumentException">The limits contradict each other.</exception>
    internal RenormClipping Checked(string parameter)
    {
        if (RMax < RMin)
            throw new ArgumentException($"RMax must not be less than RMin; given {RMax} and {RMin}.", parameter);
        if (DMax < 0) throw new ArgumentException($"DMax must be 0 or more; given {DMax}.", parameter);
        return this;
    }

    internal JsonObject GetConfig()
    {
        var config = new JsonObject();
        if (RMax is double rMax) config["rmax"] = rMax;
        if (RMin is double rMin) config["rmin"] = rMin;
        if (DMax is double dMax) config["dmax"] = dMax;
        return config;
    }

    internal static RenormClipping? FromConfig(Saving.Config config, string key)
    {
        if (config.Element(key) is not { } element) return null;
        var limits = new Saving.Config(element, $"{config.Owner}: \"{key}\"");
        string[] known = ["rmax", "rmin", "dmax"];
        if (element.ValueKind != System.Text.Json.JsonValueKind.Object
            || element.EnumerateObject().Any(p => !known.Contains(p.Name)))
            throw new ArgumentException($"{config.Owner}: \"{key}\" must be an object with the keys " +
                $"{string.Join(", ", known)}; given {element.GetRawText()}.", nameof(config));
        return new(limits.OptionalDouble("rmax"), limits.OptionalDouble("rmin"), limits.OptionalDouble("dmax"));
    }
}
