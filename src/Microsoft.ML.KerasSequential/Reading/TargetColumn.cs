namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>How a label is converted for the loss.</summary>
internal enum TargetForm
{
    /// <summary>The numbers unchanged.</summary>
    Values,

    /// <summary>1 for true, 0 for false: a number above 0 is true.</summary>
    YesOrNo,

    /// <summary>A class index, from 0.</summary>
    ClassNumber,

    /// <summary>A one-hot vector of the class.</summary>
    OneHot,
}

/// <summary>The label column in the form that the loss expects.</summary>
/// <param name="Label">The column.</param>
/// <param name="Form">The form.</param>
/// <param name="Classes">The number of classes, if there are classes.</param>
/// <param name="SampleShape">The shape of a sample's target.</param>
internal sealed record TargetColumn(LabelSchema Label, TargetForm Form, int Classes, int[] SampleShape)
{
    /// <summary>The number of target values in a row.</summary>
    public int Size => Form == TargetForm.OneHot ? Classes : Label.Kind == LabelKind.Key ? 1 : Label.Size;

    /// <summary>Reads the rows of a cursor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data view lacks the column, or it has another
    /// type.</exception>
    public Reader Open(DataViewRow row) => new(this, row, ColumnReader.Of(row, row.Schema[Label.Name]));

    /// <summary>Reads the label of one cursor.</summary>
    public sealed class Reader(TargetColumn target, DataViewRow row, ColumnReader column)
    {
        readonly float[] _single = new float[1];

        /// <summary>Reads the target of the cursor's current row.</summary>
        /// <param name="destination">A span with as many elements as the target has values.</param>
        /// <param name="classNumber">The class, if there are classes; otherwise 0.</param>
        /// <returns>False if the label is missing.</returns>
        /// <exception cref="InvalidOperationException">The label is not a class.</exception>
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
                throw new InvalidOperationException($"The label \"{target.Label.Name}\" is {value} in row "
                    + $"{row.Position}; with {target.Classes} classes it must be an integer from 0 to "
                    + $"{target.Classes - 1}.");
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
