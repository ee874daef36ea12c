using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Random arguments, most of them wrong, to every public method and constructor: only documented exceptions
/// are thrown.</summary>
[TestClass]
public sealed class RandomArgumentTests
{
    // The same cases each time, so that a run depends only on the code; set RANDOM_CASES in the environment for more.
    static readonly int s_cases = int.TryParse(Environment.GetEnvironmentVariable("RANDOM_CASES"), out int cases)
        ? cases : 100;

    [TestMethod]
    [DynamicData(nameof(Types))]
    public void Only_documented_exceptions_are_thrown(Type type)
    {
        MethodBase[] members =
        [
            .. type.GetConstructors(),
            .. type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static
                | BindingFlags.DeclaredOnly).Where(m => !m.IsAbstract && m.Name != "Finalize")
                .Select(m => m.IsGenericMethodDefinition ? m.MakeGenericMethod(typeof(int)) : m),
        ];
        // K has several hundred functions, each of which builds graphs and runs some.
        int count = type == typeof(K) ? s_cases / 4 : s_cases;
        Arbitrary<int> seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
        foreach (MethodBase member in members)
        {
            // The thread count is a process-wide setting, which other tests rely on.
            if (type == typeof(Device) && member.Name == "set_Threads") continue;
            // Files are tested where they can be cleaned up.
            if (member.GetParameters().Any(p => p.Name == "path")) continue;
            // Globally registered names are also a process-wide setting.
            if (type == typeof(Utils.CustomObjectScope)) continue;
            // Reflection cannot pass spans.
            if (member is MethodInfo { ReturnType.IsByRefLike: true }
                || member.GetParameters().Any(p => p.ParameterType.IsByRefLike)) continue;
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(1, 1),
                Prop.ForAll(seeds, seed => Call(member, new Random(seed))));
        }
    }

    static IEnumerable<object[]> Types => typeof(Sequential).Assembly.GetExportedTypes()
        // The compiler marks an extension's receiver with a type that cannot be called.
        .Where(t => !t.IsInterface && !t.IsEnum && !t.IsSpecialName && t.DeclaringType?.IsSpecialName != true
            && !typeof(Delegate).IsAssignableFrom(t)).Select(t => new object[] { t });

    static void Call(MethodBase member, Random random)
    {
        object? target = null;
        object?[] arguments = [.. member.GetParameters().Select(p => Value(p.ParameterType, random))];
        if (member is MethodInfo { IsStatic: false })
        {
            target = Instance(member.DeclaringType!, random);
            if (target is null) return;
        }
        try
        {
            object? result = member is ConstructorInfo constructor ? constructor.Invoke(arguments)
                : member.Invoke(target, arguments);
            (result as IDisposable)?.Dispose();
        }
        catch (TargetInvocationException e) when (Documented(e.InnerException!))
        {
        }
        catch (TargetInvocationException e)
        {
            string given = string.Join(", ", arguments.Select(a => a ?? "null"));
            Assert.Fail($"{member.DeclaringType!.Name}.{member.Name}({given}) threw {e.InnerException}");
        }
    }

    static bool Documented(Exception e) =>
        e is ArgumentException or InvalidOperationException or OperationCanceledException or KeyNotFoundException;

    /// <summary>An object to call a method on; made with sensible arguments.</summary>
    static object? Instance(Type type, Random random)
    {
        if (type == typeof(Sequential)) return Model(random);
        if (type == typeof(Layer)) return new Dense(3, inputShape: [4]);
        if (type == typeof(Callback) || type == typeof(History)) return new History();
        if (type == typeof(Device)) return Device.Cpu;
        if (type == typeof(Evaluation)) return Compiled().TestOnBatch(new NDArray(2, 4), new NDArray(2, 3));
        if (type == typeof(Function)) return K.Function([s_placeholder], [s_placeholder * 2]);
        if (type.IsAbstract) return null;
        for (int attempt = 0; attempt < 20; attempt++)
        {
            ConstructorInfo[] constructors = type.GetConstructors();
            if (constructors.Length == 0) return Value(type, random);
            try
            {
                ConstructorInfo constructor = constructors[random.Next(constructors.Length)];
                return constructor.Invoke(
                    [.. constructor.GetParameters()
                        .Select(p => p.HasDefaultValue ? p.DefaultValue : Value(p.ParameterType, random))]);
            }
            catch (TargetInvocationException e) when (Documented(e.InnerException!))
            {
            }
        }
        return null;
    }

    static Sequential Model(Random random) => random.Next(4) switch
    {
        0 => new Sequential(),
        1 => new Sequential([new Dense(3), new Dense(1)]),
        2 => new Sequential([new Dense(3, inputShape: [4])]),
        _ => Compiled(),
    };

    static Sequential Compiled()
    {
        var model = new Sequential([new Dense(3, inputShape: [4])]);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        return model;
    }

    static readonly Tensor s_placeholder = K.Placeholder(null, 4);

    static readonly string[] s_words = ["", "adam", "mse", "accuracy", "relu", "zeros", "l2", "non_neg", "dense_1",
        "batch", "channels_first", "max", "{}", "{\"class_name\": \"Sequential\", \"config\": [1, null]}", "[]", "loss",
        "\0", "ü"];

    static object? Value(Type type, Random random)
    {
        Type? nullable = Nullable.GetUnderlyingType(type);
        if (nullable is not null) return random.Next(2) == 0 ? null : Value(nullable, random);
        if (type == typeof(int)) return Pick(random, int.MinValue, -7, -1, 0, 1, 2, 3, 50);
        if (type == typeof(long)) return (long)Pick(random, -1, 0, 5);
        if (type == typeof(double))
            return Pick(random, double.NaN, double.NegativeInfinity, double.PositiveInfinity, -1.0, -1e-9, 0.0, 0.3,
                1.0, 2.0, 1e300);
        if (type == typeof(float)) return (float)Pick(random, double.NaN, -1.0, 0.0, 2.0);
        if (type == typeof(bool)) return random.Next(2) == 0;
        if (type.IsEnum) return Enum.ToObject(type, random.Next(-1, 4));
        if (type == typeof(CancellationToken)) return new CancellationToken(random.Next(5) == 0);
        if (type == typeof(LayerOptions))
            return new LayerOptions(Name: (string?)Value(typeof(string), random),
                InputShape: (Shape?)Value(typeof(Shape), random));
        if (type == typeof(System.Text.Json.JsonElement))
            return System.Text.Json.JsonDocument.Parse(
                Pick(random, "null", "1", "\"relu\"", "\"foo\"", "{}", "[]",
                    "{\"class_name\": \"Dense\", \"config\": {\"units\": -1}}", "{\"class_name\": 3}",
                    "{\"class_name\": \"Adam\", \"config\": {\"lr\": \"x\"}}", "{\"class_name\": \"Zeros\"}"))
                .RootElement;
        if (type.IsByRef || type.IsByRefLike) return null;
        if (random.Next(6) == 0 && !type.IsValueType) return null;

        if (type == typeof(string)) return Pick(random, s_words);
        if (type == typeof(object)) return Pick<object>(random, 1, "x", new NDArray(2));
        if (type == typeof(NDArray)) return Array(random);
        if (type == typeof(Tensor))
            return Pick(random, s_placeholder, K.Placeholder(null, 4), K.Placeholder(null, 2, 3), K.Placeholder(3), 2.0,
                K.Placeholder(null, 1), K.Placeholder(2, 2));
        if (type == typeof(Variable)) return K.Variable(new NDArray(2, 2));
        if (type == typeof(Shape))
            return new Shape(Pick<int?[]>(random, [], [4], [null], [null, 4], [0], [-1, 3], [2, 2, 2]));
        if (type == typeof(Layer))
            return Pick<Layer>(random, new Dense(2), new Flatten(), new RepeatVector(2), new Reshape([2, 2]),
                new Permute([2, 1]), new InputLayer(inputShape: [4]), new Lambda(x => K.Reshape(x, 7)),
                new Dropout(0.5));
        if (type == typeof(Device)) return Device.Cpu;
        if (type == typeof(Callback)) return new History();
        if (type == typeof(Sequential)) return Model(random);
        if (type == typeof(Losses.Loss)) return (Loss)Pick(random, "mse", "binary_crossentropy");
        if (type == typeof(Metric)) return (Metric)Pick(random, "mae", "accuracy");
        if (type == typeof(LossSet)) return (LossSet)Pick(random, "mse", "sparse_categorical_crossentropy");
        if (type == typeof(MetricSet)) return (MetricSet)Pick<string[]>(random, ["mae"], ["accuracy", "accuracy"], []);
        if (type == typeof(Optimizers.Optimizer)) return (Optimizers.Optimizer)Pick(random, "sgd", "adam");
        if (type == typeof(Activations.Activation)) return (Activations.Activation)Pick(random, "relu", "softmax");
        if (type == typeof(Initializers.Initializer))
            return (Initializers.Initializer)Pick(random, "zeros", "orthogonal", "identity");
        if (type == typeof(Regularizers.Regularizer)) return (Regularizers.Regularizer)"l2";
        if (type == typeof(Constraints.Constraint)) return (Constraints.Constraint)"unit_norm";
        if (type == typeof(ValidationFreq)) return (ValidationFreq)2;
        if (type == typeof(Shuffle)) return (Shuffle)"batch";
        if (type == typeof(LossWeights)) return (LossWeights)Pick(random, 1.0, double.NaN);
        if (type == typeof(TextWriter)) return TextWriter.Null;
        if (type == typeof(TrainingParameters)) return null;
        if (type.IsArray && type.GetArrayRank() > 1)
            return System.Array.CreateInstance(type.GetElementType()!,
                [.. Enumerable.Range(0, type.GetArrayRank()).Select(_ => random.Next(3))]);
        if (type.IsArray) return Filled(type.GetElementType()!, random);
        if (type == typeof(Func<Tensor, Tensor>)) return (Func<Tensor, Tensor>)(x => x * 2);
        if (type == typeof(Func<Tensor, Tensor, Tensor>))
            return (Func<Tensor, Tensor, Tensor>)((t, p) => K.Mean(t - p, axis: -1));
        if (type == typeof(Func<int[], NDArray>)) return (Func<int[], NDArray>)(_ => new NDArray(2));
        if (type == typeof(Action<string>)) return (Action<string>)(_ => { });
        if (type == typeof(IDictionary<string, double>) || type == typeof(IReadOnlyDictionary<string, double>))
            return new Dictionary<string, double> { ["loss"] = 1 };
        if (type == typeof(IReadOnlyDictionary<int, double>))
            return new Dictionary<int, double> { [0] = 1, [1] = random.Next(2) == 0 ? double.NaN : 2 };
        if (type.IsGenericType && type.GetGenericArguments() is [var element]
            && type.IsAssignableFrom(element.MakeArrayType())) return Filled(element, random);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return Activator.CreateInstance(type);
        if (type.IsValueType) return Activator.CreateInstance(type);
        return null;
    }

    static Array Filled(Type element, Random random)
    {
        var array = System.Array.CreateInstance(element, random.Next(4));
        for (int i = 0; i < array.Length; i++)
            if (Value(element, random) is { } value) array.SetValue(value, i);
        return array;
    }

    static NDArray Array(Random random)
    {
        var array = new NDArray(
            Pick<int[]>(random, [], [0], [3], [4], [2, 4], [3, 4], [0, 4], [3, 3], [2, 4, 1], [5, 0], [2, 3]));
        foreach (ref float v in array.Span) v = random.Next(12) == 0 ? float.NaN : random.NextSingle() * 4 - 2;
        return array;
    }

    static T Pick<T>(Random random, params T[] items) => items[random.Next(items.Length)];
}
