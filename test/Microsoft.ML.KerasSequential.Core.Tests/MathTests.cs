using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Accuracy and special values of the kernels' functions, on every lane.</summary>
[TestClass]
public sealed unsafe class MathTests
{
    delegate T Function<T>(T x) where T : struct, ILane<T>;

    [TestMethod]
    [DataRow("Exp", -103.0, 88.7)]
    [DataRow("Log", 1e-44, 3e38)]
    [DataRow("Log", 0.5, 2.0)]
    [DataRow("Log1p", -0.99, 10.0)]
    [DataRow("Log1p", -1e-6, 1e-6)]
    [DataRow("Expm1", -1.0, 1.0)]
    [DataRow("Erf", -5.0, 5.0)]
    [DataRow("Erf", -1e-3, 1e-3)]
    [DataRow("Sin", -10.0, 10.0)]
    [DataRow("Sin", -1e-3, 1e-3)]
    [DataRow("Sin", -9000.0, 9000.0)]
    [DataRow("Sin", 1e-30, 3.4e38)]
    [DataRow("Cos", -10.0, 10.0)]
    [DataRow("Cos", -9000.0, 9000.0)]
    [DataRow("Cos", 1e-30, 3.4e38)]
    [DataRow("Tanh", -10.0, 10.0)]
    [DataRow("Tanh", -1e-3, 1e-3)]
    [DataRow("Sigmoid", -80.0, 40.0)]
    [DataRow("Softplus", -80.0, 40.0)]
    public void Functions_are_accurate_to_4_ulp(string name, double low, double high)
    {
        Sweep<Lane512>(name, low, high);
        Sweep<Lane256>(name, low, high);
        Sweep<Lane128>(name, low, high);
        Sweep<LaneScalar>(name, low, high);
    }

    [TestMethod]
    public void Special_values_follow_IEEE_on_every_lane()
    {
        Specials<Lane512>();
        Specials<Lane256>();
        Specials<Lane128>();
        Specials<LaneScalar>();
    }

