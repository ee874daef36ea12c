using System.Text.Json;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>The optimizers by their Keras names, case-insensitive.</summary>
internal static class OptimizerRegistry
{
    public static readonly ObjectRegistry<Optimizer> Known = new(
        "optimizer", comparer: StringComparer.OrdinalIgnoreCase, copy: o => o.Copy())
    {
        ["sgd"] = c => Schedule(c) is { } s
            ? new SGD(s, c.Double("momentum", 0), c.Bool("nesterov", false), c.Double("decay", 0), Norm(c), Value(c))
            : new SGD(Rate(c, 0.01), c.Double("momentum", 0), c.Bool("nesterov", false), c.Double("decay", 0), Norm(c),
                Value(c)),
        ["rmsprop"] = c => Schedule(c) is { } s
            ? new RMSprop(s, c.Double("rho", 0.9), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c))
            : new RMSprop(Rate(c, 0.001), c.Double("rho", 0.9), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c)),
        ["adagrad"] = c => Schedule(c) is { } s
            ? new Adagrad(s, c.Double("decay", 0), Epsilon(c), Norm(c), Value(c))
            : new Adagrad(Rate(c, 0.01), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c)),
        ["adadelta"] = c => Schedule(c) is { } s
            ? new Adadelta(s, c.Double("rho", 0.95), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c))
            : new Adadelta(Rate(c, 1), c.Double("rho", 0.95), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c)),
        ["adam"] = c => Schedule(c) is { } s
            ? new Adam(s, Beta1(c), Beta2(c), c.Bool("amsgrad", false), c.Double("decay", 0), Epsilon(c), Norm(c),
                Value(c))
            : new Adam(Rate(c, 0.001), Beta1(c), Beta2(c), c.Bool("amsgrad", false), c.Double("decay", 0), Epsilon(c),
                Norm(c), Value(c)),
        ["adamw"] = c => Schedule(c) is { } s
            ? new AdamW(s, c.Double("weight_decay", 0.004), Beta1(c), Beta2(c), c.Bool("amsgrad", false), Epsilon(c),
                Norm(c), Value(c))
            : new AdamW(Rate(c, 0.001), c.Double("weight_decay", 0.004), Beta1(c), Beta2(c), c.Bool("amsgrad", false),
                Epsilon(c), Norm(c), Value(c)),
        ["adamax"] = c => Schedule(c) is { } s
            ? new Adamax(s, Beta1(c), Beta2(c), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c))
            : new Adamax(Rate(c, 0.002), Beta1(c), Beta2(c), c.Double("decay", 0), Epsilon(c), Norm(c), Value(c)),
        ["nadam"] = c => Schedule(c) is { } s
            ? new Nadam(s, Beta1(c), Beta2(c), c.Double("schedule_decay", 0.004), Epsilon(c), Norm(c), Value(c))
            : new Nadam(Rate(c, 0.002), Beta1(c), Beta2(c), c.Double("schedule_decay", 0.004), Epsilon(c), Norm(c),
                Value(c)),
        ["lion"] = c => Schedule(c) is { } s
            ? new Lion(s, Beta1(c), c.Double("beta_2", 0.99), c.Double("weight_decay", 0), Norm(c), Value(c))
            : new Lion(Rate(c, 0.001), Beta1(c), c.Double("beta_2", 0.99), c.Double("weight_decay", 0), Norm(c),
                Value(c)),
        ["ftrl"] = c => Schedule(c) is { } s
            ? new Ftrl(s, c.Double("learning_rate_power", -0.5), c.Double("initial_accumulator_value", 0.1),
                c.Double("l1_regularization_strength", 0), c.Double("l2_regularization_strength", 0),
                c.Double("l2_shrinkage_regularization_strength", 0), c.Double("beta", 0), Norm(c), Value(c))
            : new Ftrl(Rate(c, 0.001), c.Double("learning_rate_power", -0.5),
                c.Double("initial_accumulator_value", 0.1), c.Double("l1_regularization_strength", 0),
                c.Double("l2_regularization_strength", 0), c.Double("l2_shrinkage_regularization_strength", 0),
                c.Double("beta", 0), Norm(c), Value(c)),
    };

    static LearningRateSchedule? Schedule(Config c) =>
        c.Element("learning_rate") is { ValueKind: JsonValueKind.Object } schedule
            ? LearningRateSchedule.FromConfig(schedule)
            : null;

    static double Rate(Config c, double otherwise) => c.Has("learning_rate") ? c.Double("learning_rate", otherwise)
        : c.Double("lr", otherwise);

    static double Beta1(Config c) => c.Double("beta_1", 0.9);

    static double Beta2(Config c) => c.Double("beta_2", 0.999);

    static double Epsilon(Config c) => c.Double("epsilon", K.Epsilon);

    static double? Norm(Config c) => c.OptionalDouble("clipnorm");

    static double? Value(Config c) => c.OptionalDouble("clipvalue");
}
