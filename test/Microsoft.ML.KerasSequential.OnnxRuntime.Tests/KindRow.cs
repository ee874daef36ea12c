using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A row with a column of each type.</summary>
internal sealed class KindRow
{
    public float Size { get; set; }

    public float Gap { get; set; }

    public double Age { get; set; }

    public sbyte Signed { get; set; }

    public byte Level { get; set; }

    public short Floor { get; set; }

    public ushort Year { get; set; }

    public int Rooms { get; set; }

    public uint Count { get; set; }

    public long Number { get; set; }

    public ulong Code { get; set; }

    public bool Garden { get; set; }

    public string Town { get; set; } = "";

    public string Place { get; set; } = "";

    public string Advert { get; set; } = "";

    [VectorType(4)]
    public float[] Distances { get; set; } = [];

    [VectorType(4)]
    public float[] Gaps { get; set; } = [];

    [VectorType(3)]
    public double[] Doubles { get; set; } = [];

    [VectorType(3)]
    public int[] Whole { get; set; } = [];

    [VectorType(3)]
    public bool[] Flags { get; set; } = [];

    [VectorType(2)]
    public string[] Towns { get; set; } = [];

    [VectorType(6, 6, 1)]
    public float[] Photo { get; set; } = [];

    public float Price { get; set; }
}

/// <summary>A column that replaces one of the row's.</summary>
internal sealed class InPlace
{
    [VectorType(4)]
    public float[] Gaps { get; set; } = [];
}
