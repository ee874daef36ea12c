using System.Text.Json;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>The optimizers by their Keras names, case-insensitive.</summary>
internal static class OptimizerRegistry
{
    public static readonly ObjectRegistry<Optimizer> Known = Build();

    static ObjectRegistry<Optimizer> Build()
    {
        var known = new ObjectRegistry<Optimizer>(
            "optimizer", comparer: StringComparer.OrdinalIgnoreCase, copy: o => o.Copy());
        Add("sgd", c => Schedule(c) is { } s
            ? new SGD(s, c.Double("momentum", 0), c.Bool("nesterov", false), c.Double("decay", 0))
            : new SGD(Rate(c, 0.01), c.Double("momentum", 0), c.Bool("nesterov", false), c.Double("decay", 0)));
        Add("rmsprop", c => Schedule(c) is { } s
            ? new RMSprop(s, c.Double("rho", 0.9), c.Double("decay", 0), Epsilon(c))
            {
                Momentum = c.Double("momentum", 0),
                Centered = c.Bool("centered", false),
                EpsilonInRoot = EpsilonInRoot(c),
            }
            : new RMSprop(Rate(c, 0.001), c.Double("rho", 0.9), c.Double("decay", 0), Epsilon(c))
            {
                Momentum = c.Double("momentum", 0),
                Centered = c.Bool("centered", false),
                EpsilonInRoot = EpsilonInRoot(c),
            });
        Add("adagrad", c => Schedule(c) is { } s
            ? new Adagrad(s, c.Double("decay", 0), Epsilon(c))
            {
                InitialAccumulatorValue = c.Double("initial_accumulator_value", 0),
                EpsilonInRoot = EpsilonInRoot(c),
            }
            : new Adagrad(Rate(c, 0.01), c.Double("decay", 0), Epsilon(c))
            {
                InitialAccumulatorValue = c.Double("initial_accumulator_value", 0),
                EpsilonInRoot = EpsilonInRoot(c),
            });
        Add("adadelta", c => Schedule(c) is { } s
            ? new Adadelta(s, c.Double("rho", 0.95), c.Double("decay", 0), Epsilon(c))
            : new Adadelta(Rate(c, 1), c.Double("rho", 0.95), c.Double("decay", 0), Epsilon(c)));
        Add("adam", c => Schedule(c) is { } s
            ? new Adam(s, Beta1(c), Beta2(c), c.Bool("amsgrad", false), c.Double("decay", 0), Epsilon(c))
            : new Adam(Rate(c, 0.001), Beta1(c), Beta2(c), c.Bool("amsgrad", false), c.Double("decay", 0), Epsilon(c)));
        Add("adamw", c => Schedule(c) is { } s
            ? new AdamW(s, c.Double("weight_decay", 0.004), Beta1(c), Beta2(c), c.Bool("amsgrad", false), Epsilon(c))
            : new AdamW(Rate(c, 0.001), c.Double("weight_decay", 0.004), Beta1(c), Beta2(c), c.Bool("amsgrad", false),
                Epsilon(c)));
        Add("adamax", c => Schedule(c) is { } s
            ? new Adamax(s, Beta1(c), Beta2(c), c.Double("decay", 0), Epsilon(c))
            : new Adamax(Rate(c, 0.002), Beta1(c), Beta2(c), c.Double("decay", 0), Epsilon(c)));
        Add("nadam", c => Schedule(c) is { } s
            ? new Nadam(s, Beta1(c), Beta2(c), ScheduleDecay(c), Epsilon(c))
            : new Nadam(Rate(c, 0.002), Beta1(c), Beta2(c), ScheduleDecay(c), Epsilon(c)));
        Add("lion", c => Schedule(c) is { } s
            ? new Lion(s, Beta1(c), c.Double("beta_2", 0.99), c.Double("weight_decay", 0))
            : new Lion(Rate(c, 0.001), Beta1(c), c.Double("beta_2", 0.99), c.Double("weight_decay", 0)));
        Add("ftrl", c => Schedule(c) is { } s
            ? new Ftrl(s, c.Double("learning_rate_power", -0.5), c.Double("initial_accumulator_value", 0.1),
                c.Double("l1_regularization_strength", 0), c.Double("l2_regularization_strength", 0),
                c.Double("l2_shrinkage_regularization_strength", 0), c.Double("beta", 0))
            : new Ftrl(Rate(c, 0.001), c.Double("learning_rate_power", -0.5),
                c.Double("initial_accumulator_value", 0.1), c.Double("l1_regularization_strength", 0),
                c.Double("l2_regularization_strength", 0), c.Double("l2_shrinkage_regularization_strength", 0),
                c.Double("beta", 0)));
        Add("adafactor", c => Schedule(c) is { } s
            ? new Adafactor(s, c.Double("beta_2_decay", -0.8), c.Double("epsilon_1", 1e-30),
                c.Double("epsilon_2", 1e-3), c.Double("clip_threshold", 1), c.Bool("relative_step", true))
            : new Adafactor(Rate(c, 0.001), c.Double("beta_2_decay", -0.8), c.Double("epsilon_1", 1e-30),
                c.Double("epsilon_2", 1e-3), c.Double("clip_threshold", 1), c.Bool("relative_step", true)));
        Add("lamb", c => Schedule(c) is { } s ? new Lamb(s, Beta1(c), Beta2(c), Epsilon(c))
            : new Lamb(Rate(c, 0.001), Beta1(c), Beta2(c), Epsilon(c)));
        Add("muon", Muon);
        Add("schedulefreeadamw", c => Schedule(c) is { } s
            ? new ScheduleFreeAdamW(s, Beta1(c), Beta2(c), c.Double("epsilon", 1e-8), c.Int("warmup_steps", 0))
            : new ScheduleFreeAdamW(Rate(c, 0.0025), Beta1(c), Beta2(c), c.Double("epsilon", 1e-8),
                c.Int("warmup_steps", 0)));
        known["lossscaleoptimizer"] = c => new LossScaleOptimizer(
            Optimizer.FromConfig(c.Element("inner_optimizer") ?? throw c.Missing("inner_optimizer")),
            c.Double("initial_scale", 32768), c.Int("dynamic_growth_steps", 2000));
        known["multioptimizer"] = c => new MultiOptimizer(
            OptimizerMap.FromConfig(c.Element("optimizer_map") ?? throw c.Missing("optimizer_map")),
            c.OptionalDouble("loss_scale_factor"));
        return known;

        void Add(string name, Func<Config, Optimizer> make) => known[name] = c =>
        {
            Optimizer made = make(c);
            if (c.All.ValueKind != JsonValueKind.Object) return made;
            if (OptimizerSettings.AreOfThree(c) && c.Has("clipnorm")
                && (c.Has("global_clipnorm") || c.Has("clipvalue")))
                throw new ArgumentException($"{c.Owner}: only one of \"clipnorm\", \"clipvalue\", and "
                    + "\"global_clipnorm\" can be set.");
            made.LimitGradients(Norm(c), c.OptionalDouble("clipvalue"));
            made.Settings = OptimizerSettings.From(c, made.Settings);
            return made;
        };
    }

