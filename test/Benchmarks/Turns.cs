namespace Benchmarks;

/// <summary>
/// Alternating measurements, in microseconds: ours, the peer's, and again. The speed ratio is computed within a turn,
/// because the CPU time that other processes leave changes from second to second: two processors of a virtual machine
/// may become one. The floor is based on the best performance measured.
/// </summary>
internal sealed class Turns
{
    readonly List<double> _ours = [], _peer = [];

    /// <summary>Ours, the median.</summary>
    public double Ours => Timing.Median(_ours);

    /// <summary>The peer's, the median; null without one.</summary>
    public double? Peer => _peer.Count == 0 ? null : Timing.Median(_peer);

    /// <summary>The minimum time.</summary>
    public double Floor { get; private set; }

    /// <summary>Ours over the floor.</summary>
    public double OverFloor => Ours / Floor;

    /// <summary>The median of the peer's time over ours in the same turn; null without a peer.</summary>
    public double? TimesAsFast =>
        _peer.Count == 0 ? null : Timing.Median(_ours.Zip(_peer, (ours, peer) => peer / ours));

    /// <summary>Measures.</summary>
    /// <param name="machine">The CPU with a number of threads.</param>
    /// <param name="floor">The minimum time.</param>
    /// <param name="ours">Measures ours.</param>
    /// <param name="peer">Measures the peer's; null without one; no longer called once it returns null.</param>
    public static Turns Of(Machine machine, Func<double> floor, Func<double> ours, Func<double?>? peer)
    {
        var turns = new Turns();
        // A turn counts if the CPU was free before and after it; if that never happens, all turns are used.
        for (int attempt = 0; turns._ours.Count < Timing.Rounds && attempt < 3 * Timing.Rounds; attempt++)
        {
            bool isFree = machine.IsFree();
            double time = ours();
            double? other = peer?.Invoke();
            if (other is null)
            {
                // A peer that failed partway has no median.
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
