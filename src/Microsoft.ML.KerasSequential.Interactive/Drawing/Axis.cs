using System.Globalization;

namespace Microsoft.ML.KerasSequential.Interactive.Drawing;

/// <summary>An axis: where values lie, and which are written beside it.</summary>
internal sealed class Axis
{
    const int MostTicks = 6;
    const double Largest = 1e300, Room = 0.05, Smallest = 1e-9;

    readonly double _low, _high, _start, _end;

    Axis(double low, double high, double start, double end, IEnumerable<(double, string)> ticks)
    {
        (_low, _high, _start, _end) = (low, high, start, end);
        Ticks = [.. ticks];
    }

    /// <summary>Round values within the axis, with their texts.</summary>
    public IReadOnlyList<(double Value, string Text)> Ticks { get; }

    /// <summary>Whether there is an axis for a value: it is finite, and so are differences of its kind.</summary>
    public static bool CanPlace(double value) => Math.Abs(value) < Largest;

    /// <summary>An axis for some values, with room beside the outermost.</summary>
    public static Axis Of(IReadOnlyCollection<double> values, double start, double end)
    {
        (double low, double high) = values.Count == 0 ? (0, 1) : (values.Min(), values.Max());
        double size = Math.Max(Math.Abs(low), Math.Abs(high)), range = high - low;
        // Values that are all but one lie in the middle.
        if (range <= Smallest * size) range = size == 0 ? 1 : size;
        double room = Math.Max(Room * range, (range - (high - low)) / 2);
        (low, high) = (low - room, high + room);
        return new(low, high, start, end, Steps(low, high, Step(high - low, least: 0)));
    }

    /// <summary>An axis of whole numbers.</summary>
    public static Axis OfEpochs(int first, int last, double start, double end)
    {
        double room = Math.Max(0.5, 0.02 * (last - first));
        // There is no epoch beside the first and the last.
        return new(first - room, last + room, start, end, Steps(first, last, Step(last - first, least: 1)));
    }

    public double Place(double value) => _start + (value - _low) / (_high - _low) * (_end - _start);

    /// <summary>The smallest of 1, 2 and 5 times a power of ten that gives few enough ticks.</summary>
    static double Step(double range, double least)
    {
        double rough = Math.Max(range / (MostTicks - 1), least);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double[] steps = [power, 2 * power, 5 * power, 10 * power];
        return steps.FirstOrDefault(step => step >= rough, 10 * power);
    }

    static IEnumerable<(double, string)> Steps(double low, double high, double step)
    {
        double first = Math.Ceiling(low / step);
        for (int i = 0; (first + i) * step <= high && i <= 2 * MostTicks; i++)
        {
            double value = (first + i) * step;
            yield return (value, value.ToString("G9", CultureInfo.InvariantCulture));
        }
    }
}
