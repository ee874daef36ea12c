using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Generic types that are closed at run time: the just-in-time compiler makes code of each.</summary>
internal static class ClosedType
{
    /// <summary>An instance of a generic type over some types.</summary>
    /// <param name="open">The generic type; its constructors stay where programs are trimmed.</param>
    /// <param name="types">What it is closed over.</param>
    /// <param name="arguments">The arguments of its constructor.</param>
    [RequiresDynamicCode("A type is closed over others at run time.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055",
        Justification = "The type parameters are structs without a parameterless constructor that could be lost.")]
    public static object Create(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type open, Type[] types,
        params object[] arguments) => Activator.CreateInstance(open.MakeGenericType(types), arguments)!;
}
