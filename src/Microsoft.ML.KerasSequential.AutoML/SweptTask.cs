using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>The task of a swept network: its last layers, and the trainer for them.</summary>
internal abstract class SweptTask
{
    /// <summary>The output for the labels of some rows.</summary>
    /// <exception cref="ArgumentException">The labels do not match the task.</exception>
    public abstract Output For(MLContext context, IDataView rows, string label, Regularizer? regularizer);

    public abstract KerasSequentialTrainer Trainer(MLContext context, Func<Sequential> network,
        KerasSequentialOptions options);

    /// <summary>The last layers, and a weight for the loss.</summary>
    public sealed record Output(IReadOnlyList<Layer> Layers, double LossWeight = 1);

    /// <exception cref="ArgumentOutOfRangeException">The column does not exist.</exception>
    protected static DataViewType LabelType(IDataView rows, string label) => rows.Schema.GetColumnOrNull(label)?.Type
        ?? throw new ArgumentOutOfRangeException(nameof(label),
            $"There is no label column \"{label}\"; there are "
            + $"{string.Join(", ", rows.Schema.Where(c => !c.IsHidden).Select(c => c.Name))}.");

    /// <summary>The numbers in a column, without missing values.</summary>
    protected static IEnumerable<float> Numbers(MLContext context, IDataView rows, string label)
    {
        const string Converted = "LabelAsNumber";
        IDataView converted = context.Transforms.Conversion.ConvertType(Converted, label, DataKind.Single).Fit(rows)
            .Transform(rows);
        return converted.GetColumn<float>(Converted).Where(float.IsFinite);
    }
}

internal sealed class SweptMulticlass : SweptTask
{
    public override Output For(MLContext context, IDataView rows, string label, Regularizer? regularizer)
    {
        int classes = LabelType(rows, label) switch
        {
            KeyDataViewType { Count: > 0 and <= int.MaxValue } key => (int)key.Count,
            VectorDataViewType { Size: > 0 } vector => vector.Size,
            _ => (int)Numbers(context, rows, label).DefaultIfEmpty(0).Max() + 1,
        };
        return new([new Dense(Math.Max(2, classes), "softmax", kernelRegularizer: regularizer)]);
    }

    public override KerasSequentialTrainer Trainer(MLContext context, Func<Sequential> network,
        KerasSequentialOptions options) =>
        context.MulticlassClassification.Trainers.KerasSequential(network, options);
}

internal sealed class SweptBinary : SweptTask
{
    public override Output For(MLContext context, IDataView rows, string label, Regularizer? regularizer) =>
        new([new Dense(1, "sigmoid", kernelRegularizer: regularizer)]);

    public override KerasSequentialTrainer Trainer(MLContext context, Func<Sequential> network,
        KerasSequentialOptions options) =>
        context.BinaryClassification.Trainers.KerasSequential(network, options);
}

internal sealed class SweptRegression : SweptTask
{
    public override Output For(MLContext context, IDataView rows, string label, Regularizer? regularizer)
    {
        if (LabelType(rows, label) is VectorDataViewType { Size: > 0 } vector)
            return new([new Dense(vector.Size, kernelRegularizer: regularizer)]);
        (double mean, double deviation) = Moments(Numbers(context, rows, label));
        // The network learns numbers around 0; the last layer, which is not trained, scales them to the label's mean
        // and deviation. The loss is that of the normalized numbers.
        var toLabel = new Dense(1, kernelInitializer: new Constant(deviation), biasInitializer: new Constant(mean),
            trainable: false);
        return new([new Dense(1, kernelRegularizer: regularizer), toLabel], 1 / (deviation * deviation));
    }

    public override KerasSequentialTrainer Trainer(MLContext context, Func<Sequential> network,
        KerasSequentialOptions options) =>
        context.Regression.Trainers.KerasSequential(network, options);

    /// <summary>Mean and standard deviation, by Welford's update; a deviation of 1 if all are equal.</summary>
    static (double Mean, double Deviation) Moments(IEnumerable<float> values)
    {
        (long count, double mean, double squares) = (0, 0, 0);
        foreach (float value in values)
        {
            double off = value - mean;
            mean += off / ++count;
            squares += off * (value - mean);
        }
        double deviation = count > 1 ? Math.Sqrt(squares / count) : 0;
        return (mean, deviation > 0 ? deviation : 1);
    }
}
