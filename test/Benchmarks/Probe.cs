using System.Diagnostics;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;
namespace Benchmarks;
internal static unsafe class Probe
{
    public static void Go()
    {
        using var a = new Storage(1 << 20); using var b = new Storage(1 << 20); using var c = new Storage(1 << 20); using var s = new Storage(1 << 16);
        foreach ((string name, nint rs, nint ds, int depth, int cs, int tiles, nint tileStep) in new (string, nint, nint, int, int, int, nint)[] {
            ("packed d96", 1, 12, 96, 64, 1, 0), ("rows32 d96", 32, 1, 96, 64, 1, 0), ("rows33 d96", 33, 1, 96, 64, 1, 0), ("rows64 d192", 64, 1, 192, 64, 1, 0),
            ("packed d288", 1, 12, 288, 64, 1, 0), ("rows32 d288", 32, 1, 288, 64, 1, 0), ("packed d288 24 tiles", 1, 12, 288, 64, 24, 12 * 288), ("packed d512 24 tiles", 1, 12, 512, 64, 24, 12 * 512), ("packed d200 24 tiles", 1, 12, 200, 64, 24, 12 * 200), ("packed d1024 4 tiles", 1, 12, 1024, 64, 4, 12 * 1024) })
        {
            double best = 1e9;
            for (int r = 0; r < 30; r++)
            {
                int n = 400000 / depth / tiles;
                var w = Stopwatch.StartNew();
                for (int i = 0; i < n; i++)
                    for (int t = 0; t < tiles; t++)
                        MatMulTiles.Tile<Lane512>(12, 32, a.Pointer + t * tileStep, rs, ds, b.Pointer, 32, depth, c.Pointer + t * 12 * cs, cs, false, s.Pointer);
                best = Math.Min(best, w.Elapsed.TotalNanoseconds / n / tiles);
            }
            Console.WriteLine($"{name}: {best:0} ns, {2.0 * 12 * 32 * depth / best:0.0} GFLOP/s");
        }
    }
}
