using Microsoft.ML;
using Microsoft.ML.KerasSequential;

namespace Samples.Service;

/// <summary>
/// A pipeline in an ONNX file, from a flower's sizes to the species' scores, on ONNX Runtime: on a GPU if there is one
/// and ONNX Runtime supports CUDA, otherwise on the CPU.
/// </summary>
internal sealed class OnnxModel : IFlowerModel
{
    readonly OnnxScorer _scorer;

    /// <summary>Opens the file; if it does not exist, a pipeline is trained and written to it.</summary>
    public OnnxModel(MLContext ml, string path, Action<string> log)
    {
        if (!File.Exists(path))
        {
            ml.Model.SaveAsOnnx(Flowers.Train(ml), Flowers.Read(ml), path, nameof(Answer.Score));
            log($"{path} did not exist; a pipeline was trained and written to it.");
        }
        _scorer = new(path, new() { Log = log });
        (Shape given, Shape made) = (_scorer.InputShape, _scorer.OutputShape);
        if (given is [_, Flowers.Sizes] && made is [_, var scores] && scores == Flowers.Species.Length) return;
        _scorer.Dispose();
        throw new InvalidDataException(
            $"{path} maps {given} to {made}; expected {Flowers.Sizes} sizes and {Flowers.Species.Length} species.");
    }

    public Answer Predict(Flower flower)
    {
        float[] scores = _scorer.Predict(new NDArray(flower.Features!, [1, Flowers.Sizes])).ToArray();
        return new() { PredictedLabel = Flowers.Species[Array.IndexOf(scores, scores.Max())], Score = scores };
    }

    public void Dispose() => _scorer.Dispose();
}
