using Google.Protobuf;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML;

/// <summary>Exports pipelines as ONNX files.</summary>
/// <remarks>
/// <c>ml.Model.ConvertToOnnx</c>, in the package Microsoft.ML.OnnxConverter, uses the same interfaces of transformers.
/// This export needs no other package, removes inputs that no output needs, fails where that call silently omits
/// columns that cannot be written, and corrects what ML.NET's transformers write wrongly, such as the rows of selected
/// features (see the list in docs/guide/onnx.md).
/// </remarks>
public static class KerasSequentialOnnx
{
    /// <summary>
    /// Writes a fitted pipeline, from its first transformer to its last, as one ONNX graph. An input has the name of
    /// its column, an output that of its column plus <c>.output</c> (<see cref="KerasOnnx.Tidy"/> renames them); single
    /// values are vectors of size 1, and keys start from 1.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The pipeline.</param>
    /// <param name="inputData">Data with the columns that the pipeline requires; no rows are read.</param>
    /// <param name="path">The file, written under a temporary name and renamed.</param>
    /// <param name="outputColumns">The output columns; by default, all that the pipeline creates.</param>
    /// <exception cref="ArgumentException">The pipeline does not create such a column.</exception>
    /// <exception cref="NotSupportedException">A transformer, or a layer of the network, cannot be exported to ONNX;
    /// the message names it.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void SaveAsOnnx(this ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData,
        string path, params string[] outputColumns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IMessage model = Model(catalog, transformer, inputData, outputColumns);
        AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
    }

    /// <summary>Writes a fitted pipeline as one ONNX graph; see
    /// <see cref="SaveAsOnnx(ModelOperationsCatalog, ITransformer, IDataView, string, string[])"/>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="transformer">The pipeline.</param>
    /// <param name="inputData">Data with the columns that the pipeline requires; no rows are read.</param>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="outputColumns">The output columns; by default, all that the pipeline creates.</param>
    /// <exception cref="ArgumentException">The pipeline does not create such a column.</exception>
    /// <exception cref="NotSupportedException">A transformer, or a layer of the network, cannot be exported to ONNX;
    /// the message names it.</exception>
    public static void SaveAsOnnx(this ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData,
        Stream stream, params string[] outputColumns)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Model(catalog, transformer, inputData, outputColumns).WriteTo(stream);
    }

    static IMessage Model(ModelOperationsCatalog catalog, ITransformer transformer, IDataView inputData,
        string[] outputColumns)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(inputData);
        ArgumentNullException.ThrowIfNull(outputColumns);
        MLNet.Require();
        return PipelineExport.Model(transformer, inputData, outputColumns);
    }
}
