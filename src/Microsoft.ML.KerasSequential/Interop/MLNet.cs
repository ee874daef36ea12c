extern alias internals;
using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;
using CoreShape = internals::Microsoft.ML.SchemaShape;
using InternalCancelable = internals::Microsoft.ML.Runtime.ICancelable;
using InternalCatalog = internals::Microsoft.ML.Data.IInternalCatalog;

namespace Microsoft.ML.KerasSequential.Interop;

/// <summary>The few things of ML.NET that it keeps to itself, but that a trainer needs (see docs/ARCHITECTURE.md).</summary>
internal static class MLNet
{
    /// <summary>The environment behind a catalog: its seed, its log and whether it is cancelled.</summary>
    public static IHostEnvironment Environment(TrainCatalogBase.CatalogInstantiatorBase catalog) => Environment((object)catalog);

    /// <inheritdoc cref="Environment(TrainCatalogBase.CatalogInstantiatorBase)"/>
    public static IHostEnvironment Environment(TransformsCatalog catalog) => Environment((object)catalog);

    /// <summary>Whether <c>MLContext.CancelExecution</c>, or what AutoML calls when time is up, was called.</summary>
    public static bool IsCancelled(IHostEnvironment environment) => environment is InternalCancelable { IsCanceled: true };

    /// <summary>What is known of a schema before there are data.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema) => Unsafe.As<SchemaShape>(CoreShape.Create(schema));

    static IHostEnvironment Environment(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog is InternalCatalog known ? known.Environment : throw Changed("IInternalCatalog");
    }

    /// <summary>A later ML.NET may be built differently.</summary>
    public static NotSupportedException Changed(string member, Exception? inner = null) =>
        new($"This version of ML.NET ({typeof(MLContext).Assembly.GetName().Version}) has changed {member}, which Microsoft.ML.KerasSequential {typeof(MLNet).Assembly.GetName().Version} relies on: use versions that go together.", inner);
}
