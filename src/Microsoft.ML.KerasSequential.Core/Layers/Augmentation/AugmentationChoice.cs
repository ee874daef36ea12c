namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Operations on images, of which one is chosen for each image.</summary>
internal sealed class AugmentationChoice
{
    readonly Sampling _sampling;
    readonly RandomShear _shear;
    readonly RandomTranslation _translation;
    readonly RandomRotation _rotation;
    readonly ImageAugmentation[] _others;

    public AugmentationChoice((double Low, double High) range, (double Low, double High) factor, string interpolation,
        int? seed, bool withColors)
    {
        _sampling = Sampling.Of(interpolation, "reflect", 0);
        Factor valueRange = range, strength = factor;
        _shear = new(strength, strength, seed: seed);
        _translation = new(strength, strength, seed: seed);
        _rotation = new(strength, seed: seed);
        _others =
        [
            new RandomPosterization(Math.Max(1, (int)(8 * factor.High)), valueRange, seed: seed),
            new Solarization(strength, strength, valueRange, seed),
            new AutoContrast(valueRange),
            new Equalization(valueRange),
        ];
        if (withColors)
            _others =
            [
                .. _others,
                new RandomBrightness(strength, valueRange, seed),
                new RandomColorDegeneration(strength, valueRange, seed: seed),
                new RandomContrast(strength, valueRange, seed),
                new RandomSharpness(strength, valueRange, seed: seed),
            ];
    }

    /// <summary>The number of operations.</summary>
    public int Count => 3 + _others.Length;

    /// <summary>The images, each changed by one operation.</summary>
    /// <param name="images">The images, with channels last.</param>
    /// <param name="choice">A number for each image, (batch, 1, 1, 1), whose integer part selects the operation; from
    /// <see cref="Count"/> on, none.</param>
    public Tensor Apply(Tensor images, Tensor choice)
    {
        Tensor chosen = K.Floor(choice), moved = K.Squeeze(chosen, 3);
        // The three operations that move pixels are read through one transformation.
        Tensor[] shear = _shear.Transformation(images), translation = _translation.Transformation(images),
            rotation = _rotation.Transformation(images);
        Tensor[] t = [.. Enumerable.Range(0, 6).Select(i => K.Where(K.Equal(moved, 0), shear[i],
            K.Where(K.Equal(moved, 1), translation[i],
                K.Where(K.Equal(moved, 2), rotation[i], i is 0 or 4 ? 1 : 0))))];
        Tensor result = K.Where(chosen < 3, _sampling.Affine(images, t[0], t[1], t[2], t[3], t[4], t[5]), images);
        for (int i = 0; i < _others.Length; i++)
            result = K.Where(K.Equal(chosen, 3 + i), _others[i].Augment(images), result);
        return result;
    }
}
