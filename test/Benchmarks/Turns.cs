namespace Benchmarks;

/// <summary>
/// Measurements in turn, in microseconds: the peak, ours, the peer's, and again. Ratios are taken within a turn, because what other processes leave to this one changes from second to second.
/// </summary>
internal sealed class Turns
{
    readonly List<double> _ours = [], _peer = [], _floors = [];

    /// <summary>Ours, the median.</summary>
    public double Ours => Timing.Median(_ours);

    /// <summary>The peer's, the median; null without one.</summary>
    public double? Peer => _peer.Count == 0 ? null : Timing.Median(_peer);

    /// <summary>The lowest floor.</summary>
    public double Floor => _floors.Min();

    /// <summary>Ours over the floor of the same turn, the median.</summary>
    public double OverFloor => Timing.Median(_ours.Zip(_floors, (ours, floor) => ours / floor));

    /// <summary>The peer's time over ours of the same turn, the median; null without a peer.</summary>
    public double? TimesAsFast => _peer.Count == 0 ? null : Timing.Median(_ours.Zip(_peer, (ours, peer) => peer / ours));

    /// <summary>Measures.</summary>
    /// <param name="machine">The processor with some threads.</param>
    /// <param name="floor">The least time at a peak.</param>
    /// <param name="ours">Measures ours.</param>
    /// <param name="peer">Measures the peer's; null without one.</param>
    public static Turns Of(Machine machine, Func<double, double> floor, Func<double> ours, Func<double>? peer)
    {
        var turns = new Turns();
        for (int round = 0; round < Timing.Rounds; round++)
        {
            turns._floors.Add(floor(machine.PeakNow()));
            turns._ours.Add(ours());
            if (peer is not null) turns._peer.Add(peer());
        }
        return turns;
    }

    /// <summary>A row of a table.</summary>
    public void AddTo(Table table, string name) => table.Add(name, Ours, Floor, OverFloor, Peer, TimesAsFast);
}
