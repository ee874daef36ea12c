namespace Microsoft.ML
{
    /// <summary>Names a class that a model file's loader may create.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class LoadableClassAttribute : Attribute
    {
        public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type sigType, string userName,
            params string[] loadNames) => throw null!;
    }

    /// <summary>The signature of the <c>Create</c> method of such a class.</summary>
    public delegate void SignatureLoadModel(ModelLoadContext ctx);

    /// <summary>The information in a model file's header.</summary>
    public readonly struct VersionInfo
    {
        public VersionInfo(string modelSignature, uint verWrittenCur, uint verReadableCur, uint verWeCanReadBack,
            string loaderAssemblyName, string? loaderSignature = null, string? loaderSignatureAlt = null) =>
                throw null!;
    }

    /// <summary>What is known about columns before there are data.</summary>
    public sealed class SchemaShape
    {
        SchemaShape() => throw null!;

        public static SchemaShape Create(DataViewSchema schema) => throw null!;
    }

    /// <summary>Writes one transformer's part of a model file.</summary>
    public sealed class ModelSaveContext
    {
        ModelSaveContext() => throw null!;

        public void CheckAtModel() => throw null!;

        public void SetVersionInfo(VersionInfo ver) => throw null!;

        public void SaveBinaryStream(string name, Action<BinaryWriter> action) => throw null!;
    }

    /// <summary>Reads one transformer's part of a model file.</summary>
    public sealed class ModelLoadContext
    {
        ModelLoadContext() => throw null!;

        public void CheckAtModel(VersionInfo ver) => throw null!;

        public bool TryLoadBinaryStream(string name, Action<BinaryReader> action) => throw null!;
    }
}

namespace Microsoft.ML.Runtime
{
    /// <summary>An environment whose work can be canceled.</summary>
    public interface ICancelable
    {
        bool IsCanceled { get; }
    }

    /// <summary>A context's GPU settings.</summary>
    public interface IHostEnvironmentInternal
    {
        bool FallbackToCpu { get; }

        int? GpuDeviceId { get; }
    }
}
