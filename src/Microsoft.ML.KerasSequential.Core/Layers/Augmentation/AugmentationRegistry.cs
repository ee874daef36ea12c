using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;
using Make = System.Func<Microsoft.ML.KerasSequential.Saving.Config, Microsoft.ML.KerasSequential.Layers.LayerOptions,
    Microsoft.ML.KerasSequential.Layers.Layer>;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The layers that change images at random, each with a function that creates one from its
/// configuration.</summary>
internal static class AugmentationRegistry
{
    static readonly Dictionary<string, Make> s_known = new()
    {
        ["RandomFlip"] = (c, o) => new RandomFlip(c.String("mode") ?? "horizontal_and_vertical", Seed(c), Format(c), o),
        ["RandomRotation"] = (c, o) => new RandomRotation(RequiredFactor(c, "factor"), Fill(c), Interpolation(c),
            Seed(c), c.Double("fill_value", 0), Format(c), o),
        ["RandomZoom"] = (c, o) => new RandomZoom(RequiredFactor(c, "height_factor"), Factor(c, "width_factor"),
            Fill(c), Interpolation(c), Seed(c), c.Double("fill_value", 0), Format(c), o),
        ["RandomTranslation"] = (c, o) => new RandomTranslation(RequiredFactor(c, "height_factor"),
            RequiredFactor(c, "width_factor"), Fill(c), Interpolation(c), Seed(c), c.Double("fill_value", 0), Format(c),
            o),
        ["RandomContrast"] = (c, o) => new RandomContrast(RequiredFactor(c, "factor"), Factor(c, "value_range"),
            Seed(c), Format(c), o),
        ["RandomBrightness"] = (c, o) => new RandomBrightness(RequiredFactor(c, "factor"), Factor(c, "value_range"),
            Seed(c), Format(c), o),
        ["RandomCrop"] = (c, o) => new RandomCrop(c.RequiredInt("height"), c.RequiredInt("width"), Seed(c), Format(c),
            o),
        ["RandomErasing"] = (c, o) => new RandomErasing(Factor(c, "factor"), Factor(c, "scale"),
            Fills(c), Factor(c, "value_range"), Seed(c), Format(c), o),
        ["MixUp"] = (c, o) => new MixUp(c.Double("alpha", 0.2), Format(c), Seed(c), o),
        ["CutMix"] = (c, o) => new CutMix(Factor(c, "factor"), Seed(c), Format(c), o),
        ["RandomShear"] = (c, o) => new RandomShear(Shear(c, "x_factor"), Shear(c, "y_factor"), Interpolation(c),
            Fill(c), c.Double("fill_value", 0), Format(c), Seed(c), o),
        ["RandomPerspective"] = (c, o) => new RandomPerspective(Factor(c, "factor"), c.Double("scale", 1),
            Interpolation(c), c.Double("fill_value", 0), Seed(c), Format(c), o),
        ["RandomHue"] = (c, o) => new RandomHue(RequiredFactor(c, "factor"), Factor(c, "value_range"), Format(c),
            Seed(c), o),
        ["RandomSaturation"] = (c, o) => new RandomSaturation(RequiredFactor(c, "factor"), Factor(c, "value_range"),
            Format(c), Seed(c), o),
        ["RandomColorJitter"] = (c, o) => new RandomColorJitter(Factor(c, "value_range"),
            Factor(c, "brightness_factor"), Factor(c, "contrast_factor"), Factor(c, "saturation_factor"),
            Factor(c, "hue_factor"), Seed(c), Format(c), o),
        ["RandomColorDegeneration"] = (c, o) => new RandomColorDegeneration(RequiredFactor(c, "factor"),
            Factor(c, "value_range"), Format(c), Seed(c), o),
        ["RandomGrayscale"] = (c, o) => new RandomGrayscale(c.Double("factor", 0.5), Format(c), Seed(c), o),
        ["RandomInvert"] = (c, o) => new RandomInvert(Factor(c, "factor"), Factor(c, "value_range"), Seed(c), Format(c),
            o),
        ["RandomPosterization"] = (c, o) => new RandomPosterization(RequiredFactor(c, "factor"),
            Factor(c, "value_range"), Format(c), Seed(c), o),
        ["RandomSharpness"] = (c, o) => new RandomSharpness(RequiredFactor(c, "factor"), Factor(c, "value_range"),
            Format(c), Seed(c), o),
        ["RandomGaussianBlur"] = (c, o) => new RandomGaussianBlur(Factor(c, "factor"),
            LayerRegistry.Sizes(c, "kernel_size"), Factor(c, "sigma"), Factor(c, "value_range"), Format(c), Seed(c), o),
        ["RandomElasticTransform"] = (c, o) => new RandomElasticTransform(Factor(c, "factor"), Factor(c, "scale"),
            Interpolation(c), Fill(c), c.Double("fill_value", 0), Factor(c, "value_range"), Seed(c), Format(c), o),
        ["Solarization"] = (c, o) => new Solarization(Factor(c, "addition_factor"), Factor(c, "threshold_factor"),
            Factor(c, "value_range"), Seed(c), Format(c), o),
        ["AutoContrast"] = (c, o) => new AutoContrast(Factor(c, "value_range"), Format(c), o),
        ["Equalization"] = (c, o) => new Equalization(Factor(c, "value_range"), c.Int("bins", 256), Format(c), o),
        ["ContrastLimitedAdaptiveHistogramEqualization"] = (c, o) => new ContrastLimitedAdaptiveHistogramEqualization(
            Factor(c, "value_range"), c.Double("clip_limit", 4), LayerRegistry.Sizes(c, "tile_grid_size"), Format(c),
            o),
        ["RandAugment"] = (c, o) => new RandAugment(Factor(c, "value_range"), c.Int("num_ops", 2), Factor(c, "factor"),
            Interpolation(c), Seed(c), Format(c), o),
        ["AugMix"] = (c, o) => new AugMix(Factor(c, "value_range"), c.Int("num_chains", 3), c.Int("chain_depth", 3),
            Factor(c, "factor"), c.Double("alpha", 1), c.Bool("all_ops", true), Interpolation(c), Seed(c), Format(c),
            o),
    };

    /// <summary>Adds these layers to others.</summary>
    public static NameRegistry<Make> AddTo(NameRegistry<Make> layers)
    {
        foreach ((string name, Make make) in s_known) layers[name] = make;
        return layers;
    }

    static NDArray? Fills(Config c) => c.Numbers("fill_value") is { } numbers ? (NDArray)numbers : null;

    static int? Seed(Config c) => c.OptionalInt("seed");

    static string? Format(Config c) => c.String("data_format");

    static string Fill(Config c) => c.String("fill_mode") ?? "reflect";

    static string Interpolation(Config c) => c.String("interpolation") ?? "bilinear";

    static Factor? Factor(Config c, string key) => c.Numbers(key);

    static Factor RequiredFactor(Config c, string key) => Factor(c, key) ?? throw c.Missing(key);

    /// <summary>Keras writes a range to either side although it only reads the number that this range comes
    /// from.</summary>
    static Factor? Shear(Config c, string key) =>
        c.Numbers(key) is [< 0 and var low, var high] && low == -high ? high : Factor(c, key);
}
