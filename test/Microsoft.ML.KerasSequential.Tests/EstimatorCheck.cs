using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Interop;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Checks the requirements of every ML.NET estimator in one call: correct schemas, fit, save, load in a new
/// process, equal scores, rejection of wrong columns.</summary>
internal static class EstimatorCheck
{
    public static KerasSequentialTransformer Run(MLContext ml, KerasSequentialTrainer trainer, IDataView data,
        params string[] inputs)
    {
        SchemaShape promised = trainer.GetOutputSchema(MLNet.ShapeOf(data.Schema));
        KerasSequentialTransformer transformer = trainer.Fit(data);
        DataViewSchema schema = transformer.GetOutputSchema(data.Schema);
        IDataView scored = transformer.Transform(data);
        Assert.AreEqual(Describe(MLNet.ShapeOf(schema)), Describe(promised), "The schema before and after the fit.");
        Assert.AreEqual(Describe(schema), Describe(scored.Schema), "The schema told and the view's.");
        Assert.AreEqual(data.GetRowCount(), scored.GetRowCount());

        string[] added = [.. schema.Skip(data.Schema.Count).Select(c => c.Name)];
        foreach (string column in added)
        {
            if (schema[column].Type.RawType != typeof(float) && schema[column].Type.RawType != typeof(VBuffer<float>))
                continue;
            float[] scores = FreshProcess.Scores(scored, column);
            Assert.IsTrue(scores.All(float.IsFinite));
            Assert.IsTrue(scores.Distinct().Count() > 1, $"{column} is the same for all rows.");
            CheckRows(transformer, data, column, scores);
        }
        CheckCursors(scored, data, added);
        CheckFiles(ml, transformer, data, added);
        foreach (string input in inputs) CheckMissing(trainer, transformer, data, input, isLabel: input != inputs[0]);
        return transformer;
    }

    /// <summary>The scores row by row equal those of the data view.</summary>
    static void CheckRows(KerasSequentialTransformer transformer, IDataView data, string column, float[] expected)
    {
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(data.Schema);
        DataViewSchema.Column output = mapper.OutputSchema[column];
        using DataViewRowCursor cursor = data.GetRowCursor(mapper.GetDependencies([output]));
        using DataViewRow row = mapper.GetRow(cursor, [output]);
        int at = 0;
        if (output.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(output);
            VBuffer<float> value = default;
            while (cursor.MoveNext())
            {
                getter(ref value);
                foreach (float v in value.DenseValues())
                    Assert.AreEqual(expected[at], v, 1e-5f * Math.Max(1, Math.Abs(expected[at++])));
            }
        }
        else
        {
            ValueGetter<float> getter = row.GetGetter<float>(output);
            float value = 0;
            while (cursor.MoveNext())
            {
                getter(ref value);
                Assert.AreEqual(expected[at], value, 1e-5f * Math.Max(1, Math.Abs(expected[at++])));
            }
        }
        Assert.AreEqual(expected.Length, at);
    }

    /// <summary>Every column, row ID and position is available, alone and together, in one cursor and in
    /// several.</summary>
    static void CheckCursors(IDataView scored, IDataView data, string[] added)
    {
        using (DataViewRowCursor none = scored.GetRowCursor([]))
        {
            Assert.AreEqual(-1, none.Position);
            long rows = 0;
            while (none.MoveNext()) Assert.AreEqual(rows++, none.Position);
            Assert.AreEqual(data.GetRowCount(), rows);
            Assert.AreEqual(-1, none.Position);
            Assert.IsFalse(none.IsColumnActive(scored.Schema[0]));
            Assert.ThrowsExactly<InvalidOperationException>(() => none.GetGetter<VBuffer<float>>(scored.Schema[0]));
        }
        using DataViewRowCursor all = scored.GetRowCursor(scored.Schema), source = data.GetRowCursor(data.Schema);
        ValueGetter<DataViewRowId> id = all.GetIdGetter(), sourceId = source.GetIdGetter();
        string[] texts = Texts(all, data.Schema), sourceTexts = Texts(source, data.Schema);
        Assert.IsTrue(sourceTexts.Length > 20);
        CollectionAssert.AreEqual(sourceTexts, texts);
        string[] several = [.. scored.GetRowCursorSet(scored.Schema, 3).SelectMany(c =>
        {
            using (c) return Texts(c, scored.Schema);
        }).Order()];
        using DataViewRowCursor again = scored.GetRowCursor(scored.Schema);
        CollectionAssert.AreEqual(Texts(again, scored.Schema).Order().ToArray(), several);
        Assert.IsTrue(added.Length > 0);
        Assert.ThrowsExactly<InvalidOperationException>(() => all.GetGetter<int>(scored.Schema[added[0]]));

        string[] Texts(DataViewRowCursor cursor, IEnumerable<DataViewSchema.Column> columns)
        {
            var lines = new List<string>();
            ValueGetter<DataViewRowId> rowId = cursor.GetIdGetter();
            Func<string>[] readers = [.. columns.Select(c => Reader(cursor, cursor.Schema[c.Name]))];
            while (cursor.MoveNext())
            {
                DataViewRowId value = default;
                rowId(ref value);
                lines.Add($"{cursor.Position} {cursor.Batch} {value} {string.Join("|", readers.Select(r => r()))}");
            }
            return [.. lines];
        }
    }

