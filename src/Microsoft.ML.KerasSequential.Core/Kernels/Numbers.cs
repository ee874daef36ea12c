namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Numbers by which kernels look something up.</summary>
internal static unsafe class Numbers
{
    /// <summary>The number, cut to a whole one; NaN if it names none of so many things. The first that was no whole number of them is put into the flag.</summary>
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

    static void Raise(float index, float* flag)
    {
        // 0 is the flag that is down; it names nothing only where there is nothing.
        if (*flag == 0f) *flag = index == 0f ? float.NaN : index;
    }
}
