using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Guide;

/// <summary>The example of docs/guide/arrow.md.</summary>
[TestClass]
public sealed class ArrowExample
{
    [TestMethod]
    public async Task Runs()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("arrow").FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            await Example();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task Example()
    {
        #region example
        Flower[] flowers = [.. Enumerable.Range(0, 40)
            .Select(i => new Flower { Length = i % 7, Width = i % 5, Area = i % 7 * (i % 5) })];

        // Parquet: each group of rows becomes a batch, read when it is needed.
        await ParquetSerializer.SerializeAsync(flowers, "flowers.parquet");
        using var model = new Sequential([new Dense(8, activation: "relu", inputShape: [2]), new Dense(1)]);
        model.Compile("adam", "mse");
        model.Fit(FromParquet("flowers.parquet", ["Length", "Width"], "Area"), epochs: 3, verbose: 0);

        // Arrow: the columns of a record batch beside each other.
        RecordBatch written = new RecordBatch.Builder()
            .Append("length", false, new FloatArray.Builder().AppendRange(flowers.Select(f => f.Length)).Build())
            .Append("width", true, new DoubleArray.Builder()
                .AppendNull().AppendRange(flowers.Skip(1).Select(f => (double)f.Width)).Build())
            .Build();
        using (var writer = new ArrowFileWriter(File.Create("flowers.arrow"), written.Schema))
        {
            await writer.WriteRecordBatchAsync(written);
            await writer.WriteEndAsync();
        }
        using var reader = new ArrowFileReader(File.OpenRead("flowers.arrow"));
        NDArray x = FromArrow(await reader.ReadNextRecordBatchAsync(), "length", "width");

        static NDArray FromArrow(RecordBatch batch, params string[] columns)
        {
            var result = new NDArray(batch.Length, columns.Length);
            for (int c = 0; c < columns.Length; c++)
            {
                IArrowArray values = batch.Column(columns[c]);
                for (int row = 0; row < batch.Length; row++)
                {
                    // What is missing becomes NaN.
                    result[row, c] = values switch
                    {
                        FloatArray floats => floats.GetValue(row) ?? float.NaN,
                        DoubleArray doubles => (float)(doubles.GetValue(row) ?? double.NaN),
                        Int32Array numbers => numbers.GetValue(row) ?? float.NaN,
                        Int64Array numbers => numbers.GetValue(row) ?? float.NaN,
                        _ => throw new NotSupportedException(
                            $"The column {columns[c]} holds {values.Data.DataType.Name}."),
                    };
                }
            }
            return result;
        }

        static async IAsyncEnumerable<Batch> FromParquet(string path, string[] features, string target,
            [EnumeratorCancellation] CancellationToken token = default)
        {
            await using ParquetReader file = await ParquetReader.CreateAsync(path, cancellationToken: token);
            DataField[] fields = file.Schema.GetDataFields();
            for (int group = 0; group < file.RowGroupCount; group++)
            {
                using ParquetRowGroupReader rows = file.OpenRowGroupReader(group);
                int count = (int)rows.RowCount;
                NDArray batch = new(count, features.Length), targets = new(count, 1);
                var column = new float[count];
                for (int c = 0; c < features.Length; c++)
                {
                    DataField field = fields.Single(f => f.Name == features[c]);
                    await rows.ReadAsync<float>(field, column, cancellationToken: token);
                    for (int row = 0; row < count; row++) batch[row, c] = column[row];
                }
                await rows.ReadAsync<float>(fields.Single(f => f.Name == target), column, cancellationToken: token);
                column.CopyTo(targets.Span);
                yield return (batch, targets);
            }
        }
        #endregion
        CollectionAssert.AreEqual(new[] { 40, 2 }, x.Shape.ToArray());
        Assert.IsTrue(float.IsNaN(x[0, 1]));
        Assert.AreEqual((3f, 2f), (x[10, 0], x[12, 1]));
        await foreach (Batch batch in FromParquet("flowers.parquet", ["Width", "Length"], "Area"))
        {
            CollectionAssert.AreEqual(flowers.Select(f => f.Area).ToArray(), batch.Y!.ToArray());
            Assert.AreEqual((flowers[13].Width, flowers[13].Length), (batch.X[13, 0], batch.X[13, 1]));
        }
    }

    #region record
    class Flower
    {
        public float Length { get; set; }

        public float Width { get; set; }

        public float Area { get; set; }
    }
    #endregion
}
