namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// An elementwise expression as a type: a chain of operations is a nested generic struct, closed at run time, which the
/// compiler turns into one loop without calls. Written once, for any lane.
/// </summary>
internal interface IExpr
{
    T Eval<T>(in Args<T> args) where T : struct, ILane<T>;
}

/// <summary>The statements of a fused kernel: each binds the value of an expression to a slot.</summary>
internal interface IProgram
{
    void Run<T>(ref Args<T> args) where T : struct, ILane<T>;
}

/// <summary>A number as a type, so that loops over it unroll.</summary>
internal interface IIndex
{
    static abstract int Value { get; }
}

/// <summary>The values at one position: those read from memory, and those bound by earlier statements.</summary>
internal struct Args<T> where T : struct, ILane<T>
{
    public const int InputSlots = 8, BoundSlots = 6;

    public T I0, I1, I2, I3, I4, I5, I6, I7;
    public T B0, B1, B2, B3, B4, B5;
}

internal readonly struct N0 : IIndex { public static int Value => 0; }
internal readonly struct N1 : IIndex { public static int Value => 1; }
internal readonly struct N2 : IIndex { public static int Value => 2; }
internal readonly struct N3 : IIndex { public static int Value => 3; }
internal readonly struct N4 : IIndex { public static int Value => 4; }
internal readonly struct N5 : IIndex { public static int Value => 5; }
internal readonly struct N6 : IIndex { public static int Value => 6; }
internal readonly struct N7 : IIndex { public static int Value => 7; }
internal readonly struct N8 : IIndex { public static int Value => 8; }

internal static class Index
{
    static readonly Type[] s_types =
        [typeof(N0), typeof(N1), typeof(N2), typeof(N3), typeof(N4), typeof(N5), typeof(N6), typeof(N7), typeof(N8)];

    public static Type Type(int value) => s_types[value];

    public static int Value(Type type) => Array.IndexOf(s_types, type);
}
