using System.Diagnostics;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;
namespace Benchmarks;
internal sealed unsafe class Probe : Launch
{
    readonly int _work = 1;
    public override void Run(int chunk, float* scratch) { for (int i = 0; i < _work; i++) scratch[i & 63] += 1; }
    public static void Go()
    {
        foreach (int n in new[] { 128, 256, 512, 1024 })
        foreach (int t in new[] { 1 })
        {
            Device.Threads = t;
            Tensor a = K.Placeholder(n, n), b = K.Placeholder(n, n);
            using var function = Device.Cpu.Compile(new Graph([a, b], [K.Dot(a, b)], []));
            function.Prepare(1);
            function.Write(0, new float[n * n]); function.Write(1, new float[n * n]);
            var times = new List<double>();
            for (int i = 0; i < (n > 512 ? 100 : 1000); i++) { var c = Stopwatch.StartNew(); function.Run(); times.Add(c.Elapsed.TotalMicroseconds); }
            times = [.. times.Skip(50).Order()];
            Console.WriteLine($"{n} {t}: p5 {times[times.Count / 20]:0} p25 {times[times.Count / 4]:0} p50 {times[times.Count / 2]:0} p90 {times[times.Count * 9 / 10]:0} p99 {times[times.Count * 99 / 100]:0} floor {2.0 * n * n * n / 118e3 / t:0}");
        }
    }
}
