namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Indices used by kernels for lookups.</summary>
internal static unsafe class Numbers
{
    /// <summary>
    /// The index, truncated to an integer; NaN if it is not valid for the count. The first invalid value is stored in
    /// the flag.
    /// </summary>
    public static float Checked(float index, int count, float* flag)
    {
        if (index >= 0f && index < count)
        {
            if (index == (int)index) return index;
            Raise(index, flag);
            return (int)index;
        }
        Raise(index, flag);
        return float.NaN;
    }

    /// <summary>The row that an index means: it is truncated, and limited to the rows that exist.</summary>
    public static int Nearest(float index, int rows) =>
        !(index >= 1f) ? 0 : index < rows ? Math.Min((int)index, rows - 1) : rows - 1;

    static void Raise(float index, float* flag)
    {
        // 0 means that the flag is not raised; it is an invalid index only if the count is 0.
        if (*flag == 0f) *flag = index == 0f ? float.NaN : index;
    }
}
