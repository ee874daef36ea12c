using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models as services.</summary>
[TestClass]
public sealed class DependencyInjectionTests
{
    static Sequential Model(int units = 1) => new([new Dense(units, inputShape: [3])]);

    [TestMethod]
    public void A_file_becomes_one_model_that_all_share_and_the_container_disposes()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        NDArray x = new float[,] { { 1, 2, 3 } };
        float[] expected;
        using (Sequential saved = Model())
        {
            saved.Save(path);
            expected = saved.Predict(x).ToArray();
        }
        Sequential model;
        using (ServiceProvider services = new ServiceCollection().AddKerasSequential(path).BuildServiceProvider())
        {
            model = services.GetRequiredService<Sequential>();
            File.Delete(path);
            using IServiceScope scope = services.CreateScope();
            Assert.AreSame(model, scope.ServiceProvider.GetRequiredService<Sequential>());
            CollectionAssert.AreEqual(expected, model.Predict(x).ToArray());
        }
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Predict(x));
    }

    [TestMethod]
    public void Models_with_names_are_keyed_and_made_once_when_they_are_asked_for()
    {
        int made = 0;
        Sequential Make(int units)
        {
            made++;
            return Model(units);
        }
        using ServiceProvider services = new ServiceCollection().AddKerasSequential(_ => Make(1))
            .AddKerasSequential(_ => Make(2), "two")
            .AddKerasSequential(_ => Make(3), name: "three").BuildServiceProvider();
        Assert.AreEqual(0, made);
        Sequential[] two = new Sequential[32];
        Parallel.For(0, two.Length, i => two[i] = services.GetRequiredKeyedService<Sequential>("two"));
        Assert.HasCount(1, two.Distinct());
        Assert.AreEqual(new Shape(null, 2), two[0].OutputShape);
        Assert.AreEqual(new Shape(null, 3), services.GetRequiredKeyedService<Sequential>("three").OutputShape);
        Assert.AreEqual(new Shape(null, 1), services.GetRequiredService<Sequential>().OutputShape);
        Assert.AreEqual(3, made);
    }

    [TestMethod]
    public void A_model_logs_where_the_host_does_unless_it_has_a_logger_already()
    {
        var factory = new Factory();
        var own = new ListLogger();
        using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(factory)
            .AddKerasSequential(_ => Model())
            .AddKerasSequential(_ => { Sequential model = Model(); model.Logger = own; return model; }, "own")
            .BuildServiceProvider();
        services.GetRequiredService<Sequential>().Predict(new NDArray(1, 3));
        Assert.AreEqual("Microsoft.ML.KerasSequential.Sequential", factory.Category);
        Assert.HasCount(1, factory.Logger.Entries);
        Assert.AreSame(own, services.GetRequiredKeyedService<Sequential>("own").Logger);
    }

    [TestMethod]
    public void What_is_wrong_is_said_at_once_or_with_the_first_use()
    {
        var services = new ServiceCollection();
        Assert.ThrowsExactly<ArgumentException>(() => services.AddKerasSequential(""));
        Assert.ThrowsExactly<ArgumentNullException>(() => services.AddKerasSequential((string)null!));
        Func<IServiceProvider, Sequential> none = null!;
        Assert.ThrowsExactly<ArgumentNullException>(() => services.AddKerasSequential(none));
        Assert.AreEqual("name", Assert.ThrowsExactly<ArgumentException>(() => services.AddKerasSequential("a.zip", ""))
            .ParamName);
        Assert.IsEmpty(services);
        using ServiceProvider provider = services.AddKerasSequential("no-such-file.zip")
            .AddKerasSequential(_ => null!, "none").BuildServiceProvider();
        Assert.Contains("no-such-file.zip",
            Assert.ThrowsExactly<FileNotFoundException>(() => provider.GetRequiredService<Sequential>()).Message);
        Assert.ThrowsExactly<InvalidOperationException>(() => provider.GetRequiredKeyedService<Sequential>("none"));
    }

    sealed class Factory : ILoggerFactory
    {
        public ListLogger Logger { get; } = new(LogLevel.Debug);

        public string? Category { get; private set; }

        public ILogger CreateLogger(string categoryName)
        {
            Category = categoryName;
            return Logger;
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
