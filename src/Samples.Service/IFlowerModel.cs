namespace Samples.Service;

/// <summary>Classifies flowers, for several requests at once.</summary>
internal interface IFlowerModel : IDisposable
{
    Answer Predict(Flower flower);
}
