using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of pooling.</summary>
[TestClass]
public sealed class PoolingSuite
{
    [TestMethod]
    [DataRow("channels_first")]
    [DataRow("channels_last")]
    public void Pooling_layers_meet_the_requirements_of_every_layer(string dataFormat)
    {
        bool first = dataFormat == "channels_first";
        foreach (string padding in new[] { "valid", "same" })
            foreach (int strides in new[] { 1, 2 })
            {
                Run(() => new MaxPooling1D(strides: strides, padding: padding, dataFormat: dataFormat), [3, 5, 4]);
                Run(() => new AveragePooling1D(strides: strides, padding: padding, dataFormat: dataFormat), [3, 5, 4]);
            }
        int?[] square = first ? [3, 4, 5, 6] : [3, 5, 6, 4], cube = first ? [3, 4, 11, 12, 10] : [3, 11, 12, 10, 4];
        foreach (Sizes strides in new Sizes[] { (1, 1), (2, 3) })
            Run(() => new MaxPooling2D((3, 3), strides, dataFormat: dataFormat), square);
        Run(() => new AveragePooling2D((2, 2), (2, 2), "same", dataFormat), square);
        Run(() => new AveragePooling2D((2, 2), (2, 2), "valid", dataFormat), square);
        Run(() => new AveragePooling2D((2, 2), (1, 1), "valid", dataFormat), square);
        foreach (int strides in new[] { 2, 3 })
        {
            Run(() => new MaxPooling3D([3, 3, 3], strides, dataFormat: dataFormat), cube);
            Run(() => new AveragePooling3D([3, 3, 3], strides, dataFormat: dataFormat), cube);
        }
        Run(() => new GlobalMaxPooling1D(dataFormat), [3, 4, 5]);
        Run(() => new GlobalAveragePooling1D(dataFormat), [3, 4, 5]);
        Run(() => new GlobalMaxPooling2D(dataFormat), [3, 4, 5, 6]);
        Run(() => new GlobalAveragePooling2D(dataFormat), [3, 4, 5, 6]);
        Run(() => new GlobalMaxPooling3D(dataFormat), [3, 4, 3, 4, 3]);
        Run(() => new GlobalAveragePooling3D(dataFormat), [3, 4, 3, 4, 3]);
    }

    [TestMethod]
    public void Averages_over_steps_exclude_masked_steps()
    {
        using var model = new Sequential([new Masking(inputShape: [3, 4]), new GlobalAveragePooling1D()]);
        model.Compile("adam", "mae");
        NDArray x = Integers(1, 5, 2, 3, 4);
        x.Span.Slice(4, 8).Clear();
        CollectionAssert.AreEqual(x.Span[..4].ToArray(), model.Predict(x).Span[..4].ToArray());
    }
}
