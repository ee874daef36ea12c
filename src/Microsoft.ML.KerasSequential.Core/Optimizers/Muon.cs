using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Makes the step of each matrix nearly orthogonal, and updates all other weights as AdamW does (Jordan et al. 2024;
/// Keras 3 <c>keras.optimizers.Muon</c>).
/// </summary>
public class Muon : Optimizer
{
    readonly double _adamBeta1, _adamBeta2, _epsilon, _a, _b, _c, _adamLrRatio, _momentum;
    readonly double? _adamWeightDecay, _rmsRate;
    readonly string[] _excludeLayers;
    readonly bool _excludeEmbeddings, _nesterov;
    readonly int _nsSteps;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="adamBeta1">Adam's decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="adamBeta2">Adam's decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="adamWeightDecay">The weight decay of the weights that Adam updates; null for none.</param>
    /// <param name="epsilon">A number added to Adam's root, to avoid division by 0.</param>
    /// <param name="weightDecay">The weight decay of the matrices; null for none.</param>
    /// <param name="excludeLayers">
    /// Regular expressions; Adam updates the weights whose names match one of them in part.
    /// </param>
    /// <param name="excludeEmbeddings">Whether Adam updates the weights with <c>embedding</c> in their names.</param>
    /// <param name="muonA">The first coefficient of the iteration.</param>
    /// <param name="muonB">The second coefficient of the iteration.</param>
    /// <param name="muonC">The third coefficient of the iteration.</param>
    /// <param name="adamLrRatio">Adam's learning rate relative to the learning rate.</param>
    /// <param name="momentum">The fraction of the sum of gradients that each update keeps, in [0, 1].</param>
    /// <param name="nsSteps">The number of iterations that make a step orthogonal.</param>
    /// <param name="nesterov">Whether to use Nesterov momentum.</param>
    /// <param name="rmsRate">
    /// The factor of a step, times the root of the matrix's longer side; null for a factor of 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Muon(double learningRate = 0.001, double adamBeta1 = 0.9, double adamBeta2 = 0.999,
        double? adamWeightDecay = 0.004, double epsilon = K.Epsilon, double? weightDecay = 0.004,
        IReadOnlyList<string>? excludeLayers = null, bool excludeEmbeddings = true, double muonA = 3.4445,
        double muonB = -4.775, double muonC = 2.0315, double adamLrRatio = 1, double momentum = 0.95, int nsSteps = 5,
        bool nesterov = true, double? rmsRate = 0.2)
        : base(learningRate)
    {
        Beta(adamBeta1, nameof(adamBeta1));
        Beta(adamBeta2, nameof(adamBeta2));
        NotNegative(epsilon, nameof(epsilon));
        if (adamWeightDecay is double decay) NotNegative(decay, nameof(adamWeightDecay));
        NotNegative(adamLrRatio, nameof(adamLrRatio));
        Share(momentum, nameof(momentum));
        ArgumentOutOfRangeException.ThrowIfNegative(nsSteps);
        if (rmsRate is double rms) NotNegative(rms, nameof(rmsRate));
        (_adamBeta1, _adamBeta2, _adamWeightDecay, _epsilon) = (adamBeta1, adamBeta2, adamWeightDecay, epsilon);
        (_a, _b, _c, _adamLrRatio, _momentum) = (muonA, muonB, muonC, adamLrRatio, momentum);
        (_nsSteps, _nesterov, _rmsRate) = (nsSteps, nesterov, rmsRate);
        (_excludeLayers, _excludeEmbeddings) = ([.. excludeLayers ?? []], excludeEmbeddings);
        Settings = Settings with { WeightDecay = weightDecay };
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="adamBeta1">Adam's decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="adamBeta2">Adam's decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="adamWeightDecay">The weight decay of the weights that Adam updates; null for none.</param>
    /// <param name="epsilon">A number added to Adam's root, to avoid division by 0.</param>
    /// <param name="weightDecay">The weight decay of the matrices; null for none.</param>
    /// <param name="excludeLayers">
    /// Regular expressions; Adam updates the weights whose names match one of them in part.
    /// </param>
    /// <param name="excludeEmbeddings">Whether Adam updates the weights with <c>embedding</c> in their names.</param>
    /// <param name="muonA">The first coefficient of the iteration.</param>
    /// <param name="muonB">The second coefficient of the iteration.</param>
    /// <param name="muonC">The third coefficient of the iteration.</param>
    /// <param name="adamLrRatio">Adam's learning rate relative to the learning rate.</param>
    /// <param name="momentum">The fraction of the sum of gradients that each update keeps, in [0, 1].</param>
    /// <param name="nsSteps">The number of iterations that make a step orthogonal.</param>
    /// <param name="nesterov">Whether to use Nesterov momentum.</param>
    /// <param name="rmsRate">
    /// The factor of a step, times the root of the matrix's longer side; null for a factor of 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Muon(LearningRateSchedule learningRate, double adamBeta1 = 0.9, double adamBeta2 = 0.999,
        double? adamWeightDecay = 0.004, double epsilon = K.Epsilon, double? weightDecay = 0.004,
        IReadOnlyList<string>? excludeLayers = null, bool excludeEmbeddings = true, double muonA = 3.4445,
        double muonB = -4.775, double muonC = 2.0315, double adamLrRatio = 1, double momentum = 0.95, int nsSteps = 5,
        bool nesterov = true, double? rmsRate = 0.2)
        : this(LearningRateSchedule.First(learningRate), adamBeta1, adamBeta2, adamWeightDecay, epsilon, weightDecay,
            excludeLayers, excludeEmbeddings, muonA, muonB, muonC, adamLrRatio, momentum, nsSteps, nesterov, rmsRate) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        config["weight_decay"] = WeightDecay;
        config["adam_beta_1"] = _adamBeta1;
        config["adam_beta_2"] = _adamBeta2;
        config["epsilon"] = _epsilon;
        config["exclude_layers"] = new JsonArray([.. _excludeLayers.Select(e => (JsonNode)e)]);
        config["muon_a"] = _a;
        config["muon_b"] = _b;
        config["muon_c"] = _c;
        config["adam_lr_ratio"] = _adamLrRatio;
        config["momentum"] = _momentum;
        config["ns_steps"] = _nsSteps;
        config["nesterov"] = _nesterov;
        config["exclude_embeddings"] = _excludeEmbeddings;
        config["adam_weight_decay"] = _adamWeightDecay;
        config["rms_rate"] = _rmsRate;
        return config;
    }

    /// <inheritdoc/>
    private protected override double? DecayOf(Variable weight) => IsForAdam(weight) ? _adamWeightDecay : WeightDecay;

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "m");
        if (IsForAdam(weight)) return Adam(weight, gradient, rate * _adamLrRatio, slot);
        Tensor sum = Normal(_momentum * slot + gradient);
        Update(slot, sum);
        Tensor step = Orthogonal(_nesterov ? gradient + _momentum * sum : sum, weight.Sizes[0] > weight.Sizes[1]);
        double size = _rmsRate is double rms ? Math.Sqrt(Math.Max(weight.Sizes[0], weight.Sizes[1])) * rms : 1;
        return weight - rate * size * step;
    }

    Tensor Adam(Variable weight, Tensor gradient, Tensor rate, Variable meanSlot)
    {
        Variable squareSlot = SlotOf(weight, "v");
        Tensor t = Step + 1, mean = Normal(_adamBeta1 * meanSlot + (1 - _adamBeta1) * gradient);
        Tensor square = Normal(_adamBeta2 * squareSlot + (1 - _adamBeta2) * K.Square(gradient));
        Update(meanSlot, mean);
        Update(squareSlot, square);
        rate *= Sqrt(OneMinusPower(_adamBeta2, t)) / OneMinusPower(_adamBeta1, t);
        return weight - rate * mean / (Sqrt(square) + _epsilon);
    }

    /// <summary>The Newton–Schulz iteration over the shorter side: all singular values come close to 1.</summary>
    Tensor Orthogonal(Tensor x, bool isTall)
    {
        if (isTall) x = K.Transpose(x);
        x /= Sqrt(K.Sum(K.Square(x))) + K.Epsilon;
        for (int i = 0; i < _nsSteps; i++)
        {
            Tensor product = K.Dot(x, K.Transpose(x));
            x = _a * x + K.Dot(_b * product + _c * K.Dot(product, product), x);
        }
        return isTall ? K.Transpose(x) : x;
    }

    bool IsForAdam(Variable weight) => weight.Sizes.Length != 2
        || (_excludeEmbeddings && weight.Name.Contains("embedding", StringComparison.OrdinalIgnoreCase))
        || _excludeLayers.Any(e => Regex.IsMatch(weight.Name, e, RegexOptions.CultureInvariant));
}
