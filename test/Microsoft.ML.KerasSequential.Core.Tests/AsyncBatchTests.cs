using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Batches that come asynchronously train as those of a list do.</summary>
[TestClass]
public sealed class AsyncBatchTests
{
    static readonly Batch[] s_batches = [.. Enumerable.Range(0, 5).Select(i => new Batch(
        new float[,] { { i, 1 }, { 2 - i, i } }, new float[] { i + 1, 2 }))];

    static Sequential Model()
    {
        var model = new Sequential([new Dense(1, kernelInitializer: "ones", inputShape: [2])]);
        model.Compile(new SGD(0.01), "mse", ["mae"]);
        return model;
    }

    static void AssertSame(History expected, History actual)
    {
        CollectionAssert.AreEqual(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach ((string name, IReadOnlyList<double> values) in expected)
            CollectionAssert.AreEqual(values.ToArray(), actual[name].ToArray(), name);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(4)]
    public void A_whole_enumeration_is_an_epoch_and_begins_anew(int workers)
    {
        using Sequential list = Model(), stream = Model();
        var source = new Source();
        History expected = list.Fit(s_batches, epochs: 3, verbose: 0, validationData: s_batches);
        History actual = stream.Fit(source, epochs: 3, verbose: 0, validationData: new ValidationData(source),
            workers: workers, maxQueueSize: 2);
        AssertSame(expected, actual);
        CollectionAssert.AreEqual(list.GetWeights()[0].ToArray(), stream.GetWeights()[0].ToArray());
        // Three epochs and three validations.
        Assert.AreEqual((6, 6), (source.Begun, source.Disposed));
        CollectionAssert.AreEqual(list.Evaluate(s_batches, verbose: 0).Values.ToArray(),
            stream.Evaluate(source, verbose: 0, workers: workers).Values.ToArray());
        CollectionAssert.AreEqual(list.Predict(s_batches).ToArray(),
            stream.Predict(source, workers: workers).ToArray());
        Assert.AreEqual((8, 8), (source.Begun, source.Disposed));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void With_steps_an_enumeration_goes_on_from_epoch_to_epoch_and_must_last(int workers)
    {
        using Sequential list = Model(), stream = Model();
        IEnumerable<Batch> Forever()
        {
            while (true)
                foreach (Batch batch in s_batches) yield return batch;
        }
        var source = new Source(times: 2);
        AssertSame(list.Fit(Forever(), epochs: 3, stepsPerEpoch: 3, verbose: 0),
            stream.Fit(source, epochs: 3, stepsPerEpoch: 3, verbose: 0, workers: workers));
        Assert.AreEqual((1, 1), (source.Begun, source.Disposed));
        ArgumentException shorter = Assert.ThrowsExactly<ArgumentException>(
            () => stream.Fit(new Source(), epochs: 2, stepsPerEpoch: 3, verbose: 0, workers: workers));
        StringAssert.Contains(shorter.Message, "ran out after 5 batches");
        CollectionAssert.AreEqual(list.Evaluate(s_batches.Take(2).ToList(), verbose: 0).Values.ToArray(),
            list.Evaluate(new Source(), steps: 2, verbose: 0, workers: workers).Values.ToArray());
        Assert.AreEqual(4, stream.Predict(source, steps: 2, workers: workers).Shape[0]);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void What_the_source_throws_comes_out_and_it_is_disposed(int workers)
    {
        using Sequential model = Model();
        foreach (int failsAt in new[] { 0, 3 })
        {
            var source = new Source { FailsAt = failsAt };
            Assert.ThrowsExactly<TimeZoneNotFoundException>(() => model.Fit(source, verbose: 0, workers: workers));
            Assert.ThrowsExactly<TimeZoneNotFoundException>(() => model.Evaluate(source, verbose: 0, workers: workers));
            Assert.ThrowsExactly<TimeZoneNotFoundException>(() => model.Predict(source, workers: workers));
            Assert.AreEqual((3, 3), (source.Begun, source.Disposed));
        }
        Assert.AreEqual(0, BatchQueue.Running);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Cancelling_reaches_the_source_which_is_disposed(int workers)
    {
        using Sequential model = Model();
        using var cancelled = new CancellationTokenSource();
        var source = new Source { WaitsAt = 3, OnWait = cancelled.Cancel };
        bool threw = false;
        try
        {
            model.Fit(source, verbose: 0, workers: workers, cancellationToken: cancelled.Token);
        }
        catch (OperationCanceledException)
        {
            threw = true;
        }
        Assert.IsTrue(threw);
        Assert.IsTrue(source.SawCancellation);
        Assert.AreEqual((1, 1), (source.Begun, source.Disposed));
        Assert.AreEqual(0, BatchQueue.Running);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void A_stop_does_not_wait_for_the_batch_after_it()
    {
        using Sequential model = Model();
        var source = new Source { WaitsAt = 2 };
        model.Fit(source, epochs: 2, verbose: 0,
            callbacks: new LambdaCallback(onBatchEnd: (batch, _) => model.StopTraining = batch == 1));
        Assert.IsTrue(source.SawCancellation);
        Assert.AreEqual((1, 1), (source.Begun, source.Disposed));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void A_source_is_never_asked_for_two_batches_at_once(int workers)
    {
        using Sequential model = Model();
        for (int time = 0; time < 20; time++)
        {
            using var cancelled = new CancellationTokenSource();
            var source = new SlowToCancel { AtWait = cancelled.Cancel };
            try
            {
                model.Fit(source, verbose: 0, workers: workers, cancellationToken: cancelled.Token);
            }
            catch (OperationCanceledException)
            {
            }
            Assert.AreEqual(1, source.MostAtOnce);
            Assert.AreEqual(1, source.Disposed);
        }
    }

    [TestMethod]
    public void A_source_without_batches_or_without_a_second_reading_says_so()
    {
        using Sequential model = Model();
        float before = model.GetWeights()[0].Span[0];
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => model.Fit(new Source(times: 0), verbose: 0)).Message,
            "gave no batches");
        Assert.AreEqual(before, model.GetWeights()[0].Span[0]);
        var once = new Source { OnlyOnce = true };
        model.Fit(once, epochs: 1, verbose: 0);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new Source { OnlyOnce = true }, epochs: 2, verbose: 0)).Message, "enumerated again");
        Assert.ThrowsExactly<ArgumentNullException>(() => model.Fit((IAsyncEnumerable<Batch>)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => new ValidationData((IAsyncEnumerable<Batch>)null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Fit(new Source(), stepsPerEpoch: 0, verbose: 0));
    }

    [TestMethod]
    public void The_bar_counts_though_the_end_is_not_known()
    {
        using Sequential model = Model();
        TextWriter before = Console.Out;
        var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            model.Fit(new Source(), epochs: 2);
            model.Evaluate(new Source());
            model.Predict(new Source(), verbose: 1);
        }
        finally
        {
            Console.SetOut(before);
        }
        StringAssert.Contains(written.ToString(), "Epoch 2/2");
        StringAssert.Contains(written.ToString(), "5/5");
    }

    [TestMethod]
    public void A_thread_that_callers_come_back_to_is_not_blocked()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Stuck());
        try
        {
            using Sequential model = Model();
            model.Fit(new Source(), verbose: 0, workers: 0);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>A context whose thread is busy: what is posted never runs.</summary>
    sealed class Stuck : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    /// <summary>
    /// A source that does not look at its token, so that a batch is still on its way after a cancellation.
    /// </summary>
    sealed class SlowToCancel : IAsyncEnumerable<Batch>, IAsyncEnumerator<Batch>
    {
        int _given, _atOnce;

        public required Action AtWait { get; init; }

        public int MostAtOnce { get; private set; }

        public int Disposed { get; private set; }

        public Batch Current => s_batches[0];

        public IAsyncEnumerator<Batch> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public async ValueTask<bool> MoveNextAsync()
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            if (++_given > 2)
            {
                AtWait();
                await Task.Delay(20);
            }
            Interlocked.Decrement(ref _atOnce);
            return true;
        }

        public ValueTask DisposeAsync()
        {
            Disposed++;
            return ValueTask.CompletedTask;
        }
    }

    sealed class Source(int times = 1) : IAsyncEnumerable<Batch>
    {
        public int Begun { get; private set; }

        public int Disposed { get; private set; }

        public int FailsAt { get; init; } = -1;

        public int WaitsAt { get; init; } = -1;

        public bool OnlyOnce { get; init; }

        public Action? OnWait { get; init; }

        public bool SawCancellation { get; private set; }

        public IAsyncEnumerator<Batch> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            Batches(cancellationToken).GetAsyncEnumerator(cancellationToken);

        async IAsyncEnumerable<Batch> Batches([EnumeratorCancellation] CancellationToken token)
        {
            Begun++;
            try
            {
                if (OnlyOnce && Begun > 1) yield break;
                for (int time = 0, number = 0; time < times; time++)
                {
                    foreach (Batch batch in s_batches)
                    {
                        if (number == FailsAt) throw new TimeZoneNotFoundException();
                        if (number == WaitsAt)
                        {
                            OnWait?.Invoke();
                            token.Register(() => SawCancellation = true);
                            await Task.Delay(Timeout.Infinite, token);
                        }
                        number++;
                        await Task.Yield();
                        yield return batch;
                    }
                }
            }
            finally
            {
                Disposed++;
            }
        }
    }
}
