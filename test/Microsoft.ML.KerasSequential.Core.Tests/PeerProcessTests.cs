using System.Diagnostics;
using Benchmarks;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// The benchmark's peers: whatever happens to one, it is skipped with a line that says so, and nothing is thrown.
/// </summary>
[TestClass]
public sealed class PeerProcessTests
{
    readonly List<string> _said = [];

    [TestMethod]
    [DataRow("read a; echo 5; kill -ILL $$; sleep 9", "killed by signal 4")]
    [DataRow("read a; echo 5; kill -KILL $$; sleep 9", "killed by signal 9")]
    [DataRow("read a; echo 5; echo No module named torch >&2; exit 3", "ended with code 3 (No module named torch)")]
    [DataRow("read a; echo 5; read a; exit 0", "ended with code 0")]
    [DataRow("read a; echo 5; exec <&-; exec >&-; sleep 60", "closed its output")]
    [DataRow("read a; echo 5; read a; echo Segmentation fault",
        "answered \"matmul 2 2 2\" with \"Segmentation fault\"")]
    [DataRow("read a; echo 5; read a; echo nan", "answered \"matmul 2 2 2\" with \"nan\"")]
    [DataRow("read a; echo 5; sleep 60", "gave no answer")]
    public void A_peer_that_dies_hangs_or_sends_invalid_data_is_skipped_with_a_message(string script, string why)
    {
        Shell();
        using PeerProcess peer = Peer("/bin/sh", "-c", script);
        Assert.AreEqual(5, peer.Ask("matmul 1 1 1"));
        Thread.Sleep(100);
        for (int i = 0; i < 3; i++) Assert.IsNull(peer.Ask("matmul 2 2 2"));
        Assert.IsTrue(peer.IsLeftOut);
        Assert.HasCount(1, _said);
        Assert.StartsWith("PyTorch is skipped: it ", _said[0]);
        Assert.Contains(why, _said[0]);
    }

    [TestMethod]
    public void A_peer_that_dies_before_the_first_request_or_does_not_exist_is_skipped_with_a_message()
    {
        Shell();
        using (PeerProcess dead = Peer("/bin/sh", "-c", "kill -ILL $$"))
        {
            Thread.Sleep(100);
            Assert.IsNull(dead.Ask("matmul 1 1 1"));
            Assert.IsNull(dead.Ask("matmul 1 1 1"));
        }
        using (PeerProcess nowhere = Peer("/no/such/python3")) Assert.IsNull(nowhere.Ask("matmul 1 1 1"));
        Assert.HasCount(2, _said);
        Assert.Contains("an instruction that this CPU does not have", _said[0]);
        Assert.Contains("/no/such/python3 cannot be started", _said[1]);
    }

    [TestMethod]
    public void A_running_peer_answers_and_exits_on_request()
    {
        Shell();
        var clock = Stopwatch.StartNew();
        using (PeerProcess peer = Peer("/bin/sh", "-c", "while read a && [ $a != quit ]; do echo 1.5e1; done"))
            for (int i = 0; i < 3; i++) Assert.AreEqual(15, peer.Ask("step"));
        using (PeerProcess once = Peer("/bin/sh", "-c", "echo 7")) Assert.AreEqual(7, once.Ask(""));
        Assert.IsEmpty(_said);
        Assert.IsLessThan(5, clock.Elapsed.TotalSeconds);
    }

    static void Shell()
    {
        if (!File.Exists("/bin/sh")) Assert.Inconclusive("There is no /bin/sh to play a peer.");
    }

    PeerProcess Peer(string program, params string[] arguments) =>
        new("PyTorch", new ProcessStartInfo(program, arguments), _said.Add, TimeSpan.FromSeconds(3));
}
