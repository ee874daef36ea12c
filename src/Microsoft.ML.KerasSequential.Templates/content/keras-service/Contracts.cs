using System.ComponentModel.DataAnnotations;

namespace TemplateNamespace;

/// <summary>A flower whose species is asked for: the sizes of its leaves, in cm.</summary>
public sealed record PredictionRequest
{
    /// <summary>The length of a sepal, in cm.</summary>
    [Required, Range(0.1, 50)]
    public float? SepalLength { get; init; }

    /// <summary>The width of a sepal, in cm.</summary>
    [Required, Range(0.1, 50)]
    public float? SepalWidth { get; init; }

    /// <summary>The length of a petal, in cm.</summary>
    [Required, Range(0.1, 50)]
    public float? PetalLength { get; init; }

    /// <summary>The width of a petal, in cm.</summary>
    [Required, Range(0.1, 50)]
    public float? PetalWidth { get; init; }

    internal Flower ToFlower() => new()
    {
        SepalLength = SepalLength.GetValueOrDefault(),
        SepalWidth = SepalWidth.GetValueOrDefault(),
        PetalLength = PetalLength.GetValueOrDefault(),
        PetalWidth = PetalWidth.GetValueOrDefault(),
    };
}

/// <summary>Several flowers at once.</summary>
public sealed record BatchRequest : IValidatableObject
{
    /// <summary>1 to 1,000 flowers.</summary>
    [Required, Length(1, 1000)]
    public PredictionRequest?[]? Flowers { get; init; }

    // The attributes look at the flowers that are there.
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        Flowers?.Contains(null) == true ? [new("A flower is null.", [nameof(Flowers)])] : [];
}

/// <summary>What the model says of a flower.</summary>
/// <param name="Species">The most probable species.</param>
/// <param name="Probabilities">How probable each species is.</param>
public sealed record PredictionResponse(string Species, IReadOnlyDictionary<string, float> Probabilities);
