using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>The settings that Keras 3 gives to all optimizers, besides the learning rate and clipping over all
/// gradients.</summary>
internal sealed record OptimizerSettings
{
    public double? WeightDecay { get; init; }

    public double? VariableClipnorm { get; init; }

    public bool UseEma { get; init; }

    public double EmaMomentum { get; init; } = 0.99;

    public int? EmaOverwriteFrequency { get; init; }

    public double? LossScaleFactor { get; init; }

    public int? GradientAccumulationSteps { get; init; }

    /// <summary>The same settings, if they are in range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public OptimizerSettings Checked()
    {
        Require(WeightDecay is null or (>= 0 and < double.PositiveInfinity), nameof(WeightDecay), "0 or more",
            WeightDecay);
        Require(VariableClipnorm is null or (>= 0 and < double.PositiveInfinity), nameof(VariableClipnorm),
            "0 or more", VariableClipnorm);
        Require(EmaMomentum is >= 0 and <= 1, nameof(EmaMomentum), "in [0, 1]", EmaMomentum);
        Require(EmaOverwriteFrequency is null or >= 1, nameof(EmaOverwriteFrequency), "1 or more",
            EmaOverwriteFrequency);
        Require(LossScaleFactor is null or (> 0 and < double.PositiveInfinity), nameof(LossScaleFactor), "above 0",
            LossScaleFactor);
        Require(GradientAccumulationSteps is null or >= 2, nameof(GradientAccumulationSteps), "2 or more",
            GradientAccumulationSteps);
        return this;
    }

    static void Require(bool holds, string name, string expected, double? given)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, $"{name} must be {expected}; given {given}.");
    }

    /// <summary>
    /// Whether a configuration is one of Keras 3 or of tf.keras since 2.11, whose <c>clipnorm</c> limits each gradient
    /// by itself, and some of whose formulas differ. Those have all settings, set or not.
    /// </summary>
    /// <param name="optimizer">A class and its configuration.</param>
    public static bool AreOfThree(System.Text.Json.JsonElement optimizer) =>
        optimizer.ValueKind == System.Text.Json.JsonValueKind.Object
        && optimizer.TryGetProperty("config", out System.Text.Json.JsonElement config)
        && AreOfThree(new Config(config, ""));

    /// <inheritdoc cref="AreOfThree(System.Text.Json.JsonElement)"/>
    public static bool AreOfThree(Config config) => config.All.ValueKind == System.Text.Json.JsonValueKind.Object
        && config.All.TryGetProperty("use_ema", out _) && config.All.TryGetProperty("global_clipnorm", out _);

    public static OptimizerSettings From(Config config, OptimizerSettings otherwise) => otherwise with
    {
        WeightDecay = config.OptionalDouble("weight_decay") ?? otherwise.WeightDecay,
        VariableClipnorm = config.OptionalDouble(AreOfThree(config) ? "clipnorm" : "variable_clipnorm"),
        UseEma = config.Bool("use_ema", false),
        EmaMomentum = config.Double("ema_momentum", 0.99),
        EmaOverwriteFrequency = config.OptionalInt("ema_overwrite_frequency"),
        LossScaleFactor = config.OptionalDouble("loss_scale_factor"),
        GradientAccumulationSteps = config.OptionalInt("gradient_accumulation_steps"),
    };

    /// <summary>Adds the settings that are not the default.</summary>
    public void AddTo(JsonObject config)
    {
        if (WeightDecay is double decay) config["weight_decay"] = decay;
        if (VariableClipnorm is double norm) config["variable_clipnorm"] = norm;
        if (UseEma)
        {
            config["use_ema"] = true;
            config["ema_momentum"] = EmaMomentum;
            if (EmaOverwriteFrequency is int frequency) config["ema_overwrite_frequency"] = frequency;
        }
        if (LossScaleFactor is double factor) config["loss_scale_factor"] = factor;
        if (GradientAccumulationSteps is int steps) config["gradient_accumulation_steps"] = steps;
    }
}
