namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// A reentrant lock on a model's weights and plans. Training enters for each of its steps, everyone else for a call or
/// a batch. A thread that leaves wakes the next one, but may reenter before that one is running, as with a plain lock:
/// waiting for a thread to wake up at each turn would cost more than most turns. But no thread starves: once it has
/// woken in vain, the gate is handed to it, and a waiting step gets it at once.
/// </summary>
/// <remarks>
/// Layers that are part of the same models share one gate: see <see cref="Join"/>. Entering allocates nothing, except
/// once on a thread that has to wait.
/// </remarks>
internal sealed class ModelGate
{
    const int Free = 0, Held = 1, SpinsBeforeWaiting = 10;

    [ThreadStatic] static Waiter? s_waiter;
    [ThreadStatic] static int s_turns;

    readonly Lock _queue = new();
    Waiter? _first;
    volatile int _waiting;
    int _state, _owner, _depth, _plans, _runs;
    bool _ownerSteps;
    volatile ModelGate? _joined;

    /// <summary>Waits for the turn of a call, or of a training step.</summary>
    /// <param name="forStep">Whether it is a step, which precedes all other waiting threads.</param>
    /// <returns>The turn, which ends when it is disposed.</returns>
    public Turn Enter(bool forStep = false)
    {
        while (true)
        {
            ModelGate gate = Root;
            gate.Take(forStep);
            // It may have become part of another gate while this thread waited.
            if (gate._joined is null)
            {
                s_turns++;
                return new(gate);
            }
            gate.Leave();
        }
    }

    /// <summary>
    /// Merges two gates, for models that share layers: whoever runs one of them keeps the others waiting.
    /// </summary>
    public static void Join(ModelGate one, ModelGate other)
    {
        while (true)
        {
            (ModelGate a, ModelGate b) = (one.Root, other.Root);
            if (a == b) return;
            a.Take(forStep: false);
            // Only a try: a thread inside it may be waiting for the first, and would never get it. The busy one is
            // waited for next.
            if (!b.TryTake())
            {
                a.Leave();
                (one, other) = (b, a);
                continue;
            }
            bool isCurrent = a._joined is null && b._joined is null;
            if (isCurrent) (a._runs, b._runs) = (a._runs + b._runs, a._runs + b._runs);
            // What this thread has already entered stays entered.
            if (isCurrent && b._depth > 1) a._joined = b;
            else if (isCurrent) b._joined = a;
            b.Leave();
            a.Leave();
            if (isCurrent) return;
        }
    }

    /// <summary>Whether this thread has a turn, in any model.</summary>
    public static bool IsInside => s_turns > 0;

    /// <summary>
    /// Counts the changes of layers that their graphs contain as constants, such as a vocabulary: plans from before the
    /// last one are outdated.
    /// </summary>
    public int PlansVersion => Volatile.Read(ref Root._plans);

    /// <summary>Declares that a layer has changed in a way that plans do not see.</summary>
    public void OutdatePlans() => Interlocked.Increment(ref Root._plans);

    /// <summary>
    /// The number of runs that let others in between their steps; changed only by those who have entered.
    /// </summary>
    public int Runs
    {
        get => Volatile.Read(ref Root._runs);
        set => Volatile.Write(ref Root._runs, value);
    }

    /// <summary>The number of waiting threads.</summary>
    public int Waiting => Root._waiting;

    /// <summary>Whether one of them was overtaken, so that it is next.</summary>
    public bool IsOwed
    {
        get
        {
            lock (_queue)
            {
                for (Waiter? waiter = _first; waiter is not null; waiter = waiter.Next)
                    if (waiter.WasPassed) return true;
                return false;
            }
        }
    }

    ModelGate Root
    {
        get
        {
            ModelGate gate = this;
            while (gate._joined is { } joined) gate = joined;
            return gate;
        }
    }

    /// <summary>The right to proceed; the default is none.</summary>
    public readonly ref struct Turn
    {
        readonly ModelGate? _gate;

        internal Turn(ModelGate gate) => _gate = gate;

        public void Dispose()
        {
            if (_gate is null) return;
            s_turns--;
            _gate.Leave();
        }
    }

