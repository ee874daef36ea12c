extern alias internals;

using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.Runtime;
using InternalLoadContext = internals::Microsoft.ML.ModelLoadContext;
using InternalSaveContext = internals::Microsoft.ML.ModelSaveContext;
using InternalVersionInfo = internals::Microsoft.ML.VersionInfo;

[assembly: internals::Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.KerasSequential.OnnxScorer), typeof(Microsoft.ML.KerasSequential.ScorerStore), null!,
    typeof(internals::Microsoft.ML.SignatureLoadModel), "Keras Sequential on ONNX Runtime",
    Microsoft.ML.KerasSequential.ScorerStore.LoaderSignature)]

namespace Microsoft.ML.KerasSequential;

/// <summary>A scorer's part of ML.NET's model files: the version that ML.NET checks, the options as JSON, and the ONNX
/// file.</summary>
internal static class ScorerStore
{
    public const string LoaderSignature = "KerasOnnxScorer";

    const string Settings = "Options.json", Network = "Network.onnx";

    /// <summary>The version of the part: 1.0.0, the first.</summary>
    const uint Written = 0x00010001, Readable = 0x00010001, ReadBackTo = 0x00010001;

    /// <summary>Writes the part.</summary>
    /// <exception cref="NotSupportedException">The model's weights are in an external file.</exception>
    public static void Save(ModelSaveContext context, OnnxScorerOptions options, byte[] file)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (OnnxReader.Read(new MemoryStream(file),
            "the model").Graph.Initializer.Any(t => t.DataLocation == TensorProto.Types.DataLocation.External))
            throw new NotSupportedException(
                "The scorer's model has its weights in an external file, which a pipeline's file cannot contain.");
        var real = Unsafe.As<InternalSaveContext>(context);
        real.CheckAtModel();
        real.SetVersionInfo(Version());
        real.SaveBinaryStream(Settings,
            writer => writer.Write(JsonSerializer.SerializeToUtf8Bytes(options with { Log = null })));
        real.SaveBinaryStream(Network, writer => writer.Write(file));
    }

    /// <summary>Called by ML.NET for a transformer with this signature.</summary>
    static OnnxScorer Create(IHostEnvironment env, InternalLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        OnnxScorerOptions? options = null;
        byte[]? file = null;
        bool isWhole = ctx.TryLoadBinaryStream(Settings, reader => options = Parse(reader.BaseStream))
            && ctx.TryLoadBinaryStream(Network, reader => file = ReadAll(reader.BaseStream));
        if (!isWhole)
            throw new InvalidDataException(
                $"The model file is damaged: its ONNX network lacks {(options is null ? Settings : Network)}.");
        // The options' Log is not saved; the context's log reports the device instead.
        using IChannel channel = env.Start("OnnxScorer");
        return new(file!, options! with { Log = line => channel.Info(MessageSensitivity.None, "{0}", line) });
    }

    static OnnxScorerOptions Parse(Stream stream)
    {
        try
        {
            return JsonSerializer.Deserialize<OnnxScorerOptions>(ReadAll(stream))
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"The model file is damaged: {Settings} of its ONNX network cannot be read: {e.Message}", e);
        }
    }

    static byte[] ReadAll(Stream stream)
    {
        var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    static InternalVersionInfo Version() =>
        new("KERASONX", Written, Readable, ReadBackTo, typeof(ScorerStore).Assembly.FullName!, LoaderSignature);
}
