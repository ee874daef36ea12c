using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Hosting;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;
using Microsoft.ML.KerasSequential.Tasks;
using Microsoft.ML.KerasSequential.Templates;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Trains a network on the rows of a data view (Keras <c>compile</c> and <c>fit</c>): an estimator for ML.NET
/// pipelines, created by <c>ml.MulticlassClassification.Trainers.KerasSequential</c> and its siblings. Each <c>Fit</c>
/// creates a new network, so the estimator never changes.
/// </summary>
/// <remarks>
/// Rows are read into memory in one pass; above <see cref="KerasSequentialOptions.MaxInMemoryBytes"/>, they are
/// streamed. Rows in which a feature is NaN or infinite, or the label or weight is missing, are skipped in training,
/// and a warning in <c>MLContext.Log</c> reports their number.
/// </remarks>
public sealed class KerasSequentialTrainer : IEstimator<KerasSequentialTransformer>
{
    readonly IHost _host;
    readonly ModelTemplate _template;
    readonly PredictionTask _task;
    readonly KerasSequentialOptions _options;
    readonly long _seed;

    internal KerasSequentialTrainer(IHostEnvironment environment, ModelTemplate template, PredictionTask task,
        KerasSequentialOptions? options)
    {
        (_template, _task, _options) = (template, task, (options ?? new()).Checked());
        _host = environment.Register(nameof(KerasSequentialTrainer));
        // Drawn once, so that fitting twice produces the same network.
        _seed = _options.Seed ?? ((long)_host.Rand.Next() << 31) | (uint)_host.Rand.Next();
    }

    /// <summary>Trains a network.</summary>
    /// <param name="input">The rows.</param>
    /// <returns>The trained transformer.</returns>
    /// <exception cref="ArgumentException">Columns, layers and options do not match; the message says what was expected
    /// and what was found.</exception>
    /// <exception cref="OperationCanceledException">The token or the environment was canceled.</exception>
    public KerasSequentialTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains a network with validation after each epoch.</summary>
    /// <param name="trainData">The rows.</param>
    /// <param name="validationData">Other rows with the same columns; they override those of the options.</param>
    /// <returns>The trained transformer.</returns>
    /// <exception cref="ArgumentException">Columns, layers and options do not match; the message says what was expected
    /// and what was found.</exception>
    /// <exception cref="OperationCanceledException">The token or the environment was canceled.</exception>
    public KerasSequentialTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using IChannel channel = _host.Start("Training");
        using var watch = new CancellationWatch(_host, _options.CancellationToken);
        Sequential? model = null;
        try
        {
            IDataView? judged = validationData ?? _options.ValidationData;
            model = Prepare(trainData, judged, watch.Token, out int[] sample, out FeatureColumns features,
                out TargetColumn? target);
            var state = new ScorerState(_task, _options.Features, sample, target?.Label,
                _options.ExampleWeightColumnName, _options.OutputColumnName, model.Loss is { TakesLogits: true });
            if (target is null || _options.Epochs <= _options.InitialEpoch) return new(_host, model, state, null);
            channel.Info(MessageSensitivity.None, "{0}",
                $"Training {model.Name}, {model.CountParams()} weights, on {model.Device}.");
            RowSource Rows(IDataView view) =>
                new(view, features, target, _options.ExampleWeightColumnName,
                    _options.ClassWeight?.Of(target.Label.ValueNames(target.Classes), target.Label.Name));
            var fit = new Fitting(model, _options, sample, _seed, channel, watch.Token);
            model.Distribute = _options.Distribution;
            model.Logger = new ChannelLogger(channel, _options.Logger ?? NullLogger.Instance);
            History history = fit.Run(Rows(trainData),
                CheckedValidation(judged, target) is { } held ? Rows(held) : null);
            // Each process scores the rows that its own data views request.
            model.Distribute = null;
            model.Logger = _options.Logger ?? NullLogger.Instance;
            return new(_host, model, state, history);
        }
        catch (OperationCanceledException e)
        {
            model?.Dispose();
            throw watch.Explain(e);
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or of a type that the network cannot
    /// use.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (string name in _options.Features)
        {
            SchemaShape.Column column = Columns.Find(inputSchema, name, "feature");
            bool isText = column.ItemType is TextDataViewType;
            if (isText ? _template.TakesTexts == false
                : column.ItemType is not (NumberDataViewType or BooleanDataViewType) || _template.TakesTexts == true)
                throw Columns.Mismatch("feature", name, FeatureColumns.Expected(_template.TakesTexts == true),
                    column.ItemType.ToString());
        }
        if (_options.ExampleWeightColumnName is { } weight)
        {
            SchemaShape.Column column = Columns.Find(inputSchema, weight, "weight");
            if (column.ItemType is not NumberDataViewType || column.IsKey
                || column.Kind != SchemaShape.Column.VectorKind.Scalar)
                throw Columns.Mismatch("weight", weight, "a number", column.ItemType.ToString());
        }
        LabelSchema? label = Learns ? LabelSchema.Of(inputSchema, _options.LabelColumnName) : null;
        var state = new ScorerState(_task, _options.Features, [1], label, null, _options.OutputColumnName, false);
        DataViewSchema added = ScoreColumn.Append(new DataViewSchema.Builder().ToSchema(),
            _task.Columns(state, _task.OutputShape(label)), _task.ScoreColumnKind);
        SchemaShape shape = MLNet.ShapeOf(added);
        return new(inputSchema.Where(c => shape.All(s => s.Name != c.Name)).Concat(shape));
    }

