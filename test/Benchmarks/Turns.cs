namespace Benchmarks;

/// <summary>
/// Measurements in turn, in microseconds: ours, the peer's, and again. How much faster one is than the other is seen within a turn, because what other processes leave to this one changes from
/// second to second: two processors of a virtual machine may become one. The floor is made of the best that the processor has shown.
/// </summary>
internal sealed class Turns
{
    readonly List<double> _ours = [], _peer = [];

    /// <summary>Ours, the median.</summary>
    public double Ours => Timing.Median(_ours);

    /// <summary>The peer's, the median; null without one.</summary>
    public double? Peer => _peer.Count == 0 ? null : Timing.Median(_peer);

    /// <summary>The least time.</summary>
    public double Floor { get; private set; }

    /// <summary>Ours over the floor.</summary>
    public double OverFloor => Ours / Floor;

    /// <summary>The peer's time over ours of the same turn, the median; null without a peer.</summary>
    public double? TimesAsFast => _peer.Count == 0 ? null : Timing.Median(_ours.Zip(_peer, (ours, peer) => peer / ours));

    /// <summary>Measures.</summary>
    /// <param name="machine">The processor with some threads.</param>
    /// <param name="floor">The least time.</param>
    /// <param name="ours">Measures ours.</param>
    /// <param name="peer">Measures the peer's; null without one, and as soon as it gives null.</param>
    public static Turns Of(Machine machine, Func<double> floor, Func<double> ours, Func<double?>? peer)
    {
        var turns = new Turns();
        // A turn counts if the processors were ours before and after it; where that never happens, what there is must do.
        for (int attempt = 0; turns._ours.Count < Timing.Rounds && attempt < 3 * Timing.Rounds; attempt++)
        {
            bool isFree = machine.IsFree();
            double time = ours();
            double? other = peer?.Invoke();
            if (other is null)
            {
                // A peer that failed on the way has no median.
                turns._peer.Clear();
                peer = null;
            }
            bool isLate = 3 * Timing.Rounds - attempt <= Timing.Rounds - turns._ours.Count;
            if (!(isFree && machine.IsFree()) && !isLate) continue;
            turns._ours.Add(time);
            if (other is double found) turns._peer.Add(found);
        }
        turns.Floor = floor();
        return turns;
    }

    /// <summary>A row of a table.</summary>
    public void AddTo(Table table, string name) => table.Add(name, Ours, Floor, OverFloor, Peer, TimesAsFast);
}
