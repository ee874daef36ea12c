using Microsoft.ML;
using Microsoft.ML.KerasSequential;

namespace Samples.Service;

/// <summary>
/// A pipeline as an ONNX file, from a flower's sizes to the scores of the species, on ONNX Runtime: on a GPU if there is
/// one and ONNX Runtime has CUDA, else on the CPU.
/// </summary>
internal sealed class OnnxModel : IFlowerModel
{
    readonly OnnxScorer _scorer;

    /// <summary>Opens the file; where there is none yet, a pipeline is trained and written there.</summary>
    public OnnxModel(MLContext ml, string path, Action<string> log)
    {
        if (!File.Exists(path))
        {
            ml.Model.SaveAsOnnx(Flowers.Train(ml), Flowers.Read(ml), path, nameof(Answer.Score));
            log($"{path} was not there; a pipeline was trained and written to it.");
        }
        _scorer = new(path, new() { Log = log });
        (Shape given, Shape made) = (_scorer.InputShape, _scorer.OutputShape);
        if (given is [_, Flowers.Sizes] && made is [_, var scores] && scores == Flowers.Species.Length) return;
        _scorer.Dispose();
        throw new InvalidDataException(
            $"{path} makes {made} of {given}; a flower has {Flowers.Sizes} sizes and one of {Flowers.Species.Length} species.");
    }

    public Answer Predict(Flower flower)
    {
        float[] scores = _scorer.Predict(new NDArray(flower.Features!, [1, Flowers.Sizes])).ToArray();
        return new() { PredictedLabel = Flowers.Species[Array.IndexOf(scores, scores.Max())], Score = scores };
    }

    public void Dispose() => _scorer.Dispose();
}
