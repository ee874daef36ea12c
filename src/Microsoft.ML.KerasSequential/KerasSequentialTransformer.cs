extern alias internals;

using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Hosting;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A trained network in an ML.NET pipeline. <see cref="Transform"/> adds its predictions as columns: lazily, one block
/// of rows at a time, and safely from several threads, which take turns using the network. In a prediction engine, it
/// predicts row by row immediately.
/// </summary>
/// <remarks>Missing features (NaN) pass through the network unchanged and make the scores NaN; the predicted key is
/// then missing, 0.</remarks>
public sealed class KerasSequentialTransformer : ISingleFeaturePredictionTransformer<Sequential>,
    internals::Microsoft.ML.ISingleFeaturePredictionTransformer
{
    readonly IHost _host;
    readonly ScorerState _state;

    internal KerasSequentialTransformer(IHostEnvironment environment, Sequential model, ScorerState state,
        History? history)
    {
        (_host, Model, _state, History) = (environment.Register(nameof(KerasSequentialTransformer)), model, state,
            history);
        FeatureColumnType = model.FirstText switch
        {
            null => new VectorDataViewType(NumberDataViewType.Single, state.SampleShape),
            { KeepsShape: true } when state.SampleShape is not [1] =>
                new VectorDataViewType(TextDataViewType.Instance, state.SampleShape),
            _ => TextDataViewType.Instance,
        };
    }

    /// <summary>The network.</summary>
    public Sequential Model { get; }

    /// <summary>Loss and metrics of each epoch; null if the network was not trained in this process, as after
    /// loading.</summary>
    public History? History { get; }

    /// <summary>The feature column.</summary>
    /// <exception cref="InvalidOperationException">There are several feature columns
    /// (<see cref="KerasSequentialOptions.FeatureColumnNames"/>).</exception>
    public string FeatureColumnName => FeatureColumnNames is [var one] ? one
        : throw new InvalidOperationException("The network has several feature columns, "
            + $"{string.Join(", ", FeatureColumnNames)}; to get one column, concatenate them "
            + "(ml.Transforms.Concatenate).");

    /// <summary>The feature columns.</summary>
    public IReadOnlyList<string> FeatureColumnNames => _state.FeatureColumnNames;

    /// <summary>The type of a sample as a column: a vector in the shape of the network's input, or text if the
    /// network takes text. Columns of other numeric types with the same number of values are also accepted.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A feature column is missing, or does not match the
    /// network.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A feature column is missing, or does not match the
    /// network.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ScoreMapper(Bind(inputSchema));

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A feature column is missing, or does not match the
    /// network.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredView(input, Bind(input.Schema), this);
    }

    /// <summary>Computes loss and metrics on rows (Keras <c>evaluate</c>), in the order of the network's
    /// <c>metrics_names</c>. Rows without features, label or weight are skipped.</summary>
    /// <param name="data">The rows, with the same columns as the training data.</param>
    /// <param name="batchSize">The number of rows per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar on the console.</param>
    /// <param name="cancellationToken">Cancels the evaluation between two batches.</param>
    /// <returns>The values by name.</returns>
    /// <exception cref="InvalidOperationException">The network was trained without a label, or was saved with a loss
    /// that cannot be saved or is unknown here.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public Evaluation Evaluate(IDataView data, int? batchSize = null, int verbose = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (_state.Label is not { } learnt)
            throw new InvalidOperationException(
                "The network was trained without a label, so there is nothing to compare its predictions with.");
        if (Model.Optimizer is null)
        {
            throw new InvalidOperationException("The network is not compiled: "
                + (Model.WhyUncompiled ?? "it was loaded from a file that cannot contain its loss or metrics.")
                + " Call Model.Compile first.");
        }
        FeatureColumns features = FeatureColumns
            .Find(data.Schema, _state.FeatureColumnNames, _state.SampleShape, Model.FirstText)
            .SizedFor([data], cancellationToken);
        int[] sample = Model.FirstText is { KeepsShape: false } ? [features.Size] : _state.SampleShape;
        LabelSchema label = LabelSchema.Of(data.Schema, learnt.Name);
        if (!label.IsOfTypeOf(learnt))
            throw Columns.Mismatch("label", label.Name, Describe(learnt), Describe(label));
        if (_state.ExampleWeightColumnName is { } weight) RowSource.CheckWeights(data.Schema, weight);
        TargetColumn target = _state.Task.Target(label, Model.Loss, NetworkScores.ShapeFor(Model, _state.SampleShape),
            Model.Layers[^1].Name);
        var source = new RowSource(data, features, target, _state.ExampleWeightColumnName, null);
        using var watch = new CancellationWatch(_host, cancellationToken, ignoresEarlier: true);
        using IChannel channel = _host.Start("Evaluation");
        try
        {
            RowTable.Reading rows = RowTable.Read(source, sample, 0,
                KerasSequentialOptions.DefaultMaxInMemoryBytes, null, watch.Token);
            TrainingLog.LeftOut(channel, rows.LeftOut);
            if (rows.Count == 0)
                throw new ArgumentException("There are no rows with features and a label.", nameof(data));
            if (rows.Table is { } table)
                return Model.Evaluate(table.X, table.Y, batchSize, verbose, table.Weights,
                    cancellationToken: watch.Token);
            var batches = new StreamedBatches(source, sample, 0, rows.Count,
                batchSize ?? Sequential.DefaultBatchSize, KerasSequentialOptions.DefaultMaxInMemoryBytes, false, 0,
                queue: 10, watch.Token);
            return Model.Evaluate(batches, verbose, cancellationToken: watch.Token);
        }
        catch (OperationCanceledException e)
        {
            throw watch.Explain(e);
        }
    }

    /// <summary>Writes the network as an ONNX file (see
    /// <see cref="Sequential.ToOnnx(string, OnnxOptions?)"/>).</summary>
    /// <param name="path">The file, written under a temporary name and renamed.</param>
    /// <param name="options">The export options.</param>
    public void ToOnnx(string path, OnnxOptions? options = null) => Model.ToOnnx(path, Sized(options));

    /// <summary>Writes the network as an ONNX file (see
    /// <see cref="Sequential.ToOnnx(Stream, OnnxOptions?)"/>).</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">The export options.</param>
    public void ToOnnx(Stream stream, OnnxOptions? options = null) => Model.ToOnnx(stream, Sized(options));

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelStore.Save(ctx, ScorerFile.Write(_state), stream =>
    {
        // A model with custom functions (a loss from a lambda) is saved without what only training needs; this is
        // determined before anything is written.
        try
        {
            Model.SaveTo(stream, includeOptimizer: true);
        }
        catch (InvalidOperationException)
        {
            Model.SaveTo(stream, includeOptimizer: false);
        }
    });

    Scorer Bind(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new(new NetworkScores(Model, _state), _state, input);
    }

    static string Describe(LabelSchema label) =>
        $"{(label.IsVector ? $"a vector of {label.Size} " : "")}{label.Kind}"
        + $"{(label is { Kind: LabelKind.Key, IsVector: false } ? $" of {label.Size} values" : "")}";

    OnnxOptions? Sized(OnnxOptions? options) =>
        Model.InputShape.Skip(1).All(d => d is not null) || Model.FirstText is { KeepsShape: false } ? options
        : (options ?? new()) with
        {
            InputShape = options?.InputShape
            ?? new Shape([.. _state.SampleShape.Select(d => (int?)d)])
        };
}
