using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Training on the files in a folder: those that keras-preprocessing 1.1.0 finds, in its order.</summary>
[TestClass]
public sealed class DirectoryIteratorTests
{
    /// <summary>Images of 3 rows and 4 columns, each of one color: red is ten times its index in this list.</summary>
    static readonly string[] s_files =
    [
        "b/z.png", "b/A.PNG", "b/a.bmp", "b/note.txt", "b/in/1.png", "b/in-x/2.png", "b/in/deep/3.bmp", "a/10.png",
            "a/9.png", "a/.hidden.png", "c/only.jpeg", "Z/q.png", "Z/r.png", "Z/s.png",
        "Z/t.png", "Z/u.png", "top.png",
    ];

    static readonly string[] s_found =
    [
        "Z/q.png", "Z/r.png", "Z/s.png", "Z/t.png", "Z/u.png", "a/.hidden.png", "a/10.png", "a/9.png", "b/A.PNG",
            "b/a.bmp", "b/z.png", "b/in/1.png", "b/in-x/2.png", "b/in/deep/3.bmp", "c/only.jpeg",
    ];

    readonly string _folder = Directory.CreateTempSubdirectory("keras").FullName;

    [TestInitialize]
    public void Write()
    {
        for (int i = 0; i < s_files.Length; i++)
        {
            string path = Path.Combine(_folder, s_files[i]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (path.EndsWith(".txt", StringComparison.Ordinal)) File.WriteAllText(path, "no image");
            else Image.SaveImg(path, Colored(i * 10), fileFormat: Path.GetExtension(path)[1..], scale: false);
        }
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
    }

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static NDArray Colored(float red)
    {
        var image = new NDArray(3, 4, 3);
        for (int i = 0; i < image.Size; i += 3) (image.Span[i], image.Span[i + 1], image.Span[i + 2]) = (red, 5, 7);
        return image;
    }

    static string[] Names(DirectoryIterator images) => [.. images.Filenames.Select(name => name.Replace('\\', '/'))];

    [TestMethod]
    public void Classes_and_files_come_in_Keras_order()
    {
        DirectoryIterator images = new ImageDataGenerator().FlowFromDirectory(_folder, shuffle: false);
        CollectionAssert.AreEqual(s_found, Names(images));
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3 }, images.Classes.ToArray());
        Assert.AreEqual("Z 0, a 1, b 2, c 3, empty 4",
            string.Join(", ", images.ClassIndices.OrderBy(c => c.Value).Select(c => $"{c.Key} {c.Value}")));
        Assert.AreEqual((15, 5, 1), (images.Samples, images.NumClasses, images.Count));
        Assert.AreEqual(new Shape(256, 256, 3), images.ImageShape);
        Assert.AreEqual(Path.Combine(_folder, images.Filenames[3]), images.Filepaths[3]);

