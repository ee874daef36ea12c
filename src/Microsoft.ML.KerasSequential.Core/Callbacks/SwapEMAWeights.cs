using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Exchanges the weights with their moving averages for evaluation and prediction, and back again (Keras 3
/// <c>keras.callbacks.SwapEMAWeights</c>). The optimizer must keep averages: see <see cref="Optimizer.UseEma"/>.
/// </summary>
/// <param name="swapOnEpoch">
/// true to exchange them also at the end of each epoch, so that callbacks after this one save the averages, and back at
/// the start of the next; otherwise, false.
/// </param>
public class SwapEMAWeights(bool swapOnEpoch = false) : Callback
{
    bool _isSwapped;

    /// <summary>Gets a value that indicates whether weights are exchanged at the end of each epoch.</summary>
    public bool SwapOnEpoch => swapOnEpoch;

    internal override void Check(TrainingPlan plan)
    {
        if (plan.Model.Optimizer is not { KeepsAverages: true })
            throw new InvalidOperationException("SwapEMAWeights needs an optimizer that keeps averages of the " +
                "weights: set its UseEma to true.");
    }

    /// <inheritdoc/>
    public override void OnTrainBegin() => _isSwapped = false;

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch)
    {
        if (swapOnEpoch && _isSwapped) Swap();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        if (!swapOnEpoch || _isSwapped) return;
        Swap();
        // The averages are the model's final weights.
        if (epoch == Params.Epochs - 1)
            foreach ((Variable weight, Variable average) in Pairs()) average.SetValue(weight.GetValue());
    }

    /// <inheritdoc/>
    public override void OnTestBegin()
    {
        if (!_isSwapped) Swap();
    }

    /// <inheritdoc/>
    public override void OnTestEnd()
    {
        if (_isSwapped) Swap();
    }

    /// <inheritdoc/>
    public override void OnPredictBegin()
    {
        if (!_isSwapped) Swap();
    }

    /// <inheritdoc/>
    public override void OnPredictEnd()
    {
        if (_isSwapped) Swap();
    }

    void Swap()
    {
        foreach ((Variable weight, Variable average) in Pairs())
        {
            NDArray value = weight.GetValue();
            weight.SetValue(average.GetValue());
            average.SetValue(value);
        }
        _isSwapped = !_isSwapped;
    }

    /// <summary>None before the first update.</summary>
    IEnumerable<(Variable, Variable)> Pairs()
    {
        Optimizer optimizer = Model.Optimizer!;
        if (optimizer.Batches == 0 && optimizer.Inner.All(i => i.Batches == 0)) yield break;
        foreach (Variable weight in Model.TrainableWeights)
            if (optimizer.AverageOf(weight) is { } average) yield return (weight, average);
    }
}