    [TestMethod]
    public void Elementwise_ops_propagate_NaN_and_infinity()
    {
        float[] special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, 1f, -1f, 1e-40f,
            float.MaxValue, 0.5f, -2.5f];
        var shaped = new NDArray(special, special.Length);
        foreach (ElementwiseKind kind in Enum.GetValues<ElementwiseKind>())
        {
            int inputs = kind < ElementwiseKind.Add ? 1 : kind < ElementwiseKind.Where ? 2 : 3;
            Tensor[] x = [.. Enumerable.Range(0, inputs).Select(_ => K.Placeholder(special.Length))];
            using Function function = K.Function(x, [new Tensor(new Elementwise(kind), x)]);
            foreach (float second in inputs > 1 ? special : [0f])
            {
                NDArray other = Enumerable.Repeat(second, special.Length).ToArray();
                NDArray[] values = [shaped, other, shaped];
                float[] y = function.Run(values[..inputs])[0].ToArray();
                for (int i = 0; i < y.Length; i++)
                {
                    // float32 rounds and overflows where float64 does not.
                    float expected = (float)Ops.Reference.Apply(kind, special[i], second, special[i]);
                    GoldenCase.AssertClose(y[i], expected, 1e-5, 1e-38, $"{kind}({special[i]}, {second})");
                }
            }
        }
    }

    [TestMethod]
    public void Sines_and_cosines_next_to_their_zeros_are_accurate_to_4_ulp()
    {
        Zeros<Lane512>();
        Zeros<Lane256>();
        Zeros<Lane128>();
        Zeros<LaneScalar>();
        Assert.IsTrue(float.IsNegative(SineOf(-0f)));

        // The float32 closest to each multiple of π/2: the remainder has few bits.
        static void Zeros<T>() where T : struct, ILane<T>
        {
            float* y = stackalloc float[T.Width];
            for (int k = 1; k < 200_000; k = k < 6000 ? k + 1 : k + 97)
            {
                foreach (float x
                    in new[] { (float)(k * Math.PI / 2), -MathF.BitIncrement((float)(k * Math.PI / 2)),
                        (float)(k * 1e30) })
                {
                    T.Store(y, LaneMath.Sin(T.Splat(x)));
                    Near(y[0], Math.Sin(x), $"sin({x:R}) with {T.Width} lanes");
                    T.Store(y, LaneMath.Cos(T.Splat(x)));
                    Near(y[0], Math.Cos(x), $"cos({x:R}) with {T.Width} lanes");
                }
            }
        }

        static void Near(float actual, double expected, string what)
        {
            double ulp = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(expected))) - 23);
            Assert.IsTrue(Math.Abs(actual - expected) <= 4 * ulp,
                $"{what} = {actual:R}, exact {expected:R}, off by {Math.Abs(actual - expected) / ulp:0.0} ulp");
        }

        static float SineOf(float x)
        {
            float y;
            LaneScalar.Store(&y, LaneMath.Sin(LaneScalar.Splat(x)));
            return y;
        }
    }

    [TestMethod]
    public void Philox_returns_the_published_numbers()
    {
        // Known answer of Random123 for the zero counter and key.
        Assert.AreEqual((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block(0, 0, 0));
    }

    [TestMethod]
    public void Philox_groups_are_made_of_blocks()
    {
        uint[] words = new uint[Philox.Group];
        Philox.Fill(0x0123_4567_89AB_CDEF, 42, 7, words);
        for (uint block = 0; block < 16; block++)
            Assert.AreEqual(Philox.Block(0x0123_4567_89AB_CDEF, 42, 7 * 16 + block),
                (words[block], words[16 + block], words[32 + block], words[48 + block]));
    }

    static void Sweep<T>(string name, double low, double high) where T : struct, ILane<T>
    {
        (Function<T> function, Func<double, double> exact) = Of<T>(name);
        float* x = stackalloc float[T.Width], y = stackalloc float[T.Width];
        const int count = 40_000;
        bool logarithmic = low > 0 && high / low > 1e6;
        for (int i = 0; i < count; i += T.Width)
        {
            for (int k = 0; k < T.Width; k++)
            {
                double t = (i + k) / (double)count;
                x[k] = (float)(logarithmic ? low * Math.Pow(high / low, t) : low + (high - low) * t);
            }
            T.Store(y, function(T.Load(x)));
            for (int k = 0; k < T.Width; k++)
            {
                double expected = exact(x[k]);
                if (Math.Abs(expected) > float.MaxValue) continue;
                double ulp =
                    Math.Max(Math.Pow(2, Math.Floor(Math.Log2(Math.Max(Math.Abs(expected), 1e-45))) - 23), 1.4e-45);
                Assert.IsTrue(Math.Abs(y[k] - expected) <= 4 * ulp,
                    $"{name}({x[k]:R}) = {y[k]:R}, exact {expected:R}, off by "
                    + $"{Math.Abs(y[k] - expected) / ulp:0.0} ulp with {T.Width} lanes");
            }
        }
    }

    static (Function<T>, Func<double, double>) Of<T>(string name) where T : struct, ILane<T> => name switch
    {
        "Exp" => (LaneMath.Exp, Math.Exp),
        "Log" => (LaneMath.Log, Math.Log),
        "Log1p" => (LaneMath.Log1p, x => Series(x, x - x * x / 2 + x * x * x / 3, () => Math.Log(1 + x))),
        "Expm1" => (LaneMath.Expm1, x => Series(x, x + x * x / 2 + x * x * x / 6, () => Math.Exp(x) - 1)),
        "Erf" => (LaneMath.Erf, Ops.Reference.Erf),
        "Sin" => (LaneMath.Sin, Math.Sin),
        "Cos" => (LaneMath.Cos, Math.Cos),
        "Tanh" => (LaneMath.Tanh, Math.Tanh),
        "Sigmoid" => (LaneMath.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        _ => (LaneMath.Softplus, x => x < -20 ? Math.Exp(x) : Math.Log(1 + Math.Exp(x))),
    };

    static double Series(double x, double near, Func<double> otherwise) => Math.Abs(x) < 1e-5 ? near : otherwise();

    static void Specials<T>() where T : struct, ILane<T>
    {
        float inf = float.PositiveInfinity;
        Check<T>(LaneMath.Exp, (float.NaN, float.NaN), (inf, inf), (-inf, 0f), (0f, 1f), (200f, inf), (-200f, 0f));
        Check<T>(LaneMath.Log, (float.NaN, float.NaN), (inf, inf), (0f, -inf), (-1f, float.NaN), (-inf, float.NaN),
            (1f, 0f));
        Check<T>(LaneMath.Tanh, (float.NaN, float.NaN), (inf, 1f), (-inf, -1f), (0f, 0f));
        Check<T>(LaneMath.Sin, (float.NaN, float.NaN), (inf, float.NaN), (-inf, float.NaN), (0f, 0f), (1e-40f, 1e-40f));
        Check<T>(LaneMath.Cos, (float.NaN, float.NaN), (inf, float.NaN), (-inf, float.NaN), (0f, 1f), (1e-40f, 1f));
        Check<T>(LaneMath.Erf, (float.NaN, float.NaN), (inf, 1f), (-inf, -1f), (0f, 0f));
        Check<T>(LaneMath.Sigmoid, (float.NaN, float.NaN), (inf, 1f), (-inf, 0f), (0f, 0.5f));
        Check<T>(LaneMath.Softplus, (float.NaN, float.NaN), (inf, inf), (-inf, 0f));
        Check<T>(LaneMath.Log1p, (float.NaN, float.NaN), (inf, inf), (-1f, -inf), (-2f, float.NaN), (0f, 0f));
        Check<T>(LaneMath.Expm1, (float.NaN, float.NaN), (inf, inf), (-inf, -1f), (0f, 0f));
    }

    static void Check<T>(Function<T> function, params (float X, float Y)[] expected) where T : struct, ILane<T>
    {
        float* y = stackalloc float[T.Width];
        foreach ((float x, float value) in expected)
        {
            T.Store(y, function(T.Splat(x)));
            for (int k = 0; k < T.Width; k++) Assert.AreEqual(value, y[k], $"f({x}) with {T.Width} lanes");
        }
    }

    [TestMethod]
    public void Powers_are_accurate_to_1_ulp()
    {
        var random = new Random(6);
        for (int i = 0; i < 100_000; i++)
        {
            float x = (float)Math.Exp(random.NextDouble() * 40 - 20) * (random.Next(2) * 2 - 1);
            float y = random.Next(3) == 0 ? random.Next(-9, 10) : (float)(random.NextDouble() * 8 - 4);
            float expected = MathF.Pow(x, y), actual = Numerics.PowerFunction.Of(x, y);
            bool close = expected.Equals(actual)
                || Math.Abs(BitConverter.SingleToInt32Bits(expected)
                    - (long)BitConverter.SingleToInt32Bits(actual)) <= 1;
            Assert.IsTrue(close, $"Pow({x:R}, {y:R}): expected {expected:R}, got {actual:R}");
        }
        float[] special = [0f, -0f, 1f, -1f, 0.5f, -0.5f, 2f, -2f, 3f, float.Epsilon, float.MaxValue,
            float.PositiveInfinity, float.NegativeInfinity, float.NaN, 16777216f, 16777217f];
        foreach (float x in special)
            foreach (float y in special)
                Assert.AreEqual(MathF.Pow(x, y), Numerics.PowerFunction.Of(x, y), $"Pow({x:R}, {y:R})");
    }
}
