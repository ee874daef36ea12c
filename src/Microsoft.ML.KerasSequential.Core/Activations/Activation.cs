using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Activations;

/// <summary>A function of a layer's output: a Keras function by name, or a C# lambda over symbolic tensors.</summary>
public sealed class Activation
{
    internal static readonly NameRegistry<Func<Tensor, Tensor>> Known = new("activation function")
    {
        ["linear"] = x => x,
        ["relu"] = x => K.Relu(x),
        ["sigmoid"] = K.Sigmoid,
        ["tanh"] = K.Tanh,
        ["softmax"] = x => Softmax(x),
        ["elu"] = x => K.Elu(x),
        ["selu"] = Selu,
        ["softplus"] = K.Softplus,
        ["softsign"] = K.Softsign,
        ["hard_sigmoid"] = K.HardSigmoid,
        ["hardsigmoid"] = K.RelaxedHardSigmoid,
        ["exponential"] = K.Exp,
        ["gelu"] = x => K.Gelu(x),
        ["swish"] = K.Swish,
        ["silu"] = K.Swish,
        ["mish"] = K.Mish,
        ["celu"] = x => K.Celu(x),
        ["glu"] = x => K.Glu(x),
        ["hard_shrink"] = x => K.HardShrink(x),
        ["hard_silu"] = K.HardSilu,
        ["hard_swish"] = K.HardSilu,
        ["hard_tanh"] = K.HardTanh,
        ["leaky_relu"] = x => K.Relu(x, 0.2),
        ["log_sigmoid"] = K.LogSigmoid,
        ["log_softmax"] = x => K.LogSoftmax(x),
        ["relu6"] = K.Relu6,
        ["soft_shrink"] = x => K.SoftShrink(x),
        ["sparse_plus"] = K.SparsePlus,
        ["sparse_sigmoid"] = K.SparseSigmoid,
        ["sparsemax"] = x => K.Sparsemax(x),
        ["squareplus"] = x => K.Squareplus(x),
        ["tanh_shrink"] = K.TanhShrink,
    };

    readonly Func<Tensor, Tensor> _function;

    Activation(string? name, Func<Tensor, Tensor> function) => (_name, _function) = (name, function);

    readonly string? _name;

    /// <summary>The Keras name, the name assigned to a function, or <c>lambda</c>.</summary>
    public string Name => _name ?? "lambda";

    /// <summary>The name, if the function is Keras' own function of that name.</summary>
    internal string? KerasName =>
        _name is not null && Known.TryGet(_name, out Func<Tensor, Tensor>? own) && own == _function ? _name : null;

    /// <summary>Whether a value of the result depends on more than one value along the last axis.</summary>
    internal bool IsAlongAxis => KerasName is "softmax" or "log_softmax" or "sparsemax" or "glu";

    /// <summary>Applies the function.</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape; <c>glu</c> halves the last dimension.</returns>
    public Tensor Call(Tensor x) => _function(x ?? throw new ArgumentNullException(nameof(x)));

    /// <summary>
    /// An activation by its Keras name: <c>linear</c>, <c>relu</c>, <c>sigmoid</c>, <c>tanh</c>, <c>softmax</c>,
    /// <c>elu</c>, <c>selu</c>, <c>softplus</c>, <c>softsign</c>, <c>hard_sigmoid</c>, <c>exponential</c>, and from
    /// later versions <c>gelu</c>, <c>swish</c> (<c>silu</c>), <c>mish</c>, <c>celu</c>, <c>glu</c>,
    /// <c>hard_shrink</c>, <c>hard_silu</c> (<c>hard_swish</c>), <c>hard_tanh</c>, <c>leaky_relu</c> (slope 0.2),
    /// <c>log_sigmoid</c>, <c>log_softmax</c>, <c>relu6</c>, <c>soft_shrink</c>, <c>sparse_plus</c>,
    /// <c>sparse_sigmoid</c>, <c>sparsemax</c>, <c>squareplus</c>, <c>tanh_shrink</c>, and <c>hardsigmoid</c>,
    /// x/6 + ½ within [0, 1], which Keras 3 calls <c>hard_sigmoid</c>.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Activation(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return CustomObjectScope.Find(name) switch
        {
            Activation made => made,
            Func<Tensor, Tensor> function => new(name, function),
            null => new(name, Known.Get(name, nameof(name))),
            var other => throw new ArgumentException($"The custom object \"{name}\" is a {other.GetType()}, which is " +
                "not an activation function.", nameof(name)),
        };
    }

    /// <summary>
    /// Creates an activation from a function over symbolic tensors. A method is saved by name, as in Keras, and looked
    /// up in a <see cref="CustomObjectScope"/>; a lambda has none.
    /// </summary>
    /// <param name="function">The function.</param>
    public static implicit operator Activation(Func<Tensor, Tensor> function) => FromFunction(function);

    /// <summary>Creates an activation from a function over symbolic tensors.</summary>
    /// <param name="function">The function.</param>
    /// <param name="name">
    /// The name in configurations, by which a <see cref="CustomObjectScope"/> finds the function.
    /// </param>
    /// <returns>The activation.</returns>
    public static Activation FromFunction(Func<Tensor, Tensor> function, string? name = null) =>
        function is null ? throw new ArgumentNullException(nameof(function)) : new(name ?? NameOf(function), function);

    /// <summary>The name of a method, unless another function is known by that name.</summary>
    static string? NameOf(Func<Tensor, Tensor> function) =>
        FunctionName.Of(function, "") is { Length: > 0 } name && !Known.TryGet(name, out _) ? name : null;

    /// <summary>Creates an activation from Keras' configuration.</summary>
    /// <param name="config">A name.</param>
    /// <returns>The activation.</returns>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Activation FromConfig(JsonElement config) => Saving.Config.Open(config, "an activation").ClassName;

    internal JsonNode Serialize() => _name ?? throw new InvalidOperationException(
        "An activation made from a function cannot be written to a configuration unless it has a name that a " +
        "CustomObjectScope knows.");

    /// <summary>Scaled exponential linear unit (Klambauer et al. 2017).</summary>
    static Tensor Selu(Tensor x)
    {
        const double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
        return (scale * K.Elu(x, alpha))
            .Called(new Ops.NamedFunction("Selu", 6, ("alpha", (float)alpha), ("gamma", (float)scale)), x);
    }

    /// <summary>Softmax needs at least two dimensions, as in Keras.</summary>
    static Tensor Softmax(Tensor x) => x.Rank > 1 ? K.Softmax(x)
        : throw new ArgumentException($"Cannot apply softmax to a tensor that is 1D; given shape {x.Shape}.",
            nameof(x));
}
