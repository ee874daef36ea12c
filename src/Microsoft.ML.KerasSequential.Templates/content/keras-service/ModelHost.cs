using Microsoft.ML;

namespace TemplateNamespace;

/// <summary>
/// Loads the model's file while the service starts. Where there is none yet, a model is trained and saved there.
/// </summary>
public sealed partial class ModelHost(
    MLContext ml, IConfiguration configuration, IHostEnvironment environment,
    ILogger<ModelHost> logger) : BackgroundService
{
    volatile ITransformer? _model;

    /// <summary>Whether the model is there.</summary>
    public bool IsReady => _model is not null;

    /// <summary>The model.</summary>
    /// <exception cref="InvalidOperationException">It is not there yet.</exception>
    public ITransformer Model => _model ?? throw new InvalidOperationException("The model is not loaded yet.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Run(() => Open(stoppingToken), stoppingToken);

    void Open(CancellationToken stoppingToken)
    {
        string path = Path.Combine(environment.ContentRootPath, configuration["Model:Path"] ?? "model.zip");
        try
        {
            if (!File.Exists(path)) Train(path, stoppingToken);
            _model = ml.Model.Load(path, out _);
            LogLoaded(path);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // The host stops; whoever started the service shall know why.
            Environment.ExitCode = 1;
            throw new InvalidOperationException($"The model {path} could not be loaded.", e);
        }
    }

    void Train(string path, CancellationToken stoppingToken)
    {
        LogTraining(path);
        string csv = Path.Combine(AppContext.BaseDirectory, "Data", "iris.csv");
        ITransformer model = FlowerModel.Train(ml, csv, stoppingToken);

        // Beside its place first, so that what stands there is always whole.
        string unfinished = $"{path}.{Environment.ProcessId}";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ml.Model.Save(model, ml.Data.LoadFromEnumerable<Flower>([]).Schema, unfinished);
        File.Move(unfinished, path, overwrite: true);
    }

    public override void Dispose()
    {
        (_model as IDisposable)?.Dispose();
        _model = null;
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "There is no {Path} yet: a model is trained.")]
    partial void LogTraining(string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "The model {Path} is loaded.")]
    partial void LogLoaded(string path);
}
