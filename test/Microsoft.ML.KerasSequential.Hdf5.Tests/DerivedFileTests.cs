using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models with derived parts are saved to Keras' files, with the state of their optimizers.</summary>
[TestClass]
public sealed class DerivedFileTests
{
    [TestMethod]
    [DataRow(".h5")]
    [DataRow(".keras")]
    public void A_model_of_derived_parts_continues_training_as_if_never_saved(string extension)
    {
        NDArray x = DerivedPartTests.Values(12, 3, 1), y = DerivedPartTests.Values(12, 2, 2);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
        foreach (Optimizer optimizer in DerivedPartTests.OwnOptimizers)
        {
            using Sequential model = DerivedPartTests.Own(optimizer);
            model.Fit(x, y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
            model.Save(path);
            using CustomObjectScope scope = DerivedPartTests.Known();
            using Sequential loaded = Sequential.Load(path);
            foreach (Sequential each in new[] { model, loaded })
                each.Fit(x, y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
            DerivedPartTests.AreEqual([.. model.GetWeights().Select(w => w.ToArray())],
                [.. loaded.GetWeights().Select(w => w.ToArray())]);
        }
        File.Delete(path);
    }
}
