extern alias internals;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using CoreShape = internals::Microsoft.ML.SchemaShape;
using InternalCancelable = internals::Microsoft.ML.Runtime.ICancelable;
using InternalCatalog = internals::Microsoft.ML.Data.IInternalCatalog;
using InternalEnvironment = internals::Microsoft.ML.Runtime.IHostEnvironmentInternal;

namespace Microsoft.ML.KerasSequential.Interop;

/// <summary>The few internal members of ML.NET that a trainer needs (see docs/ARCHITECTURE.md).</summary>
internal static class MLNet
{
    /// <summary>The environment behind a catalog: its seed, log and cancellation.</summary>
    public static IHostEnvironment Environment(TrainCatalogBase.CatalogInstantiatorBase catalog) =>
        Environment((object)catalog);

    /// <inheritdoc cref="Environment(TrainCatalogBase.CatalogInstantiatorBase)"/>
    public static IHostEnvironment Environment(TransformsCatalog catalog) => Environment((object)catalog);

    /// <summary>Whether execution was canceled by <c>MLContext.CancelExecution</c> or by AutoML when time is
    /// up.</summary>
    public static bool IsCancelled(IHostEnvironment environment) =>
        environment is InternalCancelable { IsCanceled: true };

    /// <summary>The values of <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c>.</summary>
    public static (int? GpuDeviceId, bool FallbackToCpu) Gpu(IHostEnvironment environment) =>
        environment is InternalEnvironment own ? (own.GpuDeviceId, own.FallbackToCpu) : (null, true);

    /// <summary>The shape of a schema before there is data.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => Unsafe.As<SchemaShape>(CoreShape.Create(schema));

    /// <summary>The factor by which a normalizing transformer multiplies its output column, which has no public
    /// property.</summary>
    /// <exception cref="NotSupportedException">This version of ML.NET stores it elsewhere.</exception>
    public static float ScaleOf(LpNormNormalizingTransformer norm, string column)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (object options in (System.Collections.IEnumerable?)norm.GetType().GetProperty("Columns", Any)
            ?.GetValue(norm) ?? Array.Empty<object>())
        {
            if (options.GetType().GetField("Name", Any)?.GetValue(options) is string name && name == column
                && options.GetType().GetField("Scale", Any)?.GetValue(options) is float scale)
                return scale;
        }
        throw new NotSupportedException($"This version of ML.NET ({typeof(MLContext).Assembly.GetName().Version}) does "
            + $"not expose the factor by which {nameof(LpNormNormalizingTransformer)} multiplies \"{column}\".");
    }

    /// <summary>Checks once that this version of ML.NET has all members used here, before any is called.</summary>
    /// <exception cref="NotSupportedException">A member is missing: a later version is different.</exception>
    public static void Require()
    {
        if (s_missing.Value is { } member)
            throw new NotSupportedException($"This version of ML.NET ({typeof(MLContext).Assembly.GetName().Version}) "
                + $"lacks {member}, which Microsoft.ML.KerasSequential requires: use compatible versions.");
    }

    /// <summary>The first member that ML.NET lacks, or null.</summary>
    internal static string? Missing(IEnumerable<(Assembly Home, string Type, string[] Members)> used)
    {
        foreach ((Assembly home, string name, string[] members) in used)
        {
            if (home.GetType(name) is not { } type) return name;
            if (Array.Find(members,
                m => type.GetMember(m,
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Length
                    == 0) is { } member)
                return $"{name}.{member}";
        }
        return null;
    }

    static readonly Assembly s_core = typeof(ITransformer).Assembly, s_data = typeof(MLContext).Assembly;

    static readonly Lazy<string?> s_missing = new(() => Missing(
    [
        (s_core, "Microsoft.ML.LoadableClassAttribute", []),
        (s_core, "Microsoft.ML.SignatureLoadModel", []),
        (s_core, "Microsoft.ML.VersionInfo", []),
        (s_core, "Microsoft.ML.SchemaShape", ["Create"]),
        (s_core, "Microsoft.ML.ModelSaveContext", ["CheckAtModel", "SetVersionInfo", "SaveBinaryStream"]),
        (s_core, "Microsoft.ML.ModelLoadContext", ["CheckAtModel", "TryLoadBinaryStream"]),
        (s_core, "Microsoft.ML.Runtime.ICancelable", ["IsCanceled"]),
        (s_core, "Microsoft.ML.Runtime.IHostEnvironmentInternal", ["FallbackToCpu", "GpuDeviceId"]),
        (s_data, "Microsoft.ML.Data.IInternalCatalog", ["Environment"]),
        (s_data, "Microsoft.ML.ISingleFeaturePredictionTransformer", ["FeatureColumnName"]),
        (s_data, "Microsoft.ML.Data.IDataTransform", ["Source"]),
        (s_data, "Microsoft.ML.Data.ITransformerChainAccessor", ["Transformers", "Scopes"]),
        (s_data, "Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx", []),
        (s_data, "Microsoft.ML.Model.OnnxConverter.ISaveAsOnnx", ["SaveAsOnnx"]),
        (s_data, "Microsoft.ML.Model.OnnxConverter.ICanSaveOnnx", ["CanSaveOnnx"]),
        (s_data, "Microsoft.ML.Model.OnnxConverter.OnnxContext",
            ["GetVariableName", "ContainsColumn", "AddIntermediateVariable", "CreateNode", "AddInitializer",
                "GetNodeName", "CheckOpSetVersion"]),
        (s_data, "Microsoft.ML.Model.OnnxConverter.OnnxNode", ["AddAttribute"]),
    ]));

    static IHostEnvironment Environment(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Require();
        return ((InternalCatalog)catalog).Environment;
    }
}
