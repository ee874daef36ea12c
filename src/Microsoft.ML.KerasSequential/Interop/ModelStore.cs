extern alias internals;

using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.KerasSequential.Hosting;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Scoring;
using Microsoft.ML.Runtime;
using InternalLoadContext = internals::Microsoft.ML.ModelLoadContext;
using InternalSaveContext = internals::Microsoft.ML.ModelSaveContext;
using InternalVersionInfo = internals::Microsoft.ML.VersionInfo;

[assembly: internals::Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.KerasSequential.KerasSequentialTransformer), typeof(ModelStore), null!,
    typeof(internals::Microsoft.ML.SignatureLoadModel), "Keras Sequential", ModelStore.LoaderSignature)]

namespace Microsoft.ML.KerasSequential.Interop;

/// <summary>The network's part of ML.NET's model files: the version that ML.NET checks, <c>Scorer.json</c>, and the
/// network as <see cref="Sequential.Save(string, bool, bool)"/> writes it.</summary>
internal static class ModelStore
{
    public const string LoaderSignature = "KerasSequential";

    const string State = "Scorer.json", Network = "Network.zip";

    /// <summary>The version of the part: 1.0.0, the first.</summary>
    const uint Written = 0x00010001, Readable = 0x00010001, ReadBackTo = 0x00010001;

    /// <summary>Writes the part.</summary>
    public static void Save(ModelSaveContext context, byte[] state, Action<Stream> writeNetwork)
    {
        ArgumentNullException.ThrowIfNull(context);
        var real = Unsafe.As<InternalSaveContext>(context);
        real.CheckAtModel();
        real.SetVersionInfo(Version());
        real.SaveBinaryStream(State, writer => writer.Write(state));
        real.SaveBinaryStream(Network, writer => writeNetwork(writer.BaseStream));
    }

    /// <summary>Called by ML.NET for a transformer with this signature.</summary>
    static KerasSequentialTransformer Create(IHostEnvironment env, InternalLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        JsonElement? state = null;
        Sequential? model = null;
        bool isWhole = ctx.TryLoadBinaryStream(State, reader => state = ScorerFile.Parse(reader.BaseStream))
            && ctx.TryLoadBinaryStream(Network,
                reader => model = Sequential.LoadFrom(reader.BaseStream, $"the model file's {Network}", compile: true,
                    mayStayUncompiled: true));
        if (!isWhole)
            throw new InvalidDataException(
                $"The model file is damaged: its Keras network lacks {(state is null ? State : Network)}.");
        model!.Device = DeviceChoice.Of(env, null);
        return new(env, model, ScorerFile.Read(state!.Value), null);
    }

    static InternalVersionInfo Version() =>
        new("KERASSEQ", Written, Readable, ReadBackTo, typeof(ModelStore).Assembly.FullName!, LoaderSignature);
}
