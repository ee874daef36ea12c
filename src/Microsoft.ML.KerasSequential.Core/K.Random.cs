using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Reshape = Microsoft.ML.KerasSequential.Ops.Reshape;

namespace Microsoft.ML.KerasSequential;

// Random numbers of a given shape.
public static partial class K
{
    /// <summary>Uniform random numbers, drawn anew at each run (Keras <c>K.random_uniform</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="minval">The lower end.</param>
    /// <param name="maxval">The upper end, excluded.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor RandomUniform(int[] shape, double minval = 0, double maxval = 1, int? seed = null) =>
        new Tensor(new RandomUniform(Checked(shape), TraceScope.NextRandomKey(seed))) * (maxval - minval) + minval;

    /// <summary>Normal random numbers, drawn anew at each run (Keras <c>K.random_normal</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="stddev">The standard deviation.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor RandomNormal(int[] shape, double mean = 0, double stddev = 1, int? seed = null) =>
        new Tensor(new RandomNormal(Checked(shape), TraceScope.NextRandomKey(seed))) * stddev + mean;

    /// <summary>1 with a probability, else 0, drawn anew at each run (Keras <c>K.random_binomial</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="p">The probability of 1, in [0, 1].</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentException">A size is negative, or the probability is out of range.</exception>
    public static Tensor RandomBinomial(int[] shape, double p = 0, int? seed = null)
    {
        RequireProbability(p);
        return RandomUniform(shape, seed: seed) < p;
    }

    /// <summary>1 with a probability, else 0, in the shape of a tensor, drawn anew at each run (Keras
    /// <c>K.random_binomial</c>).</summary>
    /// <param name="like">The tensor whose shape is used.</param>
    /// <param name="p">The probability of 1, in [0, 1].</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is out of range.</exception>
    public static Tensor RandomBinomial(Tensor like, double p = 0, int? seed = null)
    {
        RequireProbability(p);
        return RandomUniform(like, seed: seed) < p;
    }

    /// <summary>Normal random numbers within two standard deviations of the mean, drawn anew
    /// at each run (Keras <c>K.truncated_normal</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="stddev">The standard deviation before truncation.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    public static Tensor TruncatedNormal(int[] shape, double mean = 0, double stddev = 1, int? seed = null) =>
        NormalQuantile(RandomUniform(shape, -WithinTwo, WithinTwo, seed)) * stddev + mean;

    /// <summary>Gamma-distributed random numbers, drawn anew at each run (Keras <c>keras.random.gamma</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="alpha">The shape of the distribution, more than 0, which is also its mean.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>The random numbers.</returns>
    /// <exception cref="ArgumentException">A size is negative, or <paramref name="alpha"/> isn't positive.</exception>
    public static Tensor RandomGamma(int[] shape, double alpha, int? seed = null)
    {
        RequirePositive(alpha, nameof(alpha));
        return Exp(LogOfGamma(Checked(shape), Scalar(alpha), seed));
    }

    /// <summary>Beta-distributed random numbers, drawn anew at each run (Keras <c>keras.random.beta</c>).</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <param name="alpha">The first parameter, more than 0.</param>
    /// <param name="beta">The second parameter, more than 0; the mean is
    /// <paramref name="alpha"/> / (<paramref name="alpha"/> + <paramref name="beta"/>).</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <returns>Random numbers in [0, 1].</returns>
    /// <exception cref="ArgumentException">A size is negative, or a parameter isn't positive.</exception>
    public static Tensor RandomBeta(int[] shape, double alpha, double beta, int? seed = null)
    {
        RequirePositive(alpha, nameof(alpha));
        RequirePositive(beta, nameof(beta));
        return BetaOf(Checked(shape), Scalar(alpha), Scalar(beta), seed);
    }

    /// <summary>Beta-distributed numbers. Of the gamma-distributed ones, only the logarithms are always in
    /// range.</summary>
    internal static Tensor BetaOf(Dims dims, Tensor alpha, Tensor beta, int? seed) =>
        Sigmoid(LogOfGamma(dims, alpha, TraceScope.NextRandomKey(seed), 0)
            - LogOfGamma(dims, beta, TraceScope.NextRandomKey(seed), 1));

    /// <summary>
    /// The logarithms of gamma-distributed numbers, by G. Marsaglia and W. W. Tsang's method for alpha + 1, which
    /// accepts more than 19 of 20 candidates: the first of six that is accepted, or the last one.
    /// </summary>
    internal static Tensor LogOfGamma(Dims dims, Tensor alpha, int? seed) =>
        LogOfGamma(dims, alpha, TraceScope.NextRandomKey(seed), 0);

    /// <param name="dims">The shape.</param>
    /// <param name="alpha">The parameter of the distribution.</param>
    /// <param name="key">A key, which several distributions can share.</param>
    /// <param name="stream">The number of this one among them.</param>
    static Tensor LogOfGamma(Dims dims, Tensor alpha, ulong key, ulong stream)
    {
        ulong Key(ulong part) => Numerics.SplitMix.Mix(key + 3 * stream + part + 1);
        const int Candidates = 6;
        Tensor d = alpha + 2.0 / 3, c = 1 / Sqrt(9 * d);
        Dims several = new([Candidates, .. dims]);
        Tensor x = new(new RandomNormal(several, Key(0)));
        Tensor v = Maximum(1 + c * x, 1e-3), cube = v * v * v;
        Tensor chance = 1 - new Tensor(new RandomUniform(several, Key(1)));
        Tensor accepted = (1 + c * x > 1e-3) * (Log(chance) < 0.5 * Square(x) + d * (1 - cube + Log(cube)));
        Tensor At(Tensor all, int i) => new(new Reshape(dims), Slice(all, 0, i, 1));
        Tensor first = At(cube, Candidates - 1);
        for (int i = Candidates - 2; i >= 0; i--) first = Where(At(accepted, i), At(cube, i), first);
        Tensor less = 1 - new Tensor(new RandomUniform(dims, Key(2)));
        return Log(d * first) + Log(less) / alpha;
    }

    static void RequirePositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, $"`{name}` must be more than 0; given {value}.");
    }

    /// <summary>Half the probability that a normal number lies within two standard deviations.</summary>
    const double WithinTwo = 0.47724986805182079;

    /// <summary>The value below which a normal number lies with probability ½ + q, accurate to 3e-7 for |q| up to
    /// <see cref="WithinTwo"/> (M. J. Wichura's algorithm AS 241, PPND7).</summary>
    static Tensor NormalQuantile(Tensor q)
    {
        Tensor r = 0.180625 - Square(q);
        Tensor middle = q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) / (
            ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
        Tensor size = Abs(q), tail = Sqrt(-Log(Maximum(0.5 - size, 0.5 - WithinTwo))) - 1.6;
        Tensor far = Sign(q) * (
            (((0.17023821103 * tail + 1.3067284816) * tail + 2.7568153900) * tail + 1.4234372777) / (
                (0.12021132975 * tail + 0.73700164250) * tail + 1));
        return Clip(Where(size <= 0.425, middle, far), -2, 2);
    }

    static void RequireProbability(double p)
    {
        if (p is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), $"The probability must be in [0, 1]; given {p}.");
    }

    static Dims Checked(int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.All(s => s >= 0) ? new([.. shape.Select(s => (Dim)s)])
            : throw new ArgumentException(
                $"A size cannot be negative; given {KerasSequential.Shape.Format(shape)}.", nameof(shape));
    }
}
