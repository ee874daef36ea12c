using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// A constant rate up to the first boundary, another one up to the second, and so on (Keras 3
/// <c>keras.optimizers.schedules.PiecewiseConstantDecay</c>).
/// </summary>
public class PiecewiseConstantDecay : LearningRateSchedule
{
    readonly IReadOnlyList<long> _boundaries;
    readonly IReadOnlyList<double> _values;

    /// <summary>Creates the schedule.</summary>
    /// <param name="boundaries">The last update of each rate, ascending.</param>
    /// <param name="values">The rates, one more than there are boundaries.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public PiecewiseConstantDecay(IReadOnlyList<long> boundaries, IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != boundaries.Count + 1)
            throw new ArgumentException($"There must be one more value than boundaries; given {boundaries.Count} " +
                $"boundaries and {values.Count} values.", nameof(values));
        if (!boundaries.SequenceEqual(boundaries.Order()))
            throw new ArgumentException("The boundaries must be in ascending order; given " +
                $"{string.Join(", ", boundaries)}.", nameof(boundaries));
        foreach (double value in values) NotNegative(value, nameof(values));
        _boundaries = [.. boundaries];
        _values = [.. values];
    }

    /// <inheritdoc/>
    public override double At(long step)
    {
        for (int i = 0; i < _boundaries.Count; i++)
            if (step <= _boundaries[i]) return _values[i];
        return _values[^1];
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["boundaries"] = new JsonArray([.. _boundaries.Select(b => (JsonNode)b)]),
        ["values"] = new JsonArray([.. _values.Select(v => (JsonNode)v)]),
    };
}
