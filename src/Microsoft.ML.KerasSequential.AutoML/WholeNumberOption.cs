using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Integers in a range. Each has its own cell and is mapped to its center, so that integers round-trip; ML.NET's own
/// option rounds down, which turns 60 into 59 on a log scale and never draws the largest.
/// </summary>
internal sealed class WholeNumberOption : UniformNumericOption
{
    readonly int _least, _largest;

    public WholeNumberOption(SweepRange<int> range)
        : base(range.Min, range.Max + 1.0, range.LogScale)
    {
        (_least, _largest) = (range.Min, range.Max);
        Default = MappingToFeatureSpace(Parameter.FromInt(range.Start));
    }

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromInt((int)Math.Clamp(Math.Floor(base.SampleFromFeatureSpace(values).AsType<double>()), _least,
            _largest));

    public override double[] MappingToFeatureSpace(Parameter param) =>
        base.MappingToFeatureSpace(Parameter.FromDouble(param.AsType<int>() + 0.5));
}
