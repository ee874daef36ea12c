using System.Collections;
using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Losses;

namespace Microsoft.ML.KerasSequential;

/// <summary>The losses given to <c>compile</c>: one, a list, or a dictionary by output name. A Sequential has one
/// output.</summary>
[CollectionBuilder(typeof(LossSet), nameof(Create))]
public sealed class LossSet : IEnumerable<Loss>
{
    readonly IReadOnlyList<Loss> _losses;
    readonly IReadOnlyList<string>? _outputs;

    LossSet(IReadOnlyList<Loss> losses, IReadOnlyList<string>? outputs = null)
    {
        if (losses.Contains(null!)) throw new ArgumentException("A loss cannot be null.", nameof(losses));
        (_losses, _outputs) = (losses, outputs);
    }

    /// <summary>Makes a list of losses (the target of collection expressions).</summary>
    /// <param name="losses">The losses.</param>
    /// <returns>The set.</returns>
    public static LossSet Create(ReadOnlySpan<Loss> losses) => new(losses.ToArray());

    /// <summary>One loss by its Keras name.</summary>
    /// <param name="name">The name.</param>
    public static implicit operator LossSet(string name) => new([(Loss)name]);

    /// <summary>One loss.</summary>
    /// <param name="loss">The loss.</param>
    public static implicit operator LossSet(Loss loss) => new([loss]);

    /// <summary>One loss given as a function over symbolic tensors.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    public static implicit operator LossSet(Func<Tensor, Tensor, Tensor> function) => new([(Loss)function]);

    /// <summary>Losses by output name.</summary>
    /// <param name="losses">The losses.</param>
    public static implicit operator LossSet(Dictionary<string, Loss> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        return new([.. losses.Values], [.. losses.Keys]);
    }

    /// <inheritdoc/>
    public IEnumerator<Loss> GetEnumerator() => _losses.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal Loss Single(string outputName, string parameter)
    {
        if (_losses.Count != 1)
            throw new ArgumentException("When passing a list as loss, it should have one entry per model output. The "
                + $"model has 1 output, but you passed {_losses.Count} losses.", parameter);
        if (_outputs is [var name] && name != outputName)
            throw new ArgumentException(
                $"Unknown entry in loss dictionary: \"{name}\". The model's output is \"{outputName}\".", parameter);
        return _losses[0];
    }

    /// <summary>The output named in a dictionary, to be checked once the model has outputs.</summary>
    internal bool IsByName => _outputs is not null;
}