    void Take(bool forStep)
    {
        if (!TryTake(forStep)) Wait(Environment.CurrentManagedThreadId, forStep);
    }

    /// <summary>Takes the gate if this thread has it, or if it is free now or very soon.</summary>
    bool TryTake(bool forStep = false)
    {
        int me = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref _owner) == me)
        {
            _depth++;
            return true;
        }
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free && !TakeSoon()) return false;
        Own(me, forStep);
        return true;
    }

    bool TakeSoon()
    {
        var spin = new SpinWait();
        while (spin.Count < SpinsBeforeWaiting)
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (Volatile.Read(ref _state) != Free) continue;
            if (Interlocked.CompareExchange(ref _state, Held, Free) == Free) return true;
        }
        return false;
    }

    void Own(int thread, bool forStep)
    {
        (_depth, _ownerSteps) = (1, forStep);
        Volatile.Write(ref _owner, thread);
    }

    void Leave()
    {
        if (--_depth > 0) return;
        Volatile.Write(ref _owner, 0);
        if (_waiting == 0)
        {
            Interlocked.Exchange(ref _state, Free);
            // A thread that arrived meanwhile saw it held, or is seen here.
            if (_waiting > 0) Wake();
            return;
        }
        HandOver();
    }

    void Wait(int me, bool forStep)
    {
        Waiter waiter = s_waiter ??= new();
        (waiter.Thread, waiter.Steps, waiter.Has, waiter.WasPassed, waiter.Next) = (me, forStep, false, false, null);
        waiter.Wakes.Reset();
        lock (_queue)
        {
            Add(waiter);
            if (TryTake(waiter)) return;
        }
        while (true)
        {
            try
            {
                waiter.Wakes.Wait();
            }
            catch
            {
                // Interrupted: the gate must not be handed to a thread that has gone.
                lock (_queue)
                    if (!waiter.Has) Remove(waiter);
                if (waiter.Has) Leave();
                throw;
            }
            waiter.Wakes.Reset();
            lock (_queue)
            {
                if (waiter.Has || TryTake(waiter)) return;
                waiter.WasPassed = true;
            }
        }
    }

    /// <summary>Takes a free gate, for a thread in the queue.</summary>
    bool TryTake(Waiter waiter)
    {
        if (Interlocked.CompareExchange(ref _state, Held, Free) != Free) return false;
        Give(waiter);
        return true;
    }

    void Give(Waiter waiter)
    {
        Remove(waiter);
        Own(waiter.Thread, waiter.Steps);
        waiter.Has = true;
    }

    /// <summary>Notifies a waiting thread that it is free.</summary>
    void Wake()
    {
        lock (_queue)
            if (Volatile.Read(ref _state) == Free) (First(steps: true) ?? _first)?.Wakes.Set();
    }

    /// <summary>
    /// After a step, one of the other threads is next. A step, or a thread that was overtaken, is handed the gate;
    /// others are notified that it is free.
    /// </summary>
    void HandOver()
    {
        lock (_queue)
        {
            Waiter? next = (_ownerSteps ? First(steps: false) : First(steps: true)) ?? _first;
            if (next is not null && (next.Steps || next.WasPassed)) Give(next);
            else Interlocked.Exchange(ref _state, Free);
            next?.Wakes.Set();
        }
    }

    Waiter? First(bool steps)
    {
        Waiter? waiter = _first;
        while (waiter is not null && waiter.Steps != steps) waiter = waiter.Next;
        return waiter;
    }

    void Add(Waiter waiter)
    {
        ref Waiter? place = ref _first;
        while (place is not null) place = ref place.Next;
        place = waiter;
        Interlocked.Increment(ref _waiting);
    }

    void Remove(Waiter waiter)
    {
        ref Waiter? place = ref _first;
        while (place != waiter) place = ref place!.Next;
        place = waiter.Next;
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>A thread in the queue; it waits at one gate at a time.</summary>
    sealed class Waiter
    {
        public ManualResetEventSlim Wakes { get; } = new(false);

        public int Thread;
        public bool Steps, Has, WasPassed;
        public Waiter? Next;
    }
}
