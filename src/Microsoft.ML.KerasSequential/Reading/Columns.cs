namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Columns by role, and the errors for missing columns and wrong types.</summary>
internal static class Columns
{
    /// <exception cref="ArgumentOutOfRangeException">The column does not exist.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, role, schema.Where(c => !c.IsHidden).Select(c => c.Name));

    /// <exception cref="ArgumentOutOfRangeException">The column does not exist.</exception>
    public static SchemaShape.Column Find(SchemaShape shape, string name, string role) =>
        shape.Any(c => c.Name == name) ? shape.Last(c => c.Name == name)
        : throw Missing(name, role, shape.Select(c => c.Name));

    public static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string? got) =>
        Complaint.Mismatch("inputSchema",
            $"Schema mismatch for {role} column \"{name}\": expected {expected}, but got {got}.");

    static ArgumentOutOfRangeException Missing(string name, string role, IEnumerable<string> present) =>
        Complaint.Mismatch("inputSchema",
            $"Could not find {role} column \"{name}\". The columns are "
            + $"{string.Join(", ", present.Select(p => $"\"{p}\""))}.");
}