    static Muon Muon(Config c)
    {
        double beta1 = c.Double("adam_beta_1", 0.9), beta2 = c.Double("adam_beta_2", 0.999), epsilon = Epsilon(c),
            a = c.Double("muon_a", 3.4445), b = c.Double("muon_b", -4.775), third = c.Double("muon_c", 2.0315),
            ratio = c.Double("adam_lr_ratio", 1), momentum = c.Double("momentum", 0.95);
        double? adamDecay = Given("adam_weight_decay", 0.004), decay = Given("weight_decay", 0.004),
            rms = Given("rms_rate", 0.2);
        string[] excluded = c.Element("exclude_layers") is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(e => e.GetString()!)] : [];
        bool embeddings = c.Bool("exclude_embeddings", true), nesterov = c.Bool("nesterov", true);
        int steps = c.Int("ns_steps", 5);
        return Schedule(c) is { } s
            ? new Muon(s, beta1, beta2, adamDecay, epsilon, decay, excluded, embeddings, a, b, third, ratio, momentum,
                steps, nesterov, rms)
            : new Muon(Rate(c, 0.001), beta1, beta2, adamDecay, epsilon, decay, excluded, embeddings, a, b, third,
                ratio, momentum, steps, nesterov, rms);

        // Null means none, and is not the default.
        double? Given(string key, double otherwise) => c.All.ValueKind == JsonValueKind.Object
            && c.All.TryGetProperty(key, out _) ? c.OptionalDouble(key) : otherwise;
    }

    static LearningRateSchedule? Schedule(Config c) =>
        c.Element("learning_rate") is { ValueKind: JsonValueKind.Object } schedule
            ? LearningRateSchedule.FromConfig(schedule)
            : null;

    static double Rate(Config c, double otherwise) => c.Has("learning_rate") ? c.Double("learning_rate", otherwise)
        : c.Double("lr", otherwise);

    static double Beta1(Config c) => c.Double("beta_1", 0.9);

    static double Beta2(Config c) => c.Double("beta_2", 0.999);

    static double Epsilon(Config c) => c.Double("epsilon", K.Epsilon);

    /// <summary>The exponent of Keras 3's factor is the number of updates itself.</summary>
    static double ScheduleDecay(Config c) => c.Double("schedule_decay", OptimizerSettings.AreOfThree(c) ? 1 : 0.004);

    static bool EpsilonInRoot(Config c) => c.Bool("epsilon_in_root", OptimizerSettings.AreOfThree(c));

    /// <summary>The norm of all gradients together, which is <c>clipnorm</c> only in Keras 2.</summary>
    static double? Norm(Config c) => c.OptionalDouble("global_clipnorm")
        ?? (OptimizerSettings.AreOfThree(c) ? null : c.OptionalDouble("clipnorm"));
}
