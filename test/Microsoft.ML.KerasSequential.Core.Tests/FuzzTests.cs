using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Ten thousand damaged or hostile files: each is read, or rejected with a documented exception, in bounded
/// time and memory.</summary>
[TestClass]
public sealed partial class FuzzTests
{
    const long MostBytes = 512 << 20;

    static readonly TimeSpan s_longest = TimeSpan.FromSeconds(90);

    [TestMethod]
    [DataRow(5_000)]
    public void Onnx_files(int files)
    {
        byte[][] seeds = [
            .. Models().SelectMany(
                m => new[] { Written(m, new()), Written(m, new() { Weights = OnnxWeights.Int8, Opset = 12 }),
                    Foreign(m) }),
            .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "onnx"), "*.onnx")
            .Select(File.ReadAllBytes)];
        Fuzz(files, seeds, (random, seed) => random.Next(2) == 0 ? Damaged(random, seed)
            : Hostile(random, ModelProto.Parser.ParseFrom(seed)).ToByteArray(),
            bytes => Sequential.FromOnnx(new MemoryStream(bytes)));
    }

    [TestMethod]
    [DataRow(5_000)]
    public void Zip_files(int files)
    {
        string folder = Directory.CreateTempSubdirectory("fuzz").FullName, path = Path.Combine(folder, "model.zip");
        try
        {
            var seeds = new List<byte[]>();
            foreach (Sequential model in Models())
            {
                model.Compile("adam", "mse");
                model.Save(path);
                seeds.Add(File.ReadAllBytes(path));
            }
            Fuzz(files, [.. seeds],
                (random, seed) => random.Next(3) == 0 ? Damaged(random, seed) : Hostile(random, seed), bytes =>
            {
                File.WriteAllBytes(path, bytes);
                return Sequential.Load(path);
            });
            // Nothing else was written, whatever the names of the entries.
            CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow(10_000, true)]
    [DataRow(10_000, false)]
    public void Configurations(int files, bool yaml)
    {
        string[] texts = [.. Models().Select(m => yaml ? m.ToYaml() : m.ToJson()),
            .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "configurations"),
                yaml ? "*.yaml" : "*.json").Select(File.ReadAllText)];
        Fuzz(files, [.. texts.Select(Encoding.UTF8.GetBytes)],
            (random, seed) => random.Next(2) == 0 ? Damaged(random, seed)
            : Encoding.UTF8.GetBytes(Hostile(random, Encoding.UTF8.GetString(seed))), bytes =>
        {
            string text = Encoding.UTF8.GetString(bytes);
            // A configuration alone may specify any size; none is large here.
            using (Saving.WeightBudget.Limit(100_000, "the text"))
                return yaml ? Sequential.FromYaml(text) : Sequential.FromJson(text);
        });
    }

    internal static void Fuzz(int files, byte[][] seeds, Func<Random, byte[], byte[]> damage,
        Func<byte[], Sequential> read, long mostBytes = MostBytes)
    {
        var clock = Stopwatch.StartNew();
        int refused = 0, done = 0;
        for (; done < files && clock.Elapsed < s_longest; done++)
        {
            var random = new Random(done);
            byte[] bytes = damage(random, seeds[random.Next(seeds.Length)]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var own = Stopwatch.StartNew();
            try
            {
                read(bytes).Dispose();
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"File {done}: {e}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(mostBytes, allocated, $"File {done} took {allocated} bytes.");
            Assert.IsLessThan(10_000, own.ElapsedMilliseconds, $"File {done} took {own.Elapsed}.");
        }
        Assert.IsGreaterThan(files / 2, done, "Reading is far too slow.");
        Assert.IsGreaterThan(done / 4, refused);
        Assert.IsLessThan(done, refused);
    }

    static Sequential[] Models()
    {
        K.SetRandomSeed(1);
        return
        [
            new([new Dense(8, activation: "relu", inputShape: [5]), new BatchNormalization(),
                new Dense(3, activation: "softmax")]),
            new([new Conv2D(4, 3, padding: "same", inputShape: [6, 6, 2]), new AveragePooling2D(2, padding: "same"),
                new UpSampling2D(2, interpolation: "bilinear"), new Flatten(), new Dense(2)]),
            new([new Embedding(9, 4, inputLength: 5), new LSTM(4, returnSequences: true), new Bidirectional(new GRU(3)),
                new RepeatVector(2), new LocallyConnected1D(2, 2)]),
        ];
    }

    static byte[] Written(Sequential model, OnnxOptions options)
    {
        using var stream = new MemoryStream();
        model.ToOnnx(stream, options);
        return stream.ToArray();
    }

    static byte[] Foreign(Sequential model)
    {
        ModelProto file = model.OnnxModel(new());
        file.ProducerName = "another";
        return file.ToByteArray();
    }

    /// <summary>Bytes changed, removed, duplicated, or truncated.</summary>
    internal static byte[] Damaged(Random random, byte[] seed)
    {
        List<byte> bytes = [.. seed];
        for (int changes = random.Next(1, 9); changes > 0 && bytes.Count > 8; changes--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes.RemoveRange(at, length); break;
                case 1: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 2: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes[at] = (byte)random.Next(256); break;
            }
        }
        return [.. bytes];
    }

    static readonly long[] s_numbers =
        [0, -1, 1, 2, 3, 7, 255, 65_536, int.MaxValue, 1L << 31, 1L << 40, long.MaxValue, long.MinValue];

    static long Number(Random random) => s_numbers[random.Next(s_numbers.Length)];

    /// <summary>A well-formed file with false contents.</summary>
    static ModelProto Hostile(Random random, ModelProto file)
    {
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            GraphProto graph = file.Graph;
            NodeProto node = graph.Node[random.Next(graph.Node.Count)];
            TensorProto? tensor = graph.Initializer.Count == 0 ? null
                : graph.Initializer[random.Next(graph.Initializer.Count)];
            string[] names = [.. graph.Node.SelectMany(n => n.Output), .. graph.Initializer.Select(t => t.Name), ""];
            switch (random.Next(14))
            {
                case 0 when tensor is { Dims.Count: > 0 }:
                    tensor.Dims[random.Next(tensor.Dims.Count)] = Number(random);
                    break;
                case 1 when tensor is not null: tensor.DataType = random.Next(-1, 17); break;
                case 2 when tensor is not null:
                    tensor.RawData = tensor.RawData.Length > 1 ? ByteString.CopyFrom(tensor.RawData.Span[1..])
                        : ByteString.Empty;
                    break;
                case 3 when tensor is not null: tensor.Dims.Add(Number(random)); break;
                case 4 when node.Input.Count > 0:
                    node.Input[random.Next(node.Input.Count)] = names[random.Next(names.Length)];
                    break;
                case 5 when node.Attribute.Count > 0:
                    AttributeProto attribute = node.Attribute[random.Next(node.Attribute.Count)];
                    if (attribute.Ints.Count > 0) attribute.Ints[random.Next(attribute.Ints.Count)] = Number(random);
                    else (attribute.I, attribute.F) = (Number(random), float.NaN);
                    break;
                case 6: node.OpType = graph.Node[random.Next(graph.Node.Count)].OpType; break;
                case 7 when node.Output.Count > 0:
                    node.Output[random.Next(node.Output.Count)] = names[random.Next(names.Length)];
                    break;
                case 8: graph.Node.RemoveAt(random.Next(graph.Node.Count)); break;
                case 9 when graph.Input.FirstOrDefault()?.Type?.TensorType?.Shape?.Dim is { Count: > 0 } dims:
                    dims[random.Next(dims.Count)].DimValue = Number(random);
                    break;
                case 10: file.OpsetImport[0].Version = Number(random); break;
                case 11 when node.Attribute.Count > 0:
                    node.Attribute.RemoveAt(random.Next(node.Attribute.Count));
                    break;
                case 12 when tensor is not null: tensor.DataLocation = TensorProto.Types.DataLocation.External; break;
                default:
                    var configuration = file.MetadataProps.FirstOrDefault(p => p.Key == OnnxMetadata.Configuration);
                    if (configuration is not null) configuration.Value = Hostile(random, configuration.Value);
                    break;
            }
            if (graph.Node.Count == 0) break;
        }
        return file;
    }

    static readonly string[] s_values = ["0", "-1", "1", "3", "1000000", "2147483647", "2147483648", "1e300", "-1e-9",
        "null", "true", "[]", "{}", "[1]", "[null, 2000000000]", "\"x\"", "\"same\"", "\"..\""];

    /// <summary>JSON with other values.</summary>
    static string Hostile(Random random, string json)
    {
        MatchCollection values = Values().Matches(json);
        if (values.Count == 0) return json;
        Match value = values[random.Next(values.Count)];
        return json[..value.Index] + s_values[random.Next(s_values.Length)] + json[(value.Index + value.Length)..];
    }

    /// <summary>A complete zip file with false entries.</summary>
    static byte[] Hostile(Random random, byte[] seed)
    {
        using var result = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(seed), ZipArchiveMode.Read))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            int changed = random.Next(from.Entries.Count);
            foreach ((int i, ZipArchiveEntry entry) in from.Entries.Index())
            {
                using var content = new MemoryStream();
                using (Stream stream = entry.Open()) stream.CopyTo(content);
                byte[] bytes = content.ToArray();
                string name = entry.FullName;
                if (i == changed)
                {
                    int what = random.Next(8);
                    if (what == 0) continue;
                    if (what == 1) name = $"../{name}";
                    else if (what == 2) bytes = Damaged(random, bytes);
                    else if (name.EndsWith(".json", StringComparison.Ordinal))
                        bytes = Encoding.UTF8.GetBytes(Hostile(random, Encoding.UTF8.GetString(bytes)));
                    else bytes = HostileHeader(random, bytes);
                }
                using Stream written = to.CreateEntry(name).Open();
                written.Write(bytes);
            }
        }
        return result.ToArray();
    }

    static byte[] HostileHeader(Random random, byte[] tensors)
    {
        int length = (int)BitConverter.ToUInt64(tensors);
        string header = Encoding.UTF8.GetString(tensors.AsSpan(8, length));
        byte[] changed = Encoding.UTF8.GetBytes(Hostile(random, header));
        return [.. BitConverter.GetBytes(random.Next(5) == 0 ? (ulong)Number(random) : (ulong)changed.Length),
            .. changed, .. tensors.AsSpan(8 + length)];
    }

    [GeneratedRegex("""(?<=[:\[,]\s*|- )(-?[0-9.eE+-]+|true|false|null|"[^"]*")(?=\s*[,\]}]|\n)""")]
    private static partial Regex Values();
}
