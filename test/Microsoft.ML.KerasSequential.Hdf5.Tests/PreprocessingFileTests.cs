using Microsoft.ML.KerasSequential.Hdf5;
using Microsoft.ML.KerasSequential.Layers;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Models of tf.keras 2.3 to 2.15 with preprocessing layers. TensorFlow is not available to record them: the files are
/// written here, with the keys and names that the sources of those versions write.
/// </summary>
[TestClass]
public sealed class PreprocessingFileTests
{
    const string Common = "\"trainable\":true,\"dtype\":\"float32\"";

    static readonly string s_text = $$$"""
        {"class_name":"TextVectorization","config":{"name":"texts",{{{Common.Replace("float32", "string")}}},
        "batch_input_shape":[null,1],"max_tokens":9,"standardize":"lower_and_strip_punctuation",
        "split":"whitespace","ngrams":null,"output_mode":"int","output_sequence_length":4,"pad_to_max_tokens":false,
        "sparse":false,"ragged":false,"vocabulary":["good","day","a"],"idf_weights":null,"encoding":"utf-8",
        "vocabulary_size":5}}
        """;

    static string Model(params string[] layers) => $$$"""
        {"class_name":"Sequential","config":{"name":"m","layers":[{{{string.Join(",", layers)}}}]},
        "keras_version":"2.11.0","backend":"tensorflow"}
        """;

    static string Input(string dtype, string shape) =>
        $$$"""
        {"class_name":"InputLayer","config":{"batch_input_shape":{{{shape}}},"dtype":"{{{dtype}}}","sparse":false,
        "ragged":false,"name":"input_1"}}
        """;

    [TestMethod]
    public void Texts_are_split_and_looked_up_as_in_the_configuration()
    {
        foreach (string json in new[] { Model(s_text), Model(Input("string", "[null,1]"), s_text),
            Model(Input("string", "[null]"), s_text) })
        {
            using Sequential model = Sequential.FromJson(json);
            CollectionAssert.AreEqual(new float[] { 4, 2, 1, 0 }, model.Predict(["A good idea!"]).ToArray());
            CollectionAssert.AreEqual(new[] { "", "[UNK]", "good", "day", "a" },
                ((TextVectorization)model.Layers[0]).GetVocabulary().ToArray());
        }
    }

    [TestMethod]
    [DataRow("binary", new float[] { 1, 1, 0, 1 })]
    [DataRow("multi_hot", new float[] { 1, 1, 0, 1 })]
    [DataRow("count", new float[] { 1, 2, 0, 1 })]
    public void Old_names_of_output_modes_are_known(string mode, float[] expected)
    {
        using Sequential model = Sequential.FromJson(Model(s_text.Replace("\"int\"", $"\"{mode}\"")
            .Replace("\"output_sequence_length\":4", "\"output_sequence_length\":null")));
        CollectionAssert.AreEqual(expected, model.Predict(["A good idea, good"]).ToArray());
    }

