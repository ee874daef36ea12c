using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>What kernels that look something up in each row of a matrix read and write; numbers that name nothing go into the flag.</summary>
internal struct LookupArguments
{
    public ArrayView<float> Indices, Values, Target, Flag;
    public int Rows, Columns, Number;
    public float Low, High;

    /// <summary>The number, cut to a whole one; −1 if it names none of so many things. Whatever was no whole number of them is put into the flag.</summary>
    public static int Checked(float index, int count, ArrayView<float> flag)
    {
        bool known = index >= 0f && index < count;
        int whole = known ? (int)index : -1;
        // 0 is the flag that is down; it names nothing only where there is nothing. Any of several threads may have the last word.
        if (!known || whole != index) flag[0] = index == 0f ? float.NaN : index;
        return whole;
    }
}
