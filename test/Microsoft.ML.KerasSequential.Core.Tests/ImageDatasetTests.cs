using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The images of a folder with the names of their classes, at once and in batches.</summary>
[TestClass]
public sealed class ImageDatasetTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("images").FullName;

    /// <summary>Ten images of 2×4 pixels, whose left half is as red as their number times ten.</summary>
    [TestInitialize]
    public void Write()
    {
        for (int i = 0; i < 10; i++)
        {
            string name = i < 6 ? "cats" : "dogs";
            Directory.CreateDirectory(Path.Combine(_folder, name));
            var image = new NDArray(2, 4, 3);
            for (int p = 0; p < 8; p++) image.Span[p * 3] = p % 4 < 2 ? i * 10 : 200;
            Image.SaveImg(Path.Combine(_folder, name, $"{i}.png"), image, scale: false);
        }
        File.WriteAllText(Path.Combine(_folder, "cats", "note.txt"), "no image");
    }

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static float[] Reds(NDArray x) => [.. Enumerable.Range(0, x.Shape[0]).Select(i => x[i, 0, 0, 0])];

    [TestMethod]
    public void A_folder_gives_images_targets_and_class_names()
    {
        var (x, y, classNames) = ImageDataset.Load(_folder, imageSize: (2, 4), shuffle: false);
        CollectionAssert.AreEqual(new[] { 10, 2, 4, 3 }, x.Shape.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(i => i * 10f).ToArray(), Reds(x));
        CollectionAssert.AreEqual(new float[] { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1 }, y.ToArray());
        CollectionAssert.AreEqual(new[] { 10 }, y.Shape.ToArray());
        CollectionAssert.AreEqual(new[] { "cats", "dogs" }, classNames.ToArray());
        Assert.AreEqual(200, x[3, 0, 3, 0]);
    }

    [TestMethod]
    public void Targets_are_numbers_columns_or_one_of_two()
    {
        (_, NDArray oneHot, _) = ImageDataset.Load(_folder, "categorical", imageSize: (1, 1), shuffle: false);
        CollectionAssert.AreEqual(new[] { 10, 2 }, oneHot.Shape.ToArray());
        Assert.AreEqual((1f, 0f, 1f), (oneHot[0, 0], oneHot[0, 1], oneHot[9, 1]));
        (_, NDArray binary, _) =
            ImageDataset.Load(_folder, "binary", ["dogs", "cats"], imageSize: (1, 1), shuffle: false);
        CollectionAssert.AreEqual(new[] { 10, 1 }, binary.Shape.ToArray());
        Assert.AreEqual((0f, 1f), (binary.Span[0], binary.Span[9]));
        Assert.IsNull(ImageDataset.FromDirectory(_folder, labelMode: null, imageSize: (1, 1))[0].Y);
        Assert.ThrowsExactly<ArgumentNullException>(() => ImageDataset.Load(_folder, null!));
        Directory.CreateDirectory(Path.Combine(_folder, "birds"));
        Assert.AreEqual("labelMode", Assert.ThrowsExactly<ArgumentException>(() => ImageDataset.Load(_folder, "binary"))
            .ParamName);
    }

    [TestMethod]
    public void Colours_sizes_and_layouts_are_as_asked_for()
    {
        (NDArray grey, _, _) =
            ImageDataset.Load(_folder, colorMode: "grayscale", imageSize: (2, 4), shuffle: false, classNames: ["cats"]);
        CollectionAssert.AreEqual(new[] { 6, 2, 4, 1 }, grey.Shape.ToArray());
        // 0.299 of 50.
        Assert.AreEqual(15, grey[5, 0, 0, 0]);
        (NDArray first, _, _) =
            ImageDataset.Load(_folder, imageSize: (3, 5), shuffle: false, dataFormat: "channels_first");
        CollectionAssert.AreEqual(new[] { 10, 3, 3, 5 }, first.Shape.ToArray());
        CollectionAssert.AreEqual(new[] { 10, 256, 256, 3 }, ImageDataset.Load(_folder).X.Shape.ToArray());
        // The mean of both halves, or the pixel in the middle.
        Assert.AreEqual(125, ImageDataset.Load(_folder, imageSize: (1, 1), shuffle: false, interpolation: "box")
            .X[5, 0, 0, 0]);
        Assert.AreEqual(200, ImageDataset.Load(_folder, imageSize: (1, 1), shuffle: false, interpolation: "nearest")
            .X[5, 0, 0, 0]);
        (NDArray loaded, _, _) =
            ImageDataset.Load(_folder, imageSize: (1, 1), loader: _ => new float[,,] { { { 1, 2, 3 } } });
        Assert.AreEqual(3, loaded[9, 0, 0, 2]);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Both_subsets_of_a_seed_are_the_whole(bool shuffle)
    {
        (NDArray x, _, _) = ImageDataset.Load(_folder, imageSize: (2, 4), shuffle: shuffle, seed: 3,
            validationSplit: 0.25, subset: "training");
        (NDArray held, NDArray heldY, _) = ImageDataset.Load(
            _folder, imageSize: (2, 4), shuffle: shuffle, seed: 3, validationSplit: 0.25, subset: "validation");
        Assert.AreEqual((8, 2), (x.Shape[0], held.Shape[0]));
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(i => i * 10f).ToArray(),
            Reds(x).Concat(Reds(held)).Order().ToArray());
        for (int i = 0; i < 2; i++) Assert.AreEqual(Reds(held)[i] >= 60 ? 1 : 0, heldY.Span[i]);
        if (!shuffle) CollectionAssert.AreEqual(new float[] { 80, 90 }, Reds(held));
    }

    [TestMethod]
    public void Batches_are_read_when_they_are_needed_and_mixed_in_each_epoch()
    {
        ImageDataset batches = ImageDataset.FromDirectory(_folder, batchSize: 4, imageSize: (2, 4), seed: 1);
        Assert.AreEqual((3, 10, 10), (batches.Count, batches.Filepaths.Count, batches.Labels.Count));
        float[] Epoch() => [.. Enumerable.Range(0, batches.Count).SelectMany(i => Reds(batches[i].X))];
        float[] first = Epoch();
        batches.OnEpochEnd();
        CollectionAssert.AreNotEqual(first, Epoch());
        CollectionAssert.AreEqual(first.Order().ToArray(), Epoch().Order().ToArray());
        Batch last = batches[2];
        Assert.AreEqual(2, last.X.Shape[0]);
        for (int i = 0; i < 2; i++) Assert.AreEqual(Reds(last.X)[i] >= 60 ? 1 : 0, last.Y!.Span[i]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => batches[3]);
    }

    [TestMethod]
    public void Arguments_that_do_not_fit_are_refused()
    {
        static void Refused<T>(string parameter, Action action) where T : ArgumentException =>
            Assert.AreEqual(parameter, Assert.ThrowsExactly<T>(action).ParamName);
        Refused<ArgumentException>("labelMode", () => ImageDataset.Load(_folder, "float"));
        Refused<ArgumentException>("colorMode", () => ImageDataset.Load(_folder, colorMode: "cmyk"));
        Refused<ArgumentException>("interpolation", () => ImageDataset.Load(_folder, interpolation: "area"));
        Refused<ArgumentException>(
            "subset", () => ImageDataset.Load(_folder, seed: 1, validationSplit: 0.2, subset: "test"));
        Refused<ArgumentException>("subset", () => ImageDataset.Load(_folder, seed: 1, validationSplit: 0.2));
        Refused<ArgumentException>("validationSplit", () => ImageDataset.Load(_folder, seed: 1, subset: "training"));
        Refused<ArgumentOutOfRangeException>("validationSplit",
            () => ImageDataset.Load(_folder, seed: 1, validationSplit: 1, subset: "training"));
        Refused<ArgumentException>("seed", () => ImageDataset.Load(_folder, validationSplit: 0.2, subset: "training"));
        Refused<ArgumentOutOfRangeException>("batchSize", () => ImageDataset.FromDirectory(_folder, batchSize: 0));
        Refused<ArgumentException>("directory",
            () => ImageDataset.Load(_folder, seed: 1, validationSplit: 0.01, subset: "validation"));
        Refused<ArgumentException>("dataFormat", () => ImageDataset.Load(_folder, dataFormat: "first"));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageDataset.Load(Path.Combine(_folder, "none")));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageDataset.Load(_folder, classNames: ["birds"]));
        File.WriteAllText(Path.Combine(_folder, "cats", "a.png"), "no image");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ImageDataset.Load(_folder)).Message,
            "a.png");
    }
}
