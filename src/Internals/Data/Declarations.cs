using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>A catalog with an environment.</summary>
    public interface IInternalCatalog
    {
        IHostEnvironment Environment { get; }
    }

    /// <summary>A data view that a transformer creates from another.</summary>
    public interface IDataTransform : IDataView, ICanSaveModel
    {
        IDataView Source { get; }
    }

    /// <summary>
    /// The purpose of a transformer in a chain; declared here because the chain's accessor refers to it.
    /// </summary>
    [Flags]
    public enum TransformerScope
    {
        None = 0,
        Scoring = 4,
    }

    /// <summary>The transformers of a chain.</summary>
    public interface ITransformerChainAccessor
    {
        ITransformer[] Transformers { get; }

        TransformerScope[] Scopes { get; }
    }
}

namespace Microsoft.ML
{
    /// <summary>The interface that <c>PermutationFeatureImportance</c> looks for in a chain.</summary>
    public interface ISingleFeaturePredictionTransformer
    {
        string FeatureColumnName { get; }
    }
}

namespace Microsoft.ML.Model.OnnxConverter
{
    /// <summary>Something that may be able to write itself as ONNX.</summary>
    public interface ICanSaveOnnx
    {
        bool CanSaveOnnx(OnnxContext ctx);
    }

    /// <summary>Something that writes itself as ONNX.</summary>
    public interface ISaveAsOnnx : ICanSaveOnnx
    {
        void SaveAsOnnx(OnnxContext ctx);
    }

    /// <summary>A transformer's data view that writes itself as ONNX.</summary>
    public interface ITransformCanSaveOnnx : ISaveAsOnnx, IDataTransform
    {
    }

    /// <summary>The operators that may be used.</summary>
    public enum OnnxVersion
    {
        Stable,
        Experimental,
    }

    /// <summary>The ONNX graph of a pipeline. The parameters have ML.NET's names.</summary>
    public abstract class OnnxContext
    {
        public abstract string GetNodeName(string prefix);

        public abstract bool IsVariableDefined(string variableName);

        public abstract bool ContainsColumn(string colName);

        public abstract void CheckOpSetVersion(int thisTransformerMinumumOpSetVersion, string registerTransformerName);

        public abstract void RemoveColumn(string colName, bool removeVariable = false);

        public abstract void RemoveVariable(string variableName, bool removeColumn);

        public abstract void RemoveInputVariable(string variableName);

        public abstract string GetVariableName(string colName);

        public abstract string AddIntermediateVariable(DataViewType? type, string colName, bool skip = false);

        public abstract OnnxNode CreateNode(string opType, IEnumerable<string> inputs, IEnumerable<string> outputs,
            string name, string? domain = null);

        public abstract OnnxVersion GetOnnxVersion();

        public abstract List<long>? RetrieveShapeOrNull(string variableName);

        public abstract string AddInitializer(bool value, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(float value, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(int value, Type type, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(string value, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(long value, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(double value, string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(ulong value, bool isUint64, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<bool> values, IEnumerable<long> dims, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<float> values, IEnumerable<long> dims, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<int> values, Type type, IEnumerable<long> dims,
            string? name = null, bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<string> values, IEnumerable<long> dims, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<long> values, IEnumerable<long> dims, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<double> values, IEnumerable<long> dims, string? name = null,
            bool makeUniqueName = true);

        public abstract string AddInitializer(IEnumerable<ulong> values, bool isUint64, IEnumerable<long> dims,
            string? name = null, bool makeUniqueName = true);
    }

    /// <summary>A node of that graph.</summary>
    public abstract class OnnxNode
    {
        public abstract void AddAttribute(string argName, double value);

        public abstract void AddAttribute(string argName, long value);

        public abstract void AddAttribute(string argName, ReadOnlyMemory<char> value);

        public abstract void AddAttribute(string argName, string value);

        public abstract void AddAttribute(string argName, bool value);

        public abstract void AddAttribute(string argName, IEnumerable<double> value);

        public abstract void AddAttribute(string argName, IEnumerable<float> value);

        public abstract void AddAttribute(string argName, IEnumerable<long> value);

        public abstract void AddAttribute(string argName, IEnumerable<ReadOnlyMemory<char>> value);

        public abstract void AddAttribute(string argName, string[] value);

        public abstract void AddAttribute(string argName, IEnumerable<string> value);

        public abstract void AddAttribute(string argName, IEnumerable<bool> value);

        public abstract void AddAttribute(string argName, Type t);
    }
}
