using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

internal static class ItemTypes
{
    /// <summary>The type of a vector's items, or the type itself.</summary>
    public static DataViewType ItemType(this DataViewType type) =>
        type is VectorDataViewType vector ? vector.ItemType : type;
}
