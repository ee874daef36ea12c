namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>How a label becomes what the loss takes.</summary>
internal enum TargetForm
{
    /// <summary>The numbers as they are.</summary>
    Values,

    /// <summary>1 for yes, 0 for no: a number above 0 is a yes.</summary>
    YesOrNo,

    /// <summary>The number of a class, from 0.</summary>
    ClassNumber,

    /// <summary>1 at the class, 0 elsewhere.</summary>
    OneHot,
}

/// <summary>The label column in the form that the loss takes.</summary>
/// <param name="Label">The column.</param>
/// <param name="Form">The form.</param>
/// <param name="Classes">The number of classes, where there are classes.</param>
/// <param name="SampleShape">The shape of a sample's target.</param>
internal sealed record TargetColumn(LabelSchema Label, TargetForm Form, int Classes, int[] SampleShape)
{
    /// <summary>The numbers of a row's target.</summary>
    public int Size => Form == TargetForm.OneHot ? Classes : Label.Kind == LabelKind.Key ? 1 : Label.Size;

    /// <summary>Reads the rows of a cursor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The view lacks the column, or it is of another type.</exception>
    public Reader Open(DataViewRow row) => new(this, row, ColumnReader.Of(row, row.Schema[Label.Name]));

    /// <summary>Reads the label of one cursor.</summary>
    public sealed class Reader(TargetColumn target, DataViewRow row, ColumnReader column)
    {
        readonly float[] _single = new float[1];

        /// <summary>The target of the row where the cursor stands.</summary>
        /// <param name="destination">As many places as the target has numbers.</param>
        /// <param name="classNumber">The class, where there are classes; else 0.</param>
        /// <returns>False if the label is missing.</returns>
        /// <exception cref="InvalidOperationException">The label is no class.</exception>
        public bool Read(Span<float> destination, out int classNumber)
        {
            classNumber = 0;
            if (target.Form == TargetForm.Values)
            {
                column.Read(destination);
                return Finite.All(destination);
            }
            column.Read(_single);
            float value = _single[0];
            if (target.Label.Kind == LabelKind.Key) value -= 1;
            if (!float.IsFinite(value) || (target.Label.Kind == LabelKind.Key && value < 0)) return false;
            if (target.Form == TargetForm.YesOrNo && target.Label.Kind == LabelKind.Number) value = value > 0 ? 1 : 0;
            if (value < 0 || value >= target.Classes || value != MathF.Floor(value))
                throw new InvalidOperationException($"The label \"{target.Label.Name}\" is {value} in row {row.Position}; with {target.Classes} classes it must be a whole number from 0 to {target.Classes - 1}.");
            classNumber = (int)value;
            if (target.Form == TargetForm.OneHot)
            {
                destination.Clear();
                destination[classNumber] = 1;
                return true;
            }
            destination[0] = value;
            return true;
        }
    }
}
