using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Generic types that are closed at run time, so that the JIT compiler generates code for each.</summary>
internal static class ClosedType
{
    /// <summary>Creates an instance of a generic type over some types.</summary>
    /// <param name="open">The generic type; its constructors are kept when programs are trimmed.</param>
    /// <param name="types">The type arguments.</param>
    /// <param name="arguments">The constructor's arguments.</param>
    [RequiresDynamicCode("A type is closed over others at run time.")]
    [UnconditionalSuppressMessage("Trimming", "IL2055",
        Justification = "The type parameters are structs without a parameterless constructor that could be lost.")]
    public static object Create(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type open, Type[] types,
        params object[] arguments) => Activator.CreateInstance(open.MakeGenericType(types), arguments)!;
}
