using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Every class, function, and argument of Keras 3.15 that a Sequential can use exists, or has a reason in
/// <see cref="Keras3Reasons"/>; the page <c>docs/keras3.md</c> is the result. To write the page, set the environment
/// variable <c>KERASML_WRITE_DOCS</c> to its path.
/// </summary>
[TestClass]
public sealed class Keras3ApiTests
{
    sealed record Entry(string Section, string Name, string Kind, (string Name, string? Default)[] Parameters)
    {
        public string Key => $"{Section}.{Name}";
    }

    sealed record Row(Entry Entry, bool Exists, string[] Remarks);

    static readonly HashSet<string> s_used = [];

    static readonly Dictionary<string, Func<string, bool>> s_names = new()
    {
        ["layers"] = _ => false,
        ["losses"] = name => Knows(() => { Loss _ = name; }),
        ["metrics"] = name => Knows(() => { Metric _ = name; }),
        ["optimizers"] = name => Knows(() => { Optimizer _ = name; }),
        ["optimizers.schedules"] = _ => false,
        ["callbacks"] = _ => false,
        ["initializers"] = name => Knows(() => { Initializers.Initializer _ = name; }),
        ["regularizers"] = name => Knows(() => { Regularizers.Regularizer _ = name; }),
        ["constraints"] = name => Knows(() => { Constraints.Constraint _ = name; }),
        ["activations"] = name => Knows(() => { ActivationFunction _ = name; }),
    };

