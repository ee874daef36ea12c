using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The arguments of kernels that look something up in each row of a matrix; invalid indices are stored in the flag.
/// </summary>
internal struct LookupArguments
{
    public ArrayView<float> Indices, Values, Target, Flag;
    public int Rows, Columns, Number;
    public float Low, High;

    /// <summary>
    /// The index, truncated to an integer; −1 if it is not valid for the count. Any invalid value is stored in the
    /// flag.
    /// </summary>
    public static int Checked(float index, int count, ArrayView<float> flag)
    {
        bool known = index >= 0f && index < count;
        int whole = known ? (int)index : -1;
        // 0 means that the flag is not raised; it is an invalid index only if the count is 0. Any of several threads
        // may write last.
        if (!known || whole != index) flag[0] = index == 0f ? float.NaN : index;
        return whole;
    }
}
