namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// A kernel: a static method over one struct of addresses and sizes, which ILGPU compiles for the device at hand. Kernels walk over their items in strides of the whole grid, so any grid does
/// all of the work. What differs from use to use (an expression, a tile) is a type argument, so each combination is compiled once.
/// </summary>
/// <typeparam name="TArguments">Addresses and sizes.</typeparam>
internal interface IKernel<TArguments> where TArguments : struct
{
    static abstract void Run(TArguments arguments);
}