    [TestMethod]
    public void Everything_of_Keras_3_is_here_or_has_a_reason()
    {
        List<Row> rows = [.. Entries().Select(Compare)];
        string[] unexplained =
            [.. rows.SelectMany(r => r.Remarks.Where(m => m.EndsWith(": ?", StringComparison.Ordinal))
            .Select(m => $"{r.Entry.Key} {m}"))];
        Assert.IsEmpty(unexplained, string.Join("\n", unexplained));
        string[] stale = [.. Keras3Reasons.All.Keys.Except(s_used)];
        Assert.IsEmpty(stale, $"reasons for what is here: {string.Join(", ", stale)}");

        string page = Page(rows);
        if (Environment.GetEnvironmentVariable("KERASML_WRITE_DOCS") is { Length: > 0 } path)
            File.WriteAllText(path, page);
        Assert.AreEqual(page, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "keras3.md")));
    }

    static IEnumerable<Entry> Entries() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "keras3", "api.txt"))
            .Where(l => !l.StartsWith('#')).Select(l => l.Split('\t'))
            .Select(f => new Entry(f[0], f[1], f[2], [.. f[3].Split("; ", StringSplitOptions.RemoveEmptyEntries)
                .Select(p => p.Split('=', 2)).Select(p => (p[0], p.Length > 1 ? p[1] : null))]));

    static Row Compare(Entry entry)
    {
        if (entry.Section == "Sequential") return Method(entry);
        Type? type = entry.Kind == "class" ? TypeOf(entry) : null;
        bool exists = type is not null || s_names[entry.Section](entry.Name);
        if (!exists) return new(entry, false, [Reason(entry.Key, null)]);
        ParameterInfo[] own = type?.GetConstructors(BindingFlags.Public | BindingFlags.Instance)
            .SelectMany(c => c.GetParameters()).ToArray() ?? [];
        HashSet<string> settings = [.. type?.GetProperties().Where(p => p.SetMethod is { IsPublic: true })
            .Select(p => p.Name) ?? []];
        return new(entry, true, type is null || type.IsAbstract ? [] : Remarks(entry, own, settings));
    }

    static Row Method(Entry entry)
    {
        string name = Pascal(entry.Name);
        IEnumerable<MethodInfo> methods = typeof(Sequential).GetMethods()
            .Concat(new[] { typeof(SequentialWithLambdas), typeof(SequentialWithOneCallback) }
                .SelectMany(t => t.GetMethods().Where(m => m.IsDefined(typeof(ExtensionAttribute)))))
            .Where(m => m.Name == name && m.IsPublic);
        if (entry.Kind == "property" ? typeof(Sequential).GetProperty(name) is null && !methods.Any() : !methods.Any())
            return new(entry, false, [Reason(entry.Key, null)]);
        return new(entry, true, Remarks(entry, [.. methods.SelectMany(m => m.GetParameters())]));
    }

    /// <summary>Arguments that are missing, and defaults that are those of Keras 2.3.</summary>
    static string[] Remarks(Entry entry, ParameterInfo[] own, HashSet<string>? settings = null)
    {
        var remarks = new List<string>();
        foreach ((string name, string? value) in entry.Parameters)
        {
            ParameterInfo? parameter = own.FirstOrDefault(p => p.Name == SignatureTests.Camel(name, upper: false));
            if (parameter is null && settings?.Contains(Pascal(name)) == true) continue;
            if (parameter is null) remarks.Add(Reason(entry.Key, name));
            else if (Different(value, parameter) is { } ours)
                remarks.Add($"`{name}`: {ours} by default, as in Keras 2.3");
        }
        return [.. remarks];
    }

    /// <summary>Our default, if both are simple values and differ.</summary>
    static string? Different(string? theirs, ParameterInfo ours)
    {
        if (theirs is null || !ours.HasDefaultValue || ours.DefaultValue is null) return null;
        switch (ours.DefaultValue)
        {
            case bool flag:
                return theirs is "True" or "False" && flag != (theirs == "True") ? (flag ? "true" : "false") : null;
            case IConvertible number and not string:
                return double.TryParse(theirs, CultureInfo.InvariantCulture, out double value)
                    && value != number.ToDouble(CultureInfo.InvariantCulture)
                    ? number.ToString(CultureInfo.InvariantCulture) : null;
            case string text:
                return theirs.Trim('\'') != text && theirs.StartsWith('\'') ? $"`{text}`" : null;
            default:
                return null;
        }
    }

    static string Reason(string key, string? parameter)
    {
        string[] keys = parameter is null ? [key, $"{key.Split('.')[0]}.*", $"*.{key.Split('.')[^1]}"]
            : [$"{key}.{parameter}", $"*.{parameter}"];
        string? found = keys.FirstOrDefault(Keras3Reasons.All.ContainsKey);
        if (found is not null) s_used.Add(found);
        string what = found is null ? "?" : Keras3Reasons.All[found];
        return parameter is null ? found is null ? "missing: ?" : what : $"`{parameter}`: {what}";
    }

    static string Page(List<Row> rows)
    {
        var page = new StringBuilder("""
            # Keras 3.15, name by name

            What the public API of Keras 3.15 contains for a `Sequential`, what of it is here, and why the rest is not.
            A test creates this page from Keras' own list. Every layer also takes `name`, `trainable`, `inputShape`,
            `batchInputShape`, and `batchSize`. Names are those of Keras in .NET casing: `batch_size` becomes
            `batchSize`. Some arguments are properties, which are set in braces: `new Adam(0.01) { UseEma = true }`.

            """.ReplaceLineEndings("\n"));
        foreach (IGrouping<string, Row> section in rows.GroupBy(r => r.Entry.Section))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n");
            Row[] whole = [.. section.Where(r => r.Exists && r.Remarks.Length == 0)];
            if (whole.Length > 0)
                page.Append("Here, with all arguments: ")
                    .AppendJoin(", ", whole.Select(r => $"`{r.Entry.Name}`")).Append(".\n\n");
            Row[] others = [.. section.Except(whole)];
            if (others.Length == 0) continue;
            page.Append("| name | here | remarks |\n|---|---|---|\n");
            foreach (Row row in others)
                page.Append(CultureInfo.InvariantCulture,
                    $"| `{row.Entry.Name}` | {(row.Exists ? "yes" : "no")} | {string.Join("; ", row.Remarks)} |\n");
        }
        return page.ToString();
    }

    static Type? TypeOf(Entry entry)
    {
        string room = entry.Section switch
        {
            "optimizers.schedules" => "Optimizers",
            "callbacks" when entry.Name == "History" => "",
            var section => Pascal(section),
        };
        string prefix = room.Length == 0 ? "" : $"{room}.";
        return typeof(Sequential).Assembly.GetType($"Microsoft.ML.KerasSequential.{prefix}{entry.Name}") is
        { IsPublic: true } type
            ? type : null;
    }

    static string Pascal(string name) => SignatureTests.Camel(name, upper: true);

    static bool Knows(Action conversion) => SignatureTests.Knows(conversion);
}