    /// <summary>Whether there is something to learn: without epochs, a raw transform only scores.</summary>
    bool Learns => _task is not RawTask || _options.Epochs > _options.InitialEpoch;

    /// <summary>Creates a network, built and compiled for the columns.</summary>
    Sequential Prepare(IDataView data, IDataView? judged, CancellationToken token, out int[] sample,
        out FeatureColumns features, out TargetColumn? target)
    {
        target = null;
        DataViewSchema schema = data.Schema;
        var adapting = new Adapting(data, _options.Features, _options.InputShape,
            judged is null ? _options.ValidationSplit : 0, token);
        Sequential model = _template.Create(_seed, adapting.Adapt);
        try
        {
            model.Device = DeviceChoice.Of(_host, _options.Device);
            IReadOnlyList<int?>? declared = _options.InputShape is { } shape ? [.. shape.Select(d => (int?)d)]
                : model.BatchInputShape is { } own ? [.. own.Skip(1)] : null;
            features = FeatureColumns.Find(schema, _options.Features, declared, out sample, model.FirstText);
            if (!model.Built)
                model.Build(model.FirstText is { KeepsShape: false } text ? text.NumbersShape
                    : ((Shape)sample).WithBatch());
            if (Learns && model.FirstText is { KeepsShape: false })
            {
                features = features.SizedFor(judged is null ? [data] : [data, judged], token);
                if (sample.Length == 1) sample = [features.Size];
            }
            if (_options.ExampleWeightColumnName is { } weight) RowSource.CheckWeights(schema, weight);
            if (!Learns) return model;

            LabelSchema label = LabelSchema.Of(schema, _options.LabelColumnName);
            (Optimizer? optimizer, LossSet? loss, MetricSet? metrics, LossWeights? lossWeights, SampleWeightMode? mode,
                MetricSet? weighted) =
                model.Optimizer is null ? (null, null, null, null, null, null) : model.CompileArguments();
            loss = _options.Loss ?? loss ?? _task.DefaultLoss(label);
            model.Compile((_options.Optimizer ?? optimizer ?? "rmsprop").Copy(), loss,
                (_options.Metrics ?? metrics ?? _task.DefaultMetrics)?.Copy(), _options.LossWeights ?? lossWeights,
                _options.SampleWeightMode ?? mode, (_options.WeightedMetrics ?? weighted)?.Copy(),
                autoScaleLoss: model.AutoScalesLoss);
            target = _task.Target(label, model.Loss, NetworkScores.ShapeFor(model, sample), model.Layers[^1].Name);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    IDataView? CheckedValidation(IDataView? view, TargetColumn target)
    {
        if (view is null) return null;
        LabelSchema label = LabelSchema.Of(view.Schema, target.Label.Name);
        if (!label.IsOfTypeOf(target.Label))
            throw Complaint.About(nameof(KerasSequentialOptions.ValidationData),
                $"The label \"{label.Name}\" of the validation data has a different type than that of the training "
                + "data.");
        foreach (string name in _options.Features) Columns.Find(view.Schema, name, "feature");
        if (_options.ExampleWeightColumnName is { } weight) RowSource.CheckWeights(view.Schema, weight);
        return view;
    }
}
