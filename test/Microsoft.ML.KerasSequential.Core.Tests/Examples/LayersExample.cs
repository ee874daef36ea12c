using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/layers.md.</summary>
[TestClass]
public sealed class LayersExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        var features = new Sequential([
            new Conv2D(8, 3, padding: "same", activation: "relu", inputShape: [8, 8, 1]),
            new Branches([
                new Conv2D(4, 1),
                new Conv2D(4, 3, padding: "same"),
                new MaxPooling2D(3, strides: 1, padding: "same"),
            ], merge: "concat"),
            new Residual([new BatchNormalization(), new Activation("relu"), new Conv2D(16, 3, padding: "same")]),
            new GlobalAveragePooling2D(),
        ], name: "features");

        using var model = new Sequential([features, new Dense(3, activation: "softmax")]);
        model.Summary(printFn: _ => { });

        features.Trainable = false;
        model.Compile("adam", "categorical_crossentropy");
        int trained = model.TrainableWeights.Count;
        #endregion
        Assert.AreEqual(2, trained);
        Assert.AreEqual(3, model.OutputShape[-1]);
    }
}
