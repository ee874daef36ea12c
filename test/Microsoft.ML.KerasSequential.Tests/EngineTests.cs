using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Pipelines as services, for many threads.</summary>
[TestClass]
public sealed class EngineTests
{
    public sealed class Asked
    {
        public float Features { get; set; }

        public float Label { get; set; }
    }

    public sealed class Answered
    {
        public float Score { get; set; }
    }

    public sealed class Foreign
    {
        public string Nothing { get; set; } = "";
    }

    static ITransformer Train(MLContext ml, KerasSequentialOptions? options = null) =>
        ml.Regression.Trainers.KerasSequential([new Dense(1)], options ?? new() { Epochs = 1 })
            .Fit(ml.Data.LoadFromEnumerable(
                Enumerable.Range(0, 32).Select(i => new Asked { Features = i / 32f, Label = i })));

    [TestMethod]
    public void A_model_file_answers_many_threads_at_once()
    {
        var ml = new MLContext(seed: 1);
        ITransformer trained = Train(ml);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        ml.Model.Save(trained, ml.Data.LoadFromEnumerable([new Asked()]).Schema, path);
        using var one = ml.Model.CreatePredictionEngine<Asked, Answered>(trained);
        using ServiceProvider services = new ServiceCollection().AddKerasSequentialEngine<Asked, Answered>(path)
            .BuildServiceProvider();
        var engine = services.GetRequiredService<KerasSequentialEngine<Asked, Answered>>();
        File.Delete(path);
        Assert.AreSame(engine, services.GetRequiredService<KerasSequentialEngine<Asked, Answered>>());
        float[] expected = [.. Enumerable.Range(0, 500).Select(i => one.Predict(new() { Features = i }).Score)],
            given = new float[500];
        Parallel.For(0, given.Length, new() { MaxDegreeOfParallelism = 8 }, i =>
            given[i] = engine.Predict(new() { Features = i }).Score);
        CollectionAssert.AreEqual(expected, given);
        Assert.ThrowsExactly<ArgumentNullException>(() => engine.Predict(null!));
    }

    [TestMethod]
    public void A_function_makes_the_pipeline_once_from_other_services()
    {
        int made = 0;
        using ServiceProvider services = new ServiceCollection().AddSingleton(new MLContext(seed: 1))
            .AddKerasSequentialEngine<Asked, Answered>(s =>
        {
            made++;
            return Train(s.GetRequiredService<MLContext>());
        }).BuildServiceProvider();
        Assert.AreEqual(0, made);
        Parallel.For(0, 16, _ => services.GetRequiredService<KerasSequentialEngine<Asked, Answered>>().Predict(new()));
        Assert.AreEqual(1, made);
    }

    [TestMethod]
    public void Wrong_arguments_and_columns_are_said_before_the_first_request()
    {
        var services = new ServiceCollection();
        Assert.ThrowsExactly<ArgumentException>(() => services.AddKerasSequentialEngine<Asked, Answered>(""));
        Func<IServiceProvider, ITransformer> none = null!;
        Assert.ThrowsExactly<ArgumentNullException>(() => services.AddKerasSequentialEngine<Asked, Answered>(none));
        Assert.IsEmpty(services);
        var ml = new MLContext(seed: 1);
        Assert.Throws<ArgumentException>(() => new KerasSequentialEngine<Foreign, Answered>(ml, Train(ml)));
    }

    [TestMethod]
    public void A_loss_that_is_no_number_is_a_warning_of_the_context()
    {
        var ml = new MLContext(seed: 1);
        var lines = new List<string>();
        ml.Log += (_, e) => lines.Add($"{e.Kind}: {e.RawMessage}");
        Train(ml, new() { Epochs = 30, BatchSize = 1, Optimizer = new Optimizers.SGD(1e10) });
        string said = lines.Single(l => l.Contains("The loss became", StringComparison.Ordinal));
        StringAssert.StartsWith(said, "Warning: ");
        Assert.Contains("TerminateOnNaN", said);
    }
}
