using Google.Protobuf;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML;

/// <summary>Whole pipelines as ONNX files.</summary>
/// <remarks>
/// <c>ml.Model.ConvertToOnnx</c>, of the package Microsoft.ML.OnnxConverter, reaches transformers by the same interfaces. What is here needs no other package,
/// leaves out inputs that no output needs, ends with an error where that call goes on without the columns that cannot be written, and mends what ML.NET's
/// transformers write wrongly, as the rows of selected features (docs/guide/onnx.md has the list).
/// </remarks>
public static class KerasSequentialOnnx
{
    /// <summary>
    /// Writes a fitted pipeline, from its first transformer to its last, as one ONNX graph. An input is named as its column, an output as its column with
    /// <c>.output</c> behind (<see cref="KerasOnnx.Tidy"/> gives other names); single values are vectors of one, keys count from 1.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The pipeline.</param>
    /// <param name="inputData">Data with the columns that the pipeline takes; no row is read.</param>
    /// <param name="path">The file, written beside its place and renamed.</param>
    /// <param name="outputColumns">The columns that become outputs; by default all that the pipeline makes.</param>
    /// <exception cref="ArgumentException">The pipeline gives no such column.</exception>
    /// <exception cref="NotSupportedException">A transformer, or a layer of the network, has no form in ONNX; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
    public static void SaveAsOnnx(this ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData, string path, params string[] outputColumns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IMessage model = Model(catalog, transformer, inputData, outputColumns);
        AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
    }

    /// <summary>Writes a fitted pipeline as one ONNX graph; see <see cref="SaveAsOnnx(ModelOperationsCatalog, ITransformer, IDataView, string, string[])"/>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The pipeline.</param>
    /// <param name="inputData">Data with the columns that the pipeline takes; no row is read.</param>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="outputColumns">The columns that become outputs; by default all that the pipeline makes.</param>
    /// <exception cref="ArgumentException">The pipeline gives no such column.</exception>
    /// <exception cref="NotSupportedException">A transformer, or a layer of the network, has no form in ONNX; the message names it.</exception>
    public static void SaveAsOnnx(this ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData, Stream stream, params string[] outputColumns)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Model(catalog, transformer, inputData, outputColumns).WriteTo(stream);
    }

    static IMessage Model(ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData, string[] outputColumns)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(inputData);
        ArgumentNullException.ThrowIfNull(outputColumns);
        MLNet.Require();
        return PipelineExport.Model(transformer, inputData, outputColumns);
    }
}