    static Func<string> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(VBuffer<float>))
            return Read<VBuffer<float>>(v => string.Join(",", v.DenseValues()));
        if (column.Type.RawType == typeof(float)) return Read<float>(v => $"{v}");
        if (column.Type.RawType == typeof(bool)) return Read<bool>(v => $"{v}");
        if (column.Type.RawType == typeof(uint)) return Read<uint>(v => $"{v}");
        if (column.Type.RawType == typeof(double)) return Read<double>(v => $"{v}");
        return Read<ReadOnlyMemory<char>>(v => v.ToString());

        Func<string> Read<T>(Func<T, string> text)
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return text(value);
            };
        }
    }

    static void CheckFiles(MLContext ml, KerasSequentialTransformer transformer, IDataView data, string[] added)
    {
        string folder = Directory.CreateTempSubdirectory("keras").FullName;
        try
        {
            string file = Path.Combine(folder, "model.zip");
            ml.Model.Save(transformer, data.Schema, file);
            string column = added.Last(c => transformer.GetOutputSchema(data.Schema)[c].Type.RawType != typeof(bool));
            float[] expected = FreshProcess.Scores(transformer.Transform(data), column);
            CollectionAssert.AreEqual(expected, FreshProcess.Score(ml, file, data, column, folder),
                "The scores in a new process.");

            ITransformer loaded = new MLContext().Model.Load(file, out DataViewSchema input);
            Assert.AreEqual(Describe(transformer.GetOutputSchema(data.Schema)),
                Describe(loaded.GetOutputSchema(data.Schema)), "The schema after loading.");
            Assert.AreEqual(data.Schema.Count, input.Count);
            var own = (KerasSequentialTransformer)((loaded as IEnumerable<ITransformer>)?.Last() ?? loaded);
            if (transformer.Model.Optimizer is null) return;
            CollectionAssert.AreEqual(transformer.Evaluate(data).Values.ToArray(), own.Evaluate(data).Values.ToArray(),
                "Keras' evaluation after loading.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Without a column, or with text instead, each entry point throws and names the column.</summary>
    static void CheckMissing(KerasSequentialTrainer trainer, KerasSequentialTransformer transformer, IDataView data,
        string name, bool isLabel)
    {
        var ml = new MLContext();
        IDataView without = ml.Transforms.DropColumns(name).Fit(data).Transform(data);
        IDataView texts = ml.Transforms.CustomMapping<Nothing, Text>((_, t) => t.Value = "x", null)
            .Append(ml.Transforms.CopyColumns(name, "Value")).Fit(without).Transform(without);
        foreach (IDataView wrong in (IDataView[])[without, texts])
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    trainer.GetOutputSchema(MLNet.ShapeOf(wrong.Schema))).Message, $"\"{name}\"");
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(wrong)).Message,
                $"\"{name}\"");
            if (isLabel)
            {
                transformer.Transform(wrong);
                continue;
            }
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    transformer.GetOutputSchema(wrong.Schema)).Message, $"\"{name}\"");
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Transform(wrong)).Message,
                $"\"{name}\"");
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                    transformer.GetRowToRowMapper(wrong.Schema)).Message, $"\"{name}\"");
        }
    }

    static string Describe(SchemaShape shape) =>
        string.Join("; ", shape.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c =>
            $"{c.Name} {c.Kind} {c.ItemType} {c.IsKey} [" + string.Join(", ", c.Annotations
                .OrderBy(a => a.Name, StringComparer.Ordinal).Select(a => $"{a.Name} {a.Kind} {a.ItemType}")) + "]"));

    static string Describe(DataViewSchema schema) =>
        string.Join("; ",
            schema.Select(c => $"{c.Name} {c.Type} "
                + $"[{string.Join(", ", c.Annotations.Schema.Select(a => $"{a.Name} {a.Type}"))}]"));

    sealed class Nothing
    {
    }

    sealed class Text
    {
        public string Value { get; set; } = "";
    }
}
