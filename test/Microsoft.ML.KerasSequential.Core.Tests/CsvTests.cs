using System.Globalization;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Numbers, classes and texts of CSV files.</summary>
[TestClass]
public sealed class CsvTests
{
    const string Flowers = "length,width,species\n5.1,3.5,setosa\n7.0,NA,versicolor\n6.3,3.3,setosa\n";

    static readonly string[] s_pieces =
        ["", " ", ",", ";", "\"", "\"\"", "\n", "\r\n", "\r", "a", "é", "NA", "1.5", "-0", "true", "\t", "\uFEFFb",
            "𝄞", "'"];

    static NDArray Read(string text, char separator = ',', bool? header = null, CsvColumns? columns = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null) =>
        NDArray.FromCsv(new StringReader(text), separator, header, columns, missingValue, missingTexts);

    static void AssertValues(NDArray actual, int rows, int columns, params float[] values)
    {
        CollectionAssert.AreEqual(new[] { rows, columns }, actual.Shape.ToArray());
        CollectionAssert.AreEqual(values, actual.ToArray());
    }

    [TestMethod]
    [DataRow("1,2\n3,4\n")]
    [DataRow("1,2\r\n3,4")]
    [DataRow("1,2\r3,4\r")]
    [DataRow("\n1,2\n\n3,4\n\n")]
    [DataRow("\uFEFF\"1\",2\n3,\"4\"")]
    [DataRow(" 1 ,+2e0\n.3E1,4.\n")]
    [DataRow("a,b\n1,2\n3,4\n")]
    [DataRow("\"a,\nb\",c\n1,2\n3,4\n")]
    [DataRow("True,2\n3,4\n")]
    public void Numbers_are_read_however_the_lines_end_and_whether_there_is_a_header(string text) =>
        AssertValues(Read(text), 2, 2, 1, 2, 3, 4);

