using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>An elementwise operation: its struct, to be closed over others, and its pass over spans.</summary>
internal sealed class Expression
{
    const DynamicallyAccessedMemberTypes Constructors = DynamicallyAccessedMemberTypes.PublicConstructors;

    Expression([DynamicallyAccessedMembers(Constructors)] Type open, SpanPass pass) => (Open, Pass) = (open, pass);

    /// <summary>The struct over any operands.</summary>
    [DynamicallyAccessedMembers(Constructors)]
    public Type Open { get; }

    /// <summary>The operation alone, over values in memory.</summary>
    public SpanPass Pass { get; }

    public static Expression Unary<[DynamicallyAccessedMembers(Constructors)] T>() where T : struct, IExpr =>
        Of<T, N1>();

    public static Expression Binary<[DynamicallyAccessedMembers(Constructors)] T>() where T : struct, IExpr =>
        Of<T, N2>();

    public static Expression Ternary<[DynamicallyAccessedMembers(Constructors)] T>() where T : struct, IExpr =>
        Of<T, N3>();

    [UnconditionalSuppressMessage("Trimming", "IL2072",
        Justification = "A closed type and its definition have the same constructors.")]
    static Expression Of<[DynamicallyAccessedMembers(Constructors)] T, TInputs>()
        where T : struct, IExpr where TInputs : struct, IIndex =>
        new(typeof(T).GetGenericTypeDefinition(), SpanPass.Of<T, TInputs>());
}