    [TestMethod]
    public void A_vocabulary_that_was_learned_is_not_in_these_files_and_can_be_learned_again()
    {
        using Sequential model =
            Sequential.FromJson(Model(s_text.Replace("[\"good\",\"day\",\"a\"]", "null")));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => model.Predict(["good"])).Message,
            "no vocabulary yet");
        ((TextVectorization)model.Layers[0]).Adapt(["good"]);
        CollectionAssert.AreEqual(new float[] { 2, 0, 0, 0 }, model.Predict(["good"]).ToArray());
    }

    public static IEnumerable<object[]> Numbers =>
    [
        [$"\"IntegerLookup\",\"config\":{{\"name\":\"l\",{Common},\"max_values\":null,\"num_oov_indices\":1,"
            + "\"mask_value\":0,\"oov_value\":-1,\"vocabulary\":[7,9],\"invert\":false}",
            new float[] { 0, 7, 9, 5 }, new float[] { 0, 2, 3, 1 }],
        [$"\"IntegerLookup\",\"config\":{{\"name\":\"l\",{Common},\"invert\":false,\"max_tokens\":null,"
            + "\"num_oov_indices\":1,\"oov_token\":-1,\"mask_token\":null,\"output_mode\":\"int\",\"sparse\":false,"
            + "\"pad_to_max_tokens\":false,\"vocabulary_dtype\":\"int64\",\"idf_weights\":null,\"vocabulary\":[7,9],"
            + "\"vocabulary_size\":3}", new float[] { 0, 7, 9, 5 }, new float[] { 0, 1, 2, 0 }],
        [$"\"Discretization\",\"config\":{{\"name\":\"l\",{Common},\"bins\":[0.0,1.0]}}",
            new float[] { -1, 0, 0.5f, 3 }, new float[] { 0, 1, 1, 2 }],
        [$"\"Discretization\",\"config\":{{\"name\":\"l\",{Common},\"bin_boundaries\":[0.0,1.0],\"num_bins\":null,"
            + "\"epsilon\":0.01,\"output_mode\":\"int\",\"sparse\":false}",
            new float[] { -1, 0, 0.5f, 3 }, new float[] { 0, 1, 1, 2 }],
        [$"\"CategoryEncoding\",\"config\":{{\"name\":\"l\",{Common},\"max_tokens\":4,\"output_mode\":\"binary\","
            + "\"sparse\":false}", new float[] { 0, 1, 1, 3 }, new float[] { 1, 1, 0, 1 }],
        [$"\"CategoryEncoding\",\"config\":{{\"name\":\"l\",{Common},\"num_tokens\":4,\"output_mode\":\"count\","
            + "\"sparse\":false}", new float[] { 0, 1, 1, 3 }, new float[] { 1, 2, 0, 1 }],
        [$"\"Rescaling\",\"config\":{{\"name\":\"l\",{Common},\"scale\":0.5,\"offset\":-1}}",
            new float[] { 0, 2, 4, 6 }, new float[] { -1, 0, 1, 2 }],
        [$"\"Normalization\",\"config\":{{\"name\":\"l\",{Common},\"axis\":null,\"invert\":false,\"mean\":2.0,"
            + "\"variance\":4.0}", new float[] { 0, 2, 4, 6 }, new float[] { -1, 0, 1, 2 }],
        [$"\"Normalization\",\"config\":{{\"name\":\"l\",{Common},\"axis\":[-1],\"mean\":[0,2,4,6],"
            + "\"variance\":[1,1,1,4]}", new float[] { 0, 3, 5, 8 }, new float[] { 0, 1, 1, 1 }],
    ];

    [TestMethod]
    [DynamicData(nameof(Numbers))]
    public void Settings_of_each_version_give_the_same_numbers(string layer, float[] x, float[] expected)
    {
        using Sequential model =
            Sequential.FromJson(Model(Input("float32", "[null,4]"), $"{{\"class_name\":{layer}}}"));
        CollectionAssert.AreEqual(expected, model.Predict(new NDArray(x, 1, 4)).ToArray());
    }

    [TestMethod]
    public void Texts_are_looked_up_and_hashed()
    {
        using Sequential lookup = Sequential.FromJson(Model(Input("string", "[null,1]"), """
            {"class_name":"StringLookup","config":{"name":"l","trainable":true,"dtype":"string","invert":false,
            "max_tokens":null,"num_oov_indices":1,"oov_token":"[UNK]","mask_token":"","vocabulary":["b","a"],
            "encoding":"utf-8"}}
            """));
        CollectionAssert.AreEqual(new float[] { 2, 3, 1, 0 }, lookup.Predict(["b", "a", "c", ""]).ToArray());
        using Sequential hashing = Sequential.FromJson(Model(Input("string", "[null,1]"), """
            {"class_name":"Hashing","config":{"name":"l","trainable":true,"dtype":"int64","num_bins":3,"salt":null,
            "mask_value":"","output_mode":"int","sparse":false}}
            """));
        CollectionAssert.AreEqual(new Hashing(3, "").Call(["b", "a", "c", ""]).ToArray(),
            hashing.Predict(["b", "a", "c", ""]).ToArray());
    }

    [TestMethod]
    public void Layers_of_images_do_what_they_did()
    {
        string[] augmentation =
        [
            """{"class_name":"Resizing","config":{"name":"r","height":2,"width":2,"interpolation":"nearest"}}""",
            """{"class_name":"RandomFlip","config":{"name":"f","mode":"horizontal_and_vertical","seed":null}}""",
            """
            {"class_name":"RandomRotation","config":{"name":"o","factor":0.1,"fill_mode":"reflect","fill_value":0.0,
            "interpolation":"bilinear","seed":null}}
            """,
            """
            {"class_name":"RandomZoom","config":{"name":"z","height_factor":[-0.2,0.3],"width_factor":null,
            "fill_mode":"reflect","fill_value":0.0,"interpolation":"bilinear","seed":7}}
            """,
            """
            {"class_name":"RandomTranslation","config":{"name":"t","height_factor":0.1,"width_factor":0.1,
            "fill_mode":"constant","fill_value":1.0,"interpolation":"bilinear","seed":null}}
            """,
            """{"class_name":"RandomContrast","config":{"name":"c","factor":[0.1,0.2],"seed":null}}""",
            """{"class_name":"CenterCrop","config":{"name":"cc","height":1,"width":2}}""",
        ];
        using Sequential model = Sequential.FromJson(Model([Input("float32", "[null,4,4,1]"), .. augmentation]));
        Assert.AreEqual("horizontal_and_vertical", model.Layers[1].GetConfig()["mode"]!.ToString());
        NDArray y = model.Predict(new NDArray([.. Enumerable.Range(0, 16).Select(i => (float)i)], 1, 4, 4, 1));
        Assert.AreEqual(new Shape([1, 1, 2, 1]), new Shape([.. y.Shape.ToArray().Select(d => (int?)d)]));
    }

    [TestMethod]
    public void Statistics_in_a_model_file_and_in_a_weights_file_are_loaded()
    {
        string json = Model(Input("float32", "[null,2]"), $$$"""
            {"class_name":"Normalization","config":{"name":"normalization",{{{Common}}},"axis":[-1],"invert":false,
            "mean":null,"variance":null}}
            """);
        string folder = Directory.CreateTempSubdirectory("kpl").FullName;
        try
        {
            string model = Path.Combine(folder, "m.h5"), weights = Path.Combine(folder, "w.h5");
            H5File whole = new() { ["model_weights"] = Weights(new H5Group()) };
            whole.Attributes["model_config"] = json;
            whole.Attributes["keras_version"] = "2.11.0";
            whole.Attributes["backend"] = "tensorflow";
            whole.Write(model);
            ((H5File)Weights(new H5File())).Write(weights);
            NDArray x = new float[,] { { 3, 12 } };
            using Sequential loaded = Sequential.Load(model), made = Sequential.FromJson(json);
            made.LoadWeights(weights);
            foreach (Sequential each in new[] { loaded, made })
                CollectionAssert.AreEqual(new float[] { 1, 0.5f }, each.Predict(x).ToArray());
            Assert.IsTrue(KerasFile.Describe(model).CanLoad);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        // The count is an int64.
        static H5Group Weights(H5Group root)
        {
            var group = new H5Group();
            group.Attributes["weight_names"] =
                new[] { "normalization/mean:0", "normalization/variance:0", "normalization/count:0" };
            group["normalization"] = new H5Group
            {
                ["mean:0"] = new float[] { 1, 10 },
                ["variance:0"] = new float[] { 4, 16 },
                ["count:0"] = new H5Dataset(new[] { 40L }, fileDims: []),
            };
            root["normalization"] = group;
            root.Attributes["layer_names"] = new[] { "normalization" };
            root.Attributes["backend"] = "tensorflow";
            root.Attributes["keras_version"] = "2.11.0";
            return root;
        }
    }

    [TestMethod]
    public void A_description_says_what_a_text_layer_takes_and_whether_it_has_a_vocabulary()
    {
        string folder = Directory.CreateTempSubdirectory("kpl").FullName;
        try
        {
            string path = Path.Combine(folder, "m.h5");
            foreach ((string layer, string note) in new[] { (s_text, "takes text; a vocabulary of 3"),
                (s_text.Replace("[\"good\",\"day\",\"a\"]", "null"), "takes text; no vocabulary") })
            {
                H5File file = new() { ["model_weights"] = new H5Group() };
                file.Attributes["model_config"] = Model(layer);
                file.Attributes["keras_version"] = "2.11.0";
                file.Write(path);
                KerasFileDescription described = KerasFile.Describe(path);
                Assert.IsTrue(described.CanLoad);
                Assert.AreEqual("TextVectorization", described.Layers[0].ClassName);
                StringAssert.Contains(described.ToString(), note);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