        images = new ImageDataGenerator().FlowFromDirectory(_folder, classes: ["b", "Z"]);
        CollectionAssert.AreEqual(s_found[8..14].Concat(s_found[..5]).ToArray(), Names(images));
        Assert.AreEqual(1, images.ClassIndices["Z"]);
    }

    [TestMethod]
    public void A_subset_is_a_share_of_each_class()
    {
        var generator = new ImageDataGenerator(validationSplit: 0.4);
        DirectoryIterator training = generator.FlowFromDirectory(_folder, subset: "training"),
            validation = generator.FlowFromDirectory(_folder, subset: "validation");
        CollectionAssert.AreEqual(new[] { "Z/q.png", "Z/r.png", "a/.hidden.png", "b/A.PNG", "b/a.bmp" },
            Names(validation));
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 2, 2 }, validation.Classes.ToArray());
        CollectionAssert.AreEquivalent(s_found, Names(training).Concat(Names(validation)).ToArray());
        Assert.AreEqual(5, training.NumClasses);
    }

    [TestMethod]
    public void Class_modes_give_Keras_targets()
    {
        DirectoryIterator Images(string? classMode, string colorMode = "rgb", string? dataFormat = null) =>
            new ImageDataGenerator(dataFormat: dataFormat)
            .FlowFromDirectory(_folder, targetSize: (2, 3), colorMode: colorMode, classMode: classMode, batchSize: 4,
                shuffle: false);

        Batch batch = Images("categorical")[3];
        CollectionAssert.AreEqual(new[] { 3, 2, 3, 3 }, batch.X.Shape.ToArray());
        CollectionAssert.AreEqual(new[] { 3, 5 }, batch.Y!.Shape.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0 }, batch.Y.ToArray());
        CollectionAssert.AreEqual(new float[] { 50, 5, 7 }, batch.X.Span[..3].ToArray());
        foreach (string mode in new[] { "binary", "sparse" })
        {
            batch = Images(mode)[1];
            CollectionAssert.AreEqual(new[] { 4 }, batch.Y!.Shape.ToArray());
            CollectionAssert.AreEqual(new float[] { 0, 1, 1, 1 }, batch.Y.ToArray());
        }
        batch = Images("input", "rgba")[0];
        CollectionAssert.AreEqual(new[] { 4, 2, 3, 4 }, batch.X.Shape.ToArray());
        CollectionAssert.AreEqual(batch.X.ToArray(), batch.Y!.ToArray());
        batch = Images(null, "grayscale", "channels_first")[0];
        Assert.IsNull(batch.Y);
        CollectionAssert.AreEqual(new[] { 4, 1, 2, 3 }, batch.X.Shape.ToArray());
        // 0.299 · 110 + 0.587 · 5 + 0.114 · 7 = 36.6
        Assert.AreEqual(37, batch.X.Span[0]);
        Assert.AreEqual(new Shape(1, 2, 3), Images(null, "grayscale", "channels_first").ImageShape);
    }

    [TestMethod]
    public void Images_change_in_each_epoch_and_depend_only_on_the_seed()
    {
        var generator =
            new ImageDataGenerator(rescale: 1 / 255.0, horizontalFlip: true, widthShiftRange: 1, channelShiftRange: 20);
        DirectoryIterator Images(int seed) =>
            generator.FlowFromDirectory(_folder, targetSize: (4, 4), batchSize: 15, seed: seed);
        DirectoryIterator one = Images(5), two = Images(5);
        float[] first = one[0].X.ToArray();
        CollectionAssert.AreEqual(first, two[0].X.ToArray());
        CollectionAssert.AreNotEqual(first, Images(6)[0].X.ToArray());
        Assert.IsTrue(first.All(v => v is >= 0 and <= 1));
        one.OnEpochEnd();
        CollectionAssert.AreNotEqual(first, one[0].X.ToArray());
        // Labels stay with their images.
        float[] Labelled(bool shuffle)
        {
            Batch batch = new ImageDataGenerator()
                .FlowFromDirectory(_folder, targetSize: (1, 1), classMode: "sparse", shuffle: shuffle, seed: 1)[0];
            return [.. Enumerable.Range(0, batch.X.Rows).Select(i => batch.X.Span[i * 3] * 100 + batch.Y!.Span[i])];
        }

        float[] colors = Labelled(shuffle: true), inOrder = Labelled(shuffle: false);
        CollectionAssert.AreNotEqual(inOrder, colors);
        CollectionAssert.AreEquivalent(inOrder, colors);
    }

    [TestMethod]
    public void A_network_trains_on_a_folder_and_predicts_in_its_order()
    {
        var generator = new ImageDataGenerator(rescale: 1 / 255.0);
        string[] classes = ["Z", "b"];
        DirectoryIterator images = generator.FlowFromDirectory(
            _folder, targetSize: (4, 4), classes: classes, classMode: "binary", batchSize: 4, seed: 1);
        using var model = new Sequential(
            [new Conv2D(4, 3, activation: "relu", inputShape: [4, 4, 3]), new Flatten(),
                new Dense(1, activation: "sigmoid")]);
        model.SetWeights([.. model.GetWeights().Select(w => RecurrentTests.Values(w.Shape.ToArray()))]);
        model.Compile(new Adam(0.01), "binary_crossentropy", metrics: ["accuracy"]);
        History history = model.Fit(images, epochs: 60, verbose: 0, workers: 2,
            validationData: generator.FlowFromDirectory(_folder, (4, 4), classes: classes, classMode: "binary"));
        Assert.IsLessThan(history["loss"][0] / 2, history["loss"][^1]);
        Assert.AreEqual(60, history["val_accuracy"].Count);
        DirectoryIterator ordered = generator.FlowFromDirectory(
            _folder, targetSize: (4, 4), classes: classes, classMode: null, batchSize: 4, shuffle: false);
        float[] predicted = model.Predict(ordered).ToArray();
        int right = predicted.Zip(ordered.Classes).Count(p => p.First > 0.5 == (p.Second == 1));
        Assert.IsGreaterThan(9, right, "of 11");
    }

    [TestMethod]
    public void Changed_images_are_saved_for_inspection()
    {
        string seen = Path.Combine(_folder, "..", Path.GetFileName(_folder) + "-seen");
        try
        {
            DirectoryIterator images = new ImageDataGenerator()
                .FlowFromDirectory(_folder, targetSize: (3, 4), batchSize: 4, shuffle: false, saveToDir: seen,
                    savePrefix: "look");
            _ = images[3];
            _ = images[3];
            CollectionAssert.AreEqual(
                new[] { "look_12_1.png", "look_12_4.png", "look_13_2.png", "look_13_5.png", "look_14_3.png",
                    "look_14_6.png" },
                Directory.GetFiles(seen).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal).ToArray());
            // Keras scales: the largest value becomes 255.
            CollectionAssert.AreEqual(new float[] { 255, 25, 35 },
                Image.LoadImg(Path.Combine(seen, "look_12_1.png")).Span[..3].ToArray());
            var arrays = new ImageDataGenerator(dataFormat: "channels_first");
            _ = arrays.Flow(new NDArray(2, 1, 5, 6), saveToDir: seen, saveFormat: "jpg", shuffle: false)[0];
            CollectionAssert.AreEqual(new[] { 5, 6, 3 }, Image.LoadImg(Path.Combine(seen, "_0_1.jpg")).Shape.ToArray());
            Assert.Contains(
                "gif", Assert.ThrowsExactly<ArgumentException>(
                    () => arrays.Flow(new NDArray(2, 1, 5, 6), saveToDir: seen, saveFormat: "gif")).Message);
        }
        finally
        {
            if (Directory.Exists(seen)) Directory.Delete(seen, recursive: true);
        }
    }

    [TestMethod]
    public void A_custom_loader_reads_any_format()
    {
        File.WriteAllText(Path.Combine(_folder, "c", "two.tif"), "1 2");
        Assert.Contains("two.tif",
            Assert.ThrowsExactly<NotSupportedException>(() => new ImageDataGenerator().FlowFromDirectory(_folder))
            .Message);
        NDArray Load(string path) => Path.GetExtension(path) != ".tif" ? Image.LoadImg(path)
            : new([.. File.ReadAllText(path).Split(' ').Select(float.Parse)], 1, 2, 1);
        DirectoryIterator images = new ImageDataGenerator()
            .FlowFromDirectory(_folder, targetSize: (1, 2), shuffle: false, classes: ["c"], loader: Load);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1, 2, 2, 2 }, images[0].X.Span[6..].ToArray());

        // An image that already has the requested format is used unchanged, including fractions.
        var fine = new NDArray([0.5f, -3], 1, 2, 1);
        images = new ImageDataGenerator()
            .FlowFromDirectory(_folder, targetSize: (1, 2), colorMode: "grayscale", classes: ["c"], loader: _ => fine);
        CollectionAssert.AreEqual(new[] { 0.5f, -3 }, images[0].X.Span[..2].ToArray());
        images = new ImageDataGenerator()
            .FlowFromDirectory(_folder, targetSize: (2, 2), colorMode: "grayscale", classes: ["c"], loader: _ => fine);
        Assert.Contains("-3", Assert.ThrowsExactly<InvalidOperationException>(() => images[0]).Message);
        images = new ImageDataGenerator().FlowFromDirectory(_folder, classes: ["c"], loader: _ => null!);
        Assert.Contains("only.jpeg", Assert.ThrowsExactly<InvalidOperationException>(() => images[0]).Message
            + images.Filenames[0]);
    }

    [TestMethod]
    public void Links_to_folders_are_followed_on_request_and_never_in_cycles()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Links need rights there.");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "c", "more"), Path.Combine(_folder, "a"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "c", "round"), Path.Combine(_folder, "c"));
        Assert.AreEqual(15, new ImageDataGenerator().FlowFromDirectory(_folder).Samples);
        DirectoryIterator images = new ImageDataGenerator()
            .FlowFromDirectory(_folder, classes: ["c"], followLinks: true);
        CollectionAssert.AreEqual(new[] { "c/only.jpeg", "c/more/.hidden.png", "c/more/10.png", "c/more/9.png" },
            Names(images));
        Assert.AreEqual(4, images[0].X.Rows);
    }

    [TestMethod]
    public void Invalid_folders_and_arguments_are_clear_errors()
    {
        var generator = new ImageDataGenerator(validationSplit: 0.1);
        Assert.Contains("nowhere",
            Assert.ThrowsExactly<DirectoryNotFoundException>(
                () => generator.FlowFromDirectory(Path.Combine(_folder, "nowhere"))).Message);
        Assert.Contains("\"d\"; it has Z, a, b, c, empty",
            Assert.ThrowsExactly<DirectoryNotFoundException>(
                () => generator.FlowFromDirectory(_folder, classes: ["a", "d"])).Message.Replace(_folder, ""));
        Assert.Contains(
            "once", Assert.ThrowsExactly<ArgumentException>(
                () => generator.FlowFromDirectory(_folder, classes: ["a", "a"])).Message);
        Assert.Contains("no images",
            Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, classes: ["empty"]))
            .Message);
        Assert.Contains("\"validation\" is empty",
            Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, subset: "validation"))
            .Message);
        Assert.Contains("no images",
            Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(Path.Combine(_folder, "empty")))
            .Message);
        Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, classMode: "other"));
        Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, colorMode: "hsv"));
        Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, interpolation: "best"));
        Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, targetSize: (0, 1)));
        Assert.ThrowsExactly<ArgumentException>(() => generator.FlowFromDirectory(_folder, subset: "test"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => generator.FlowFromDirectory(_folder, batchSize: 0));
        Assert.ThrowsExactly<InvalidOperationException>(
            () => new ImageDataGenerator(featurewiseCenter: true).FlowFromDirectory(_folder));
        File.WriteAllText(Path.Combine(_folder, "c", "broken.png"), "no image");
        DirectoryIterator images = generator.FlowFromDirectory(_folder, classes: ["c"]);
        Assert.Contains("broken.png", Assert.ThrowsExactly<InvalidDataException>(() => images[0]).Message);
        using var model = new Sequential([new Flatten(inputShape: [256, 256, 3]), new Dense(1)]);
        model.Compile("sgd", "mse");
        float[] before = model.GetWeights()[0].ToArray();
        Assert.Contains("broken.png",
            Assert.ThrowsExactly<InvalidDataException>(() => model.Fit(images, verbose: 0)).Message);
        CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
    }
}
