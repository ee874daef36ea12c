using System.Numerics.Tensors;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// Checks of the data: everything is checked before anything changes.
public sealed partial class Sequential
{
    static Shape SampleShape(NDArray array) => array.Shape[1..].ToArray();

    /// <summary>Checks a batch against the model; arrays are looked up by name if necessary.</summary>
    ModelData CheckBatch(Mode mode, Batch batch, IReadOnlyDictionary<int, double>? classWeight, string parameter)
    {
        NDArray x = batch.NamedX is null ? batch.X : Named(batch.NamedX, InputName, "input", parameter);
        NDArray? y = batch.NamedY is null ? batch.Y : Named(batch.NamedY, OutputName, "target", parameter);
        NDArray? weight = batch.NamedSampleWeight is null ? batch.SampleWeight
            : Named(batch.NamedSampleWeight, OutputName, "sample weight", parameter);
        return CheckData(mode, x, y, weight, classWeight, parameter, parameter, parameter);
    }

    /// <summary>The number of samples in a batch of a stateful model, or null.</summary>
    int? FixedBatch => Stateful ? _input?.Shape[0] : null;

    /// <summary>The number of samples in a step: the caller's, or the batch size of a stateful model.</summary>
    int BatchSizeOf(int? given, string parameter)
    {
        if (FixedBatch is not int size) return given ?? DefaultBatchSize;
        return given is null || given == size ? size
            : throw new ArgumentException(
                $"The stateful network {Name} was created for batches of {size} samples; given a batch "
                + $"size of {given}.", parameter);
    }

    /// <summary>A stateful model accepts only full batches.</summary>
    void CheckWholeBatches(NDArray x, string parameter)
    {
        if (FixedBatch is int size && x.Rows % size != 0)
            throw new ArgumentException(
                "In a stateful network, you should only pass inputs with a number of samples that can be divided "
                + $"by the batch size. Found: {x.Rows} samples; the batch size is {size}.", parameter);
    }

