using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>A family of classes that Keras configurations create by name.</summary>
/// <param name="Base">The common base type.</param>
/// <param name="ConfigOf">The complete configuration of the object that a configuration creates.</param>
internal sealed record ConfiguredKind(Type Base, Func<JsonElement, JsonObject> ConfigOf)
{
    static readonly ConfiguredKind[] s_all =
    [
        new(typeof(Layer), e => LayerRegistry.FromConfig(e).GetConfig()),
        new(typeof(Initializer), e => Initializer.FromConfig(e).GetConfig()),
        new(typeof(Regularizer), e => Regularizer.FromConfig(e).GetConfig()),
        new(typeof(Constraint), e => Constraint.FromConfig(e).GetConfig()),
        new(typeof(Optimizer), e => Optimizer.FromConfig(e).GetConfig()),
        new(typeof(LearningRateSchedule), e => LearningRateSchedule.FromConfig(e).GetConfig()),
        new(typeof(Loss), e => Loss.FromConfig(e).GetConfig()),
        new(typeof(Metric), e => Metric.FromConfig(e).GetConfig()),
    ];

    /// <summary>Whether the namespace is written before the class: losses and metrics share names.</summary>
    public bool IsQualified => IsShared(Base.Namespace!);

    /// <summary>Whether unnamed objects get a name with the next number.</summary>
    public bool NumbersNames => Base == typeof(Layer);

    /// <summary>The family of a type; layers if it belongs to no other.</summary>
    public static ConfiguredKind Of(Type type) =>
        s_all.FirstOrDefault(kind => kind.Base.IsAssignableFrom(type)) ?? s_all[0];

    /// <summary>Whether a namespace shares class names with another.</summary>
    public static bool IsShared(string space) => space == typeof(Loss).Namespace || space == typeof(Metric).Namespace;

    /// <summary>The library's class with a name; null for custom classes.</summary>
    [RequiresUnreferencedCode("Classes are looked up by name.")]
    public Type? Class(string name) => Utils.CustomObjectScope.Find(name) is not null ? null
        : Base.Assembly.GetExportedTypes().FirstOrDefault(type => type.Name == name && Base.IsAssignableFrom(type));

    /// <summary>All settings of an object created from a few; none if they are not sufficient.</summary>
    public JsonObject Made(string className, JsonObject few)
    {
        try
        {
            return ConfigOf(Config.Parse(Config.Wrap(className, (JsonObject)few.DeepClone())));
        }
        catch (ArgumentException)
        {
            return [];
        }
    }
}
