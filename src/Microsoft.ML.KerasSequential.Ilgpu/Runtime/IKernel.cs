namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// A kernel: a static method over one struct of addresses and sizes, which ILGPU compiles for the current device.
/// Kernels process their items in strides of the entire grid, so a grid of any size does all of the work. Whatever
/// differs between uses (an expression, a tile) is a type argument, so each combination is compiled once.
/// </summary>
/// <typeparam name="TArguments">Addresses and sizes.</typeparam>
internal interface IKernel<TArguments> where TArguments : struct
{
    static abstract void Run(TArguments arguments);
}
