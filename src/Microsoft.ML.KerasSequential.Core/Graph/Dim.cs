namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>A size that is bound only when a plan is bound: the batch size, or the free length of a sequence.</summary>
internal sealed class Symbol(string name)
{
    static int s_count;

    readonly int _order = Interlocked.Increment(ref s_count);

    /// <summary>The number of samples in a batch: the first dimension of every input.</summary>
    public static Symbol Batch { get; } = new("batch");

    public string Name { get; } = name;

    public static int Compare(Symbol a, Symbol b) => a._order.CompareTo(b._order);
}

/// <summary>The values of the symbols in one binding of a plan.</summary>
internal sealed class Bindings(IReadOnlyDictionary<Symbol, int> values)
{
    public int this[Symbol symbol] => values[symbol];
}

/// <summary>
/// A dimension: a constant times any number of symbols (28, batch, 3·batch·time). Products are all that shapes need:
/// flattening multiplies, and a <c>-1</c> in a reshape divides.
/// </summary>
internal readonly struct Dim : IEquatable<Dim>
{
    static readonly Symbol[] s_none = [];

    readonly Symbol[]? _symbols;

    Dim(int factor, Symbol[] symbols) =>
        (Factor, _symbols) = (factor, symbols.Length == 0 || factor == 0 ? null : symbols);

    public int Factor { get; }

    public static Dim Batch { get; } = Free(Symbol.Batch);

    public static Dim Free(Symbol symbol) => new(1, [symbol]);

    public static implicit operator Dim(int value) => new(value, s_none);

    public ReadOnlySpan<Symbol> Symbols => _symbols;

    /// <summary>The size, if it contains no symbol.</summary>
    public int? Constant => _symbols is null ? Factor : null;

    /// <summary>The symbol, if the size is exactly one symbol.</summary>
    public Symbol? Symbol => Factor == 1 && _symbols is [var symbol] ? symbol : null;

    public bool IsOne => _symbols is null && Factor == 1;

    public static Dim operator *(Dim a, Dim b)
    {
        Symbol[] symbols = [.. a.Symbols, .. b.Symbols];
        Array.Sort(symbols, Symbol.Compare);
        return new(ToSize((long)a.Factor * b.Factor), symbols);
    }

    /// <summary>Divides if the division is exact for every value of the symbols.</summary>
    public bool TryDivide(Dim divisor, out Dim quotient)
    {
        quotient = default;
        if (divisor.Factor == 0 || Factor % divisor.Factor != 0) return false;
        List<Symbol> rest = [.. Symbols];
        foreach (Symbol symbol in divisor.Symbols)
            if (!rest.Remove(symbol)) return false;
        quotient = new(Factor / divisor.Factor, [.. rest]);
        return true;
    }

    /// <summary>Whether two sizes are equal, or may be once free sizes are known.</summary>
    public static bool MayEqual(Dim a, Dim b) => a == b || a.Constant is null || b.Constant is null;

    public int Evaluate(Bindings bindings)
    {
        int value = Factor;
        foreach (Symbol symbol in Symbols) value = ToSize((long)value * bindings[symbol]);
        return value;
    }

    /// <summary>The value for a batch size other than the bound one.</summary>
    public int Evaluate(Bindings bindings, int batch)
    {
        int value = Factor;
        foreach (Symbol symbol in Symbols)
            value = ToSize((long)value * (symbol == Symbol.Batch ? batch : bindings[symbol]));
        return value;
    }

    static int ToSize(long size) => size is <= Counts.Largest and >= -Counts.Largest ? (int)size
        : throw new ArgumentException($"A tensor cannot have {size} elements; the limit is {Counts.Largest}.",
            nameof(size));

    public bool Equals(Dim other) => Factor == other.Factor && Symbols.SequenceEqual(other.Symbols);

    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Factor);
        foreach (Symbol symbol in Symbols) hash.Add(symbol);
        return hash.ToHashCode();
    }

    public static bool operator ==(Dim a, Dim b) => a.Equals(b);

    public static bool operator !=(Dim a, Dim b) => !a.Equals(b);

    public override string ToString()
    {
        string names = string.Join("·", Symbols.ToArray().Select(s => s.Name));
        return names.Length == 0 ? Factor.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Factor == 1 ? names : $"{Factor}·{names}";
    }
}
