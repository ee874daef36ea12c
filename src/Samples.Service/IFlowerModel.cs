namespace Samples.Service;

/// <summary>Tells flowers apart, for several requests at once.</summary>
internal interface IFlowerModel : IDisposable
{
    Answer Predict(Flower flower);
}
