using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Sums of products by equation.
public static partial class K
{
    /// <summary>
    /// A sum of products of two tensors, with a letter for each dimension, such as <c>abc,cd->abd</c> (Keras
    /// <c>keras.ops.einsum</c>). Letters that the result lacks are summed over. An ellipsis stands for any number of
    /// dimensions.
    /// </summary>
    /// <param name="equation">The letters of both tensors and of the result.</param>
    /// <param name="x">The first tensor.</param>
    /// <param name="y">The second tensor.</param>
    /// <returns>A tensor with the dimensions of the result.</returns>
    /// <exception cref="ArgumentException">The equation is invalid, or the shapes do not match it.</exception>
    public static Tensor Einsum(string equation, Tensor x, Tensor y) => Einsum(equation, x, y, integers: false);

    /// <summary>The same, perhaps of integers from −128 to 127, of which y may be packed.</summary>
    internal static Tensor Einsum(string equation, Tensor x, Tensor y, bool integers)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        EinsumEquation labels = EinsumEquation.Parse(equation, x.Rank, y.Rank);
        (string a, string b, string result) = (labels.First, labels.Second, labels.Result);
        var sizes = new Dictionary<char, Dim>();
        foreach ((char label, Dim size) in a.Zip(x.Dims).Concat(b.Zip(y.Dims)))
        {
            bool isKnown = sizes.TryGetValue(label, out Dim known);
            if (isKnown && !Dim.MayEqual(known, size))
                throw new ArgumentException($"Einsum: a dimension of {x.Shape} and {y.Shape} has two sizes in " +
                    $"\"{equation}\".", nameof(equation));
            if (!isKnown || known.Constant is null) sizes[label] = size;
        }
        int dimensions = a.Length + b.Length;
        (x, a) = SummedOver(x, a, label => !b.Contains(label) && !result.Contains(label));
        (y, b) = SummedOver(y, b, label => !a.Contains(label) && !result.Contains(label));
        // Sums of integers may be too large.
        integers &= a.Length + b.Length == dimensions;
        string summed = Those(a, label => !result.Contains(label));
        if (summed.Length == 0) return Aligned(x, a, result) * Aligned(y, b, result);

        string both = Those(a, label => b.Contains(label) && result.Contains(label)),
            left = Those(a, label => !b.Contains(label)), right = Those(b, label => !a.Contains(label));
        Tensor product;
        if (both.Length == 0)
        {
            Tensor rows = Grouped(x, a, [.. left.Select(l => $"{l}"), summed], sizes);
            if (left.Length == 0) rows = ExpandDims(rows, 0);
            // A packed weight is read as it is in either order.
            bool transposed = integers && b == right + summed;
            Tensor columns = Grouped(y, b, transposed ? [right, summed] : [summed, right], sizes);
            product = integers ? IntegerDot(rows, columns, transposed) : new(new MatMul(false, false), rows, columns);
        }
        else
        {
            string[] each = [.. both.Select(l => $"{l}")];
            product = new(new BatchMatMul(false, false), Grouped(x, a, [.. each, left, summed], sizes),
                Grouped(y, b, [.. each, summed, right], sizes));
        }
        string order = both + left + right;
        Tensor whole = Reshaped(product, new([.. order.Select(label => sizes[label])]));
        return Turned(whole, [.. result.Select(label => order.IndexOf(label))]);
    }

    static string Those(string labels, Func<char, bool> which) => string.Concat(labels.Where(which));

    static (Tensor, string) SummedOver(Tensor x, string labels, Func<char, bool> which)
    {
        int[] axes = [.. Enumerable.Range(0, labels.Length).Where(i => which(labels[i]))];
        return axes.Length == 0 ? (x, labels) : (Sum(x, axes), Those(labels, label => !which(label)));
    }

    /// <summary>The dimensions in the order of the result, with a size of 1 for those that x does not have.</summary>
    internal static Tensor Aligned(Tensor x, string labels, string result)
    {
        Tensor turned = Turned(x, [.. result.Where(l => labels.Contains(l)).Select(l => labels.IndexOf(l))]);
        return Reshaped(turned, new([.. result.Select(l => labels.Contains(l) ? x.Dims[labels.IndexOf(l)] : 1)]));
    }

    /// <summary>One dimension for each group of labels.</summary>
    static Tensor Grouped(Tensor x, string labels, string[] groups, Dictionary<char, Dim> sizes) =>
        Reshaped(Turned(x, [.. string.Concat(groups).Select(l => labels.IndexOf(l))]),
            new([.. groups.Select(group => group.Aggregate((Dim)1, (size, l) => size * sizes[l]))]));

    static Tensor Turned(Tensor x, int[] order) =>
        order.SequenceEqual(Enumerable.Range(0, x.Rank)) ? x : PermuteDimensions(x, order);

    static Tensor Reshaped(Tensor x, Dims dims) => x.Dims.Equals(dims) ? x : new(new Reshape(dims), x);
}