    static NDArray Named(IReadOnlyDictionary<string, NDArray> arrays, string name, string what, string parameter) =>
        arrays.TryGetValue(name, out NDArray? array) && array is not null ? array
            : throw new ArgumentException(
                $"No data provided for the {what} \"{name}\". Need data for each key in: \"{name}\"; given "
                + $"{(arrays.Count == 0 ? "none" : string.Join(", ", arrays.Keys.Select(k => $"\"{k}\"")))}.",
                parameter);

    static NDArray Single(IReadOnlyList<NDArray> arrays, string what, string parameter) =>
        arrays is [{ } single] ? single
            : throw new ArgumentException(
                $"Error when checking model {what}: the list of arrays that you are passing to your model is not "
                + $"the size the model expected. Expected to see 1 array(s), but got {arrays.Count}.", parameter);

    /// <summary>Inputs in the shape that the model expects; an unbuilt model is built for them.</summary>
    NDArray CheckInput(NDArray x, string parameter)
    {
        if (x is null) throw new ArgumentNullException(parameter);
        if (x.Rank == 0)
            throw new ArgumentException(
                $"Error when checking input: expected an array of samples, but got a single number.", parameter);
        if (x.Rank == 1) x = x.Reshape(x.Rows, 1);
        using ModelGate.Turn turn = WeightGate.Enter();
        if (_layers.Count == 0) throw new InvalidOperationException("There are no layers in the model.");
        if (_input is null)
        {
            try
            {
                Connect(SampleShape(x).WithBatch());
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException(e.Message, parameter, e);
            }
            if (Optimizer is not null) ResolveMetrics();
        }
        else if (Optimizer is not null && _collectedWeights is null)
        {
            ResolveMetrics();
        }
        if (Misfit(x, _input!.Shape, "input", _input.Name) is { } misfit)
            throw new ArgumentException(ShapeHints.Behind(misfit, ShapeHints.ForInput(x.Shape, _input.Shape)),
                parameter);
        FirstText?.CheckNumbers(x, parameter);
        CheckWholeBatches(x, parameter);
        return x;
    }

    /// <summary>Runs checks; if they fail, a model that they built for the data is reset.</summary>
    T Checked<T>(Func<T> checks)
    {
        bool wasBuilt = Built;
        try
        {
            return checks();
        }
        catch when (!wasBuilt)
        {
            // What others have started to use since then stays.
            using (WeightGate.Enter())
                if (_spanning == (Innermost is null ? 0 : 1)) Disconnect();
            throw;
        }
    }

    /// <summary>Checks everything that a step requires of its data.</summary>
    ModelData CheckData(Mode mode, NDArray x, NDArray? y, NDArray? sampleWeight,
        IReadOnlyDictionary<int, double>? classWeight, string xName, string yName, string weightName)
    {
        using ModelGate.Turn turn = WeightGate.Enter();
        y ??= _targetTensors?.Value();
        if (y is null && Loss is not null)
            throw new ArgumentNullException(yName, $"The model has the loss {Loss.Name}, which needs targets.");
        if (x is null) throw new ArgumentNullException(xName);
        if (x.Size == 0 || (x.Rank > 0 && x.Rows == 0))
            throw new ArgumentException($"The input data is empty: shape {Shape.Format(x.Shape)}.", xName);
        if (y is null) return WithoutTargets(mode, x, sampleWeight, classWeight, xName, weightName);
        if (y.Rank == 0)
            throw new ArgumentException(
                "Error when checking target: expected an array of samples, but got a single number.", yName);
        x = CheckInput(x, xName);
        if (y.Rank == 1) y = y.Reshape(y.Rows, 1);
        y = CheckTarget(y, yName);
        if (x.Rows != y.Rows)
            throw new ArgumentException(
                $"Input arrays should have the same number of samples as target arrays. Found {x.Rows} input "
                + $"samples and {y.Rows} target samples.", yName);
        CheckFinite(x, $"input: {_input!.Name}", xName);
        CheckFinite(y, $"target: {OutputName}", yName);
        if (Loss is SparseCategoricalCrossentropy) CheckClasses(y, yName);
        var data = new ModelData(x, y, SampleWeight(y, sampleWeight, classWeight, weightName));
        Lookups(mode, data).Verify(data, xName, yName);
        return data;
    }

    /// <summary>Checks the data of a model that is trained only on the losses that it adds.</summary>
    ModelData WithoutTargets(Mode mode, NDArray x, NDArray? sampleWeight, IReadOnlyDictionary<int, double>? classWeight,
        string xName, string weightName)
    {
        x = CheckInput(x, xName);
        CheckFinite(x, $"input: {_input!.Name}", xName);
        if (_metrics.Count + _weightedMetrics.Count > 0)
            throw new ArgumentNullException(
                xName, $"The metrics {string.Join(", ", Metrics.Select(m => m.Name))} need targets.");
        if (sampleWeight is not null || classWeight is not null)
            throw new ArgumentException(
                "Sample weights and class weights apply to a loss over targets, but there are no targets.", weightName);
        return CheckLookups(mode, x, xName);
    }

    /// <summary>Checks that the model's lookup indices are in range.</summary>
    ModelData CheckLookups(Mode mode, NDArray x, string parameter)
    {
        var data = new ModelData(x, null, null);
        Lookups(mode, data).Verify(data, parameter, parameter);
        return data;
    }

    /// <summary>Targets in the shape that the loss expects; a last dimension of size 1 may be missing or
    /// extra.</summary>
    NDArray CheckTarget(NDArray y, string parameter)
    {
        if (Loss is CategoricalCrossentropy && y.Shape[^1] == 1)
        {
            throw new ArgumentException(
                "Error when checking target: categorical_crossentropy expects one column per class, but got an "
                + $"array of shape {Shape.Format(y.Shape)}. "
                + "Convert class indices with NpUtils.ToCategorical, or use sparse_categorical_crossentropy, which "
                + "accepts them directly.", parameter);
        }
        // A vector of targets is treated as a column, also against predictions without a last dimension.
        Shape expected = _output!.Rank == 1 ? new([.. _output.Shape, 1]) : _output.Shape;
        if (Loss is { TakesClassNumbers: true }) expected = new([.. expected.Take(expected.Rank - 1), 1]);
        else if (Loss is null or { ChecksTargetShape: false }) return y;
        if (y.Rank + 1 == expected.Rank && expected[^1] == 1 && Fits(y.Shape, expected))
            return y.Reshape([.. y.Shape, 1]);
        if (y.Rank == expected.Rank + 1 && y.Shape[^1] == 1 && Fits(y.Shape[..^1], expected))
            return y.Reshape(y.Shape[..^1].ToArray());
        if (Misfit(y, expected, "target", OutputName) is not { } misfit) return y;
        string hint = ShapeHints.ForTarget(y.Shape, _output.Shape, Loss is { TakesClassNumbers: true });
        throw new ArgumentException(ShapeHints.Behind(misfit, hint), parameter);

        static bool Fits(ReadOnlySpan<int> shape, Shape expected)
        {
            for (int i = 1; i < shape.Length; i++)
                if (expected[i] is int size && size != shape[i]) return false;
            return true;
        }
    }

    /// <summary>What does not fit, or null.</summary>
    static string? Misfit(NDArray array, Shape expected, string what, string name)
    {
        if (array.Rank != expected.Rank)
            return $"Error when checking {what}: expected {name} to have {expected.Rank} dimensions, but got array "
                + $"with shape {Shape.Format(array.Shape)}";
        for (int i = 1; i < array.Rank; i++)
        {
            if (expected[i] is int size && size != array.Shape[i])
                return $"Error when checking {what}: expected {name} to have shape "
                    + $"{expected.WithoutBatch()} but got array with shape {Shape.Format(array.Shape[1..])}";
        }
        return null;
    }

    static void CheckFinite(NDArray array, string what, string parameter)
    {
        if (float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(array.Data))) return;
        ReadOnlySpan<float> values = array.Data;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new ArgumentException(
                    $"Error when checking {what} holds "
                    + $"{values[i].ToString(System.Globalization.CultureInfo.InvariantCulture)} in sample "
                    + $"{i / Math.Max(1, array.RowSize)}; training requires finite numbers.", parameter);
        }
    }

    void CheckClasses(NDArray y, string parameter)
    {
        int? classes = _output!.Shape[-1];
        foreach (float value in y.Data)
        {
            if (value >= 0 && !(value >= classes) && value == MathF.Floor(value)) continue;
            string hint = ShapeHints.ForClasses(
                TensorPrimitives.Min<float>(y.Data), TensorPrimitives.Max<float>(y.Data), classes);
            throw new ArgumentException($"Error when checking target: {OutputName} has {classes} classes, so targets "
                + $"must be integers from 0 to {classes - 1}, but got "
                + $"{value.ToString(System.Globalization.CultureInfo.InvariantCulture)}.{hint}", parameter);
        }
    }

    /// <summary>Sample weights times class weights, or null if neither is given.</summary>
    NDArray? SampleWeight(NDArray y, NDArray? sampleWeight, IReadOnlyDictionary<int, double>? classWeight,
        string parameter)
    {
        NDArray? weight = null;
        if (sampleWeight is not null)
        {
            bool temporal = _sampleWeightMode.IsTemporal;
            if (temporal && y.Rank < 3)
                throw new ArgumentException(
                    $"Found a sample_weight array for an input with shape {Shape.Format(y.Shape)}. Timestep-wise "
                    + "sample weighting (use of sample_weight_mode=\"temporal\") is restricted to outputs that are "
                    + "at least 3D, i.e. that have a time dimension.", parameter);
            int rank = temporal ? 2 : 1;
            if (sampleWeight.Rank == rank + 1 && sampleWeight.Shape[^1] == 1)
                sampleWeight = sampleWeight.Reshape(sampleWeight.Shape[..rank].ToArray());
            if (sampleWeight.Rank != rank)
                throw new ArgumentException(
                    $"Found a sample_weight array with shape {Shape.Format(sampleWeight.Shape)}. In order to use "
                    + (temporal ? "timestep-wise sample weighting, you should pass a 2D sample_weight array."
                        : "timestep-wise sample weights, you should specify sampleWeightMode: Temporal in Compile; "
                        + "else sample weights are 1D."), parameter);
            for (int i = 0; i < rank; i++)
            {
                if (sampleWeight.Shape[i] != y.Shape[i])
                    throw new ArgumentException(
                        $"Found a sample_weight array with shape {Shape.Format(sampleWeight.Shape)} for an input "
                        + $"with shape {Shape.Format(y.Shape)}. sample_weight cannot be broadcast.", parameter);
            }
            CheckFinite(sampleWeight, "sample weights: the array", parameter);
            weight = sampleWeight;
        }
        if (classWeight is null) return weight;
        float[] classes = ClassWeights(y, classWeight);
        if (weight is null) return classes;
        var product = new float[weight.Size];
        int perSample = weight.RowSize;
        for (int i = 0; i < product.Length; i++) product[i] = weight.Data[i] * classes[i / perSample];
        return new(product, weight.Shape.ToArray());
    }

    static float[] ClassWeights(NDArray y, IReadOnlyDictionary<int, double> classWeight)
    {
        if (y.Rank > 2)
            throw new ArgumentException("`class_weight` not supported for 3+ dimensional targets.",
                nameof(classWeight));
        foreach ((int key, double value) in classWeight)
            if (!double.IsFinite(value))
                throw new ArgumentException($"The weight of class {key} must be a finite number; given {value}.",
                    nameof(classWeight));
        int columns = y.RowSize;
        var weights = new float[y.Rows];
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<float> row = y.Data.AsSpan(i * columns, columns);
            if (columns > 1 && classWeight is OneHotClassWeights && !OneHotClassWeights.IsOneHot(row))
            {
                throw new ArgumentException(
                    $"Class weights require one label per sample, but the targets of sample {i} are not one-hot: "
                    + $"{columns - row.Count(0f)} of {columns} values are not 0. Use `sampleWeight` to weight "
                    + "samples with several labels.",
                    nameof(classWeight));
            }
            int label = columns > 1 ? TensorPrimitives.IndexOfMax(row) : (int)row[0];
            if (!classWeight.TryGetValue(label, out double value))
                throw new ArgumentException(
                    $"`class_weight` must contain all classes in the data. The class {label} exists in the data "
                    + "but not in `class_weight`.", nameof(classWeight));
            weights[i] = (float)value;
        }
        return weights;
    }
}
