// ILGPU has an interface of this name, too.
global using IIndex = Microsoft.ML.KerasSequential.Numerics.IIndex;
