namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// An executable with memory for the results of each step: the loss, then the metrics. If the device is asynchronous,
/// steps do not wait for their results, which are collected when they are read.
/// </summary>
internal sealed class StepFunction(Executable executable, int outputs, int? fixedBatch, IReadOnlyList<Variable> written,
    Distribution? ranks = null) : IDisposable
{
    readonly double[] _results = new double[outputs];
    readonly float[] _values = new float[executable.IsAsynchronous ? Executable.KeptSlots * outputs : 1];
    readonly (LossTally? Tally, int Weight)[] _kept = executable.IsAsynchronous
        ? new (LossTally?, int)[Executable.KeptSlots]
        : [];
    int _count;

    /// <summary>The loss of the last step, then the metrics since they were reset.</summary>
    public double[] Results
    {
        get
        {
            Collect();
            return _results;
        }
    }

    public Executable Executable => executable;

    /// <summary>The variables that a step writes, in the order of its updates.</summary>
    public IReadOnlyList<Variable> Written => written;

    public void Prepare(int batch)
    {
        if (fixedBatch is int size && batch != size)
            throw new ArgumentException($"A stateful network takes batches of {size} samples; given {batch}.",
                nameof(batch));
        if (ranks is null)
        {
            executable.Prepare(batch);
            return;
        }
        (int start, int end) = ranks.ShareOf(batch);
        executable.Prepare(end - start, new ShareOfBatch(start, batch));
    }

    /// <summary>Runs one step over the given rows of the arrays; its loss counts in a mean.</summary>
    /// <param name="arrays">The inputs, targets and weights.</param>
    /// <param name="rows">The rows of the batch.</param>
    /// <param name="tally">The epoch's mean.</param>
    /// <param name="weight">The batch's weight in it.</param>
    /// <param name="share">The rows' share of a batch, if this rank has no others.</param>
    public void Run(IReadOnlyList<NDArray> arrays, ReadOnlySpan<int> rows, LossTally? tally = null, int weight = 1,
        ShareOfBatch? share = null)
    {
        if (share is not null)
        {
            if (ranks is null)
                throw new InvalidOperationException("Each rank has only its own rows, but a step of this model needs " +
                    "entire batches.");
            executable.Prepare(rows.Length, share);
        }
        else
        {
            Prepare(rows.Length);
            (int start, int end) = ranks?.ShareOf(rows.Length) ?? (0, rows.Length);
            rows = rows[start..end];
        }
        for (int i = 0; i < arrays.Count; i++) executable.Gather(i, arrays[i], rows);
        executable.Run();
        if (executable.IsAsynchronous)
        {
            executable.Keep(_count);
            _kept[_count++] = (tally, weight);
            if (_count == Executable.KeptSlots) Collect();
            return;
        }
        for (int i = 0; i < _results.Length; i++)
        {
            executable.Read(i, _values);
            _results[i] = _values[0];
        }
        tally?.Add(_results[0], weight);
    }

    /// <summary>Runs one step without affecting the results of others.</summary>
    /// <returns>The step's loss, then the metrics.</returns>
    public double[] RunApart(IReadOnlyList<NDArray> arrays, ReadOnlySpan<int> rows)
    {
        double[] others = (double[])Results.Clone();
        Run(arrays, rows);
        double[] own = (double[])Results.Clone();
        others.CopyTo(_results, 0);
        return own;
    }

    /// <summary>Waits for the steps so far and reads their results.</summary>
    public void Collect()
    {
        if (_count == 0) return;
        int count = _count;
        _count = 0;
        executable.ReadKept(_values.AsSpan(0, count * _results.Length));
        for (int i = 0; i < count; i++) _kept[i].Tally?.Add(_values[i * _results.Length], _kept[i].Weight);
        for (int i = 0; i < _results.Length; i++) _results[i] = _values[(count - 1) * _results.Length + i];
    }

    public string Explain() => executable.Explain();

    public void Dispose() => executable.Dispose();
}

/// <summary>The mean loss of many steps, weighted by their numbers of samples.</summary>
internal sealed class LossTally
{
    public double Sum { get; set; }

    public long Samples { get; set; }

    public double Mean => Samples == 0 ? 0 : Sum / Samples;

    /// <summary>How many steps were counted.</summary>
    public long Steps { get; set; }

    /// <summary>The first step whose loss was no finite number, counted from 0; −1 if there was none.</summary>
    public long FirstNotFinite { get; private set; } = -1;

    /// <summary>Its loss.</summary>
    public double NotFinite { get; private set; }

    public void Add(double loss, int weight)
    {
        if (!double.IsFinite(loss) && FirstNotFinite < 0) (FirstNotFinite, NotFinite) = (Steps, loss);
        Steps++;
        Sum += loss * weight;
        Samples += weight;
    }
}
