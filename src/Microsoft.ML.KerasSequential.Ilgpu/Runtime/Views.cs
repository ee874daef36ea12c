using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>Parts of memory that may be empty, even at its end.</summary>
internal static class Views
{
    public static ArrayView<T> From<T>(this ArrayView<T> view, long start) where T : unmanaged =>
        view.Slice(start, view.Length - start);

    public static ArrayView<T> Slice<T>(this ArrayView<T> view, long start, long length) where T : unmanaged =>
        length == 0 ? view.SubView(0, 0) : view.SubView(start, length);
}
