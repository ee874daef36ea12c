namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>An op that consists of products, whose factors a GPU may round.</summary>
internal interface IProductOp
{
    /// <summary>The precision that the layer's policy asks for; null for the model's.</summary>
    FloatPrecision? Precision { get; }
}