    [TestMethod]
    public void A_header_is_found_or_said()
    {
        AssertValues(Read("a,2019\n1,2\n", header: true), 1, 2, 1, 2);
        AssertValues(Read("1,2\n3,4\n", header: true), 1, 2, 3, 4);
        AssertValues(Read("1,2\n", header: false), 1, 2, 1, 2);
        AssertValues(Read("a,b\n"), 0, 2);
        AssertValues(Read(",a\nNA,1\n"), 1, 2, float.NaN, 1);
        // What is missing names nothing, and a row of texts over a row of texts may be data: nothing is dropped.
        AssertValues(Read("NA,NaN\n1,2\n"), 2, 2, float.NaN, float.NaN, 1, 2);
        Assert.AreEqual(2, CsvTable.Read(new StringReader("a,b\nc,d\n")).Rows);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Read("a,2019\n1,2\n")).Message,
            "line 1, column 1: \"a\"");
    }

    [TestMethod]
    public void Numbers_have_a_decimal_point_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            german.NumberFormat.NumberDecimalSeparator = ",";
            german.NumberFormat.NumberGroupSeparator = ".";
            CultureInfo.CurrentCulture = german;
            AssertValues(Read("1.5;2\n", ';'), 1, 2, 1.5f, 2);
            Assert.ThrowsExactly<InvalidDataException>(() => Read("1,5;2\n", ';'));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void Columns_are_taken_by_name_number_or_range_in_their_order()
    {
        const string text = "a,b,c\n1,2,3\n4,5,6\n";
        AssertValues(Read(text, columns: "b"), 2, 1, 2, 5);
        AssertValues(Read(text, columns: new[] { "c", "a" }), 2, 2, 3, 1, 6, 4);
        AssertValues(Read(text, columns: 2), 2, 1, 3, 6);
        AssertValues(Read(text, columns: new[] { 1, 1 }), 2, 2, 2, 2, 5, 5);
        AssertValues(Read(text, columns: ^1), 2, 1, 3, 6);
        AssertValues(Read(text, columns: ..^1), 2, 2, 1, 2, 4, 5);
        AssertValues(Read(text, columns: ["c", 0, ^2]), 2, 3, 3, 1, 2, 6, 4, 5);
        // What is not taken need not be numbers.
        AssertValues(Read(Flowers, columns: ["length"]), 3, 1, 5.1f, 7, 6.3f);
    }

    [TestMethod]
    [DataRow("d", "no column \"d\"")]
    [DataRow("b", "several columns \"b\"")]
    public void Columns_that_are_not_there_are_refused_with_those_that_are(string name, string message)
    {
        ArgumentException wrong = Assert.ThrowsExactly<ArgumentException>(() => Read("a,b,b\n1,2,3\n", columns: name));
        Assert.AreEqual("columns", wrong.ParamName);
        StringAssert.Contains(wrong.Message, message);
        Assert.ThrowsExactly<ArgumentException>(() => Read("a,b\n1,2\n", columns: 2));
        Assert.ThrowsExactly<ArgumentException>(() => Read("a,b\n1,2\n", columns: ^3));
        Assert.ThrowsExactly<ArgumentException>(() => Read("a,b\n1,2\n", columns: 1..3));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Read("1,2\n", columns: name)).Message,
            "has no header");
    }

    [TestMethod]
    public void Missing_values_are_NaN_or_what_is_said()
    {
        AssertValues(Read("1,\nNA,nan\nnull,\"\"\n"), 3, 2, 1, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN);
        AssertValues(Read("1,\n", missingValue: -1), 1, 2, 1, -1);
        AssertValues(Read("1,?\n", missingTexts: ["?"], missingValue: 0), 1, 2, 1, 0);
        Assert.ThrowsExactly<InvalidDataException>(() => Read("1,NA\n", missingTexts: ["?"]));
        AssertValues(Read("inf,-Infinity\n"), 1, 2, float.PositiveInfinity, float.NegativeInfinity);
    }

    [TestMethod]
    [DataRow("1,2\n3,x\n", "line 2, column 2: \"x\"")]
    [DataRow("a,b\n1,2\n3,x\n", "line 3, column 2 (\"b\"): \"x\"")]
    [DataRow("\"a\n\n\",b\n1,2\n3,x\n", "line 5, column 2")]
    [DataRow("1,2\n3\n", "line 2 has 1 fields, but line 1 has 2")]
    [DataRow("1,2\n3,4,\n", "line 2 has 3 fields")]
    [DataRow("1,2\n3,\"4\n5,6\n", "line 2, column 2, is not closed")]
    [DataRow("1,2\n3,\"4\"5\n", "line 2, column 2: '5' follows")]
    [DataRow("1,1e39\n", "line 1, column 2: \"1e39\" is no number that float32 holds")]
    [DataRow("", "there are no rows")]
    [DataRow("\n\n", "there are no rows")]
    public void Damage_is_named_by_line_and_column(string text, string message)
    {
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Read(text)).Message, message);
        if (!message.Contains("\"x\"", StringComparison.Ordinal)) return;
        // The same of a table.
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => CsvTable.Read(new StringReader(text)).Columns(..)).Message,
            message);
    }

    [TestMethod]
    public void A_separator_that_cannot_be_one_is_refused()
    {
        foreach (char separator in "\"\r\n")
            Assert.AreEqual("separator", Assert.ThrowsExactly<ArgumentException>(() => Read("1", separator)).ParamName);
        Assert.ThrowsExactly<ArgumentNullException>(() => NDArray.FromCsv((TextReader)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => NDArray.FromCsv((string)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => CsvTable.Read((Stream)null!));
        AssertValues(Read("1\t2\n", '\t'), 1, 2, 1, 2);
    }

    [TestMethod]
    public void Features_labels_and_texts_come_of_one_read()
    {
        CsvTable csv = CsvTable.Read(new StringReader(Flowers), missingValue: -1);
        Assert.AreEqual("length width species", string.Join(' ', csv.Names));
        Assert.AreEqual((3, 3), (csv.Rows, csv.ColumnCount));
        AssertValues(csv.Columns("length", "width"), 3, 2, 5.1f, 3.5f, 7, -1, 6.3f, 3.3f);
        AssertValues(csv.Columns(..^1), 3, 2, 5.1f, 3.5f, 7, -1, 6.3f, 3.3f);
        CollectionAssert.AreEqual(new[] { 3 }, csv.Column("length").Shape.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 0 }, csv.Classes("species", out string[] names).ToArray());
        CollectionAssert.AreEqual(new[] { "setosa", "versicolor" }, names);
        CollectionAssert.AreEqual(new float[] { 1, 0, 1 }, csv.Classes(^1, ["versicolor", "setosa"]).ToArray());
        CollectionAssert.AreEqual(new[] { "3.5", "NA", "3.3" }, csv.Texts(1).ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => csv.Classes("species", ["setosa"])).Message,
            "line 3: \"versicolor\"");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => csv.Classes("width", out _)).Message,
            "line 3, column 2");
        Assert.ThrowsExactly<ArgumentException>(() => csv.Columns());
        Assert.ThrowsExactly<ArgumentException>(() => csv.Classes("species", ["setosa", "setosa"]));
    }

    [TestMethod]
    public void Classes_that_are_numbers_are_in_the_order_of_their_values()
    {
        CsvTable csv = CsvTable.Read(new StringReader("10\n9\n-1\n10\n"));
        CollectionAssert.AreEqual(new float[] { 2, 1, 0, 2 }, csv.Classes(0, out string[] names).ToArray());
        CollectionAssert.AreEqual(new[] { "-1", "9", "10" }, names);
    }

    [TestMethod]
    public void Files_may_be_packed_and_streams_stay_open()
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] text = Encoding.UTF8.GetBytes("a,b\n1,2\n");
            File.WriteAllBytes(path, text);
            AssertValues(NDArray.FromCsv(path), 1, 2, 1, 2);
            Assert.AreEqual("b", CsvTable.Read(path).Names[1]);
            using (var packing = new GZipStream(File.Create(path), CompressionLevel.Optimal)) packing.Write(text);
            AssertValues(NDArray.FromCsv(path), 1, 2, 1, 2);
            var stream = new MemoryStream(text);
            AssertValues(NDArray.FromCsv(stream, columns: "a"), 1, 1, 1);
            stream.Position = 0;
            Assert.AreEqual(1, CsvTable.Read(stream).Rows);
            Assert.IsTrue(stream.CanRead);
            File.WriteAllText(path, "1,x");
            StringAssert.StartsWith(
                Assert.ThrowsExactly<InvalidDataException>(() => NDArray.FromCsv(path)).Message, path);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.ThrowsExactly<FileNotFoundException>(() => NDArray.FromCsv(path));
    }

    [TestMethod]
    public void Whatever_texts_are_written_by_RFC_4180_come_back() => ForRandom(500, random =>
    {
        char separator = ",;\t|"[random.Next(4)];
        string end = new[] { "\n", "\r\n", "\r" }[random.Next(3)];
        int rows = random.Next(1, 6), columns = random.Next(1, 5);
        string[][] texts = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns)
            .Select(_ =>
                string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => s_pieces[random.Next(s_pieces.Length)])))
                .ToArray())];
        string Written(string text, bool first) =>
            first || text.Length == 0 || text.IndexOfAny(['"', '\r', '\n', separator]) >= 0 || random.Next(3) == 0
                ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
        string file = string.Join(
            end, texts.Select((r, i) => string.Join(separator, r.Select((t, c) => Written(t, i + c == 0)))))
            + (random.Next(2) == 0 ? end : "");
        CsvTable csv = CsvTable.Read(new StringReader(file), separator, header: false);
        Assert.AreEqual((rows, columns), (csv.Rows, csv.ColumnCount), file);
        for (int c = 0; c < columns; c++)
            CollectionAssert.AreEqual(texts.Select(r => r[c]).ToArray(), csv.Texts(c).ToArray(), file);
    });

    [TestMethod]
    public void Whatever_numbers_are_written_come_back_to_the_bit() => ForRandom(300, random =>
    {
        float[][] rows = [.. Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => Enumerable.Range(0, 3)
                .Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))).ToArray())];
        string text = string.Join(
            '\n', rows.Select(r => string.Join(',', r.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))));
        float[] read = Read(text, header: false).ToArray(), written = [.. rows.SelectMany(r => r)];
        for (int i = 0; i < written.Length; i++)
            Assert.IsTrue(float.IsNaN(written[i]) ? float.IsNaN(read[i])
                : BitConverter.SingleToInt32Bits(written[i]) == BitConverter.SingleToInt32Bits(read[i]), text);
    });

    [TestMethod]
    public void Whatever_a_file_holds_it_is_read_or_refused_as_documented() => ForRandom(2000, random =>
    {
        string text =
            string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));
        try
        {
            Assert.IsTrue(CsvTable.Read(new StringReader(text)).ColumnCount > 0);
        }
        catch (InvalidDataException)
        {
        }
    });

    [TestMethod]
    public void Records_become_columns()
    {
        (float A, int B, string Name)[] records = [(1.5f, 2, "x"), (3, 4, "y"), (5, 6, "x")];
        AssertValues(NDArray.FromRecords(records, r => r.A, r => r.B), 3, 2, 1.5f, 2, 3, 4, 5, 6);
        AssertValues(NDArray.FromRecords(records, r => r.B), 3, 1, 2, 4, 6);
        AssertValues(NDArray.FromRecords(records, r => [r.A, r.B, 0]), 3, 3, 1.5f, 2, 0, 3, 4, 0, 5, 6, 0);
        AssertValues(NDArray.FromRecords(Enumerable.Range(0, 2), i => new float[i * 0 + 2]), 2, 2, 0, 0, 0, 0);
        AssertValues(NDArray.FromRecords(Array.Empty<int>(), i => i, i => 2 * i), 0, 2);
        CollectionAssert.AreEqual(new float[] { 0, 1, 0 },
            NDArray.FromClasses(records.Select(r => r.Name), out string[] names).ToArray());
        CollectionAssert.AreEqual(new[] { "x", "y" }, names);
        CollectionAssert.AreEqual(new float[] { 1 }, NDArray.FromClasses(["y"], names).ToArray());
    }

    [TestMethod]
    public void Records_that_do_not_fit_are_named()
    {
        string?[] texts = ["ab", null, "c"];
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromRecords(texts, t => t!.Length)).Message,
            "Record 1 is null");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromRecords(["ab", "c"], t => new float[t.Length]))
            .Message, "Record 1 gives 1 values, but record 0 gives 2");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromRecords(["ab"], t => (float[])null!)).Message,
            "Record 0 gives null");
        Assert.AreEqual("columns", Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromRecords(texts, []))
            .ParamName);
        Assert.ThrowsExactly<ArgumentNullException>(() => NDArray.FromRecords((string[])null!, t => t.Length));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromClasses(["a", "z"], ["a", "b"])).Message,
            "Text 1, \"z\"");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromClasses(["a", null!], out _)).Message,
            "Text 1 is null");
    }

    static void ForRandom(int runs, Action<Random> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(1, 1),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => check(new Random(seed))));
}
