using System.Globalization;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Image files and sizes against results of Pillow 9.4 (Golden/pillow.txt).</summary>
[TestClass]
public sealed class ImageFileTests
{
    static readonly Dictionary<string, string> s_modes = new() { ["1"] = "grayscale", ["3"] = "rgb", ["4"] = "rgba" };

    readonly string _folder = Directory.CreateTempSubdirectory("keras").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static IEnumerable<object[]> Recorded(string kind) =>
        from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "pillow.txt"))
        let words = line.Split(' ')
        where words[0] == kind
        select words.Skip(1).ToArray<object>();

    static IEnumerable<object[]> Sizes => Recorded("resize");

    static IEnumerable<object[]> Files => Recorded("file");

    static float[] Numbers(string list) =>
        [.. list.Split(',').Select(n => float.Parse(n, CultureInfo.InvariantCulture))];

    /// <summary>The image for Pillow: 5 rows of 7 pixels.</summary>
    static NDArray Pattern(int channels)
    {
        var result = new NDArray(5, 7, channels);
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < 7; x++)
            {
                for (int c = 0; c < channels; c++)
                    result[y, x, c] =
                        (37 * y * y + 61 * x + 91 * c * (x + 2 * y) + channels * 13 + y * x % 7 * 29) % 256;
            }
        }
        return result;
    }

    [TestMethod]
    [DynamicData(nameof(Sizes))]
    public void Resizing_matches_Pillow_bit_for_bit(string channels, string interpolation, string rows, string columns,
        string expected)
    {
        string path = Path.Combine(_folder, "pattern.png");
        Image.SaveImg(path, Pattern(int.Parse(channels, CultureInfo.InvariantCulture)), scale: false);
        (int, int) size =
            (int.Parse(rows, CultureInfo.InvariantCulture), int.Parse(columns, CultureInfo.InvariantCulture));
        CollectionAssert.AreEqual(Numbers(expected),
            Image.LoadImg(path, s_modes[channels], size, interpolation).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Files_hold_what_Pillow_reads(string name, string extension, string colorMode, string rows,
        string columns, string file, string expected)
    {
        string path = Path.Combine(_folder, $"{name}.{extension}");
        File.WriteAllBytes(path, Convert.FromBase64String(file));
        NDArray image = Image.LoadImg(path, colorMode);
        string shape = $"{rows} {columns} {s_modes.First(m => m.Value == colorMode).Key}";
        Assert.AreEqual(shape, string.Join(' ', image.Shape.ToArray()));
        float[] wanted = Numbers(expected), got = image.ToArray();
        // JPEG decoders round in different places, and upsample colors with different weights.
        int tolerance = extension != "jpeg" ? 0 : name == "subsampled" ? 12 : 3;
        for (int i = 0; i < wanted.Length; i++) Assert.AreEqual(wanted[i], got[i], tolerance, $"value {i}");
    }

    [TestMethod]
    [DataRow("png", 1)]
    [DataRow("png", 3)]
    [DataRow("png", 4)]
    [DataRow("tga", 1)]
    [DataRow("tga", 3)]
    [DataRow("tga", 4)]
    [DataRow("bmp", 1)]
    [DataRow("bmp", 3)]
    public void Written_images_can_be_read(string extension, int channels)
    {
        string path = Path.Combine(_folder, "made", $"image.{extension}");
        string mode = s_modes[channels.ToString(CultureInfo.InvariantCulture)];
        Image.SaveImg(path, Pattern(channels), scale: false);
        CollectionAssert.AreEqual(Pattern(channels).ToArray(), Image.LoadImg(path, mode).ToArray());
        NDArray first = Image.LoadImg(path, mode, dataFormat: "channels_first");
        CollectionAssert.AreEqual(new[] { channels, 5, 7 }, first.Shape.ToArray());
        Image.SaveImg(path, first, dataFormat: "channels_first", scale: false);
        CollectionAssert.AreEqual(Pattern(channels).ToArray(), Image.LoadImg(path, mode).ToArray());
    }

    [TestMethod]
    public void Values_are_scaled_as_Keras_does()
    {
        string path = Path.Combine(_folder, "scaled.png");
        float[] Saved(params float[] values)
        {
            Image.SaveImg(path, new NDArray(values, 1, values.Length, 1));
            return Image.LoadImg(path, "grayscale").ToArray();
        }

        CollectionAssert.AreEqual(new float[] { 0, 127, 255 }, Saved(-1, 0, 1));
        CollectionAssert.AreEqual(new float[] { 127, 255 }, Saved(1, 2));
        CollectionAssert.AreEqual(new float[] { 0, 0 }, Saved(0, 0));
        CollectionAssert.AreEqual(new float[] { 0, 0 }, Saved(-3, -3));
    }

    [TestMethod]
    public void JPEG_and_BMP_files_lose_the_fourth_channel()
    {
        foreach (string extension in new[] { "jpg", "bmp" })
        {
            string path = Path.Combine(_folder, $"image.{extension}");
            Image.SaveImg(path, Pattern(4), scale: false);
            NDArray image = Image.LoadImg(path, "rgba");
            for (int i = 3; i < image.Size; i += 4) Assert.AreEqual(255, image.Span[i]);
        }
    }

    [TestMethod]
    public void Data_that_is_not_an_image_is_a_clear_error_and_leaves_files_unchanged()
    {
        string path = Path.Combine(_folder, "image.png");
        Image.SaveImg(path, Pattern(3));
        byte[] before = File.ReadAllBytes(path);
        Assert.Contains("(5, 7, 2)", Assert.ThrowsExactly<ArgumentException>(() => Image.SaveImg(path, Pattern(2)))
            .Message);
        Assert.Contains("(7,)", Assert.ThrowsExactly<ArgumentException>(() => Image.SaveImg(path, new NDArray(7)))
            .Message);
        Assert.ThrowsExactly<ArgumentException>(() => Image.SaveImg(path, new NDArray(0, 3, 3)));
        Assert.Contains(
            "NaN", Assert.ThrowsExactly<ArgumentException>(() => Image.SaveImg(path, new NDArray([float.NaN], 1, 1, 1)))
            .Message);
        Assert.Contains(
            "-1", Assert.ThrowsExactly<ArgumentException>(
                () => Image.SaveImg(path, new NDArray([-1f], 1, 1, 1), scale: false)).Message);
        Assert.Contains(
            "256", Assert.ThrowsExactly<ArgumentException>(
                () => Image.SaveImg(path, new NDArray([256f], 1, 1, 1), scale: false)).Message);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.Contains(
            "webp", Assert.ThrowsExactly<ArgumentException>(
                () => Image.SaveImg(Path.Combine(_folder, "x.webp"), Pattern(3))).Message);
        Assert.Contains("cmyk", Assert.ThrowsExactly<ArgumentException>(() => Image.LoadImg(path, "cmyk")).Message);
        Assert.Contains(
            "cubic", Assert.ThrowsExactly<ArgumentException>(() => Image.LoadImg(path, interpolation: "cubic"))
            .Message);
        Assert.ThrowsExactly<ArgumentException>(() => Image.LoadImg(path, targetSize: (0, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => Image.LoadImg(path, targetSize: (1 << 20, 1 << 20)));
        Assert.ThrowsExactly<FileNotFoundException>(() => Image.LoadImg(Path.Combine(_folder, "none.png")));

        string damaged = Path.Combine(_folder, "damaged.png");
        for (int length = 0; length < before.Length - 12; length += 7)
        {
            File.WriteAllBytes(damaged, before[..length]);
            Assert.Contains("damaged.png",
                Assert.ThrowsExactly<InvalidDataException>(() => Image.LoadImg(damaged)).Message, $"{length} bytes");
        }
        Assert.HasCount(2, Directory.GetFiles(_folder));
    }
}
