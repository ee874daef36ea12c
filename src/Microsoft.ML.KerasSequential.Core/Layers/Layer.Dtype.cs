namespace Microsoft.ML.KerasSequential.Layers;

// The types in which a layer computes.
public abstract partial class Layer
{
    List<Layer>? _parts;
    DTypePolicy _dtypePolicy = DTypePolicy.Global;

    /// <summary>
    /// Gets the dtype policy (Keras <c>dtype_policy</c>): by default the global one when the layer was created. It is
    /// set in braces: <c>new Dense(3) { DtypePolicy = "mixed_bfloat16" }</c>. Layers in a wrapper or in a model have
    /// their own.
    /// </summary>
    /// <exception cref="ArgumentException">The name is unknown or not available.</exception>
    public DTypePolicy DtypePolicy
    {
        get => _dtypePolicy;
        init => SetPolicy(value);
    }

    /// <summary>
    /// Gets the type of the weights, always <c>float32</c>; sets the dtype policy by name (Keras <c>dtype</c>):
    /// <c>new Dense(3) { Dtype = "mixed_bfloat16" }</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The name is unknown or not available.</exception>
    public string Dtype
    {
        get => VariableDtype;
        init => SetPolicy(value);
    }

    /// <summary>Gets the type of factors in the layer's matrix products and convolutions on a GPU that supports it:
    /// <c>float32</c>, <c>bfloat16</c>, or <c>float16</c> (Keras <c>compute_dtype</c>).</summary>
    public string ComputeDtype => _dtypePolicy.ComputeDtype;

    /// <summary>Gets the type of the weights, always <c>float32</c> (Keras <c>variable_dtype</c>).</summary>
    public string VariableDtype => _dtypePolicy.VariableDtype;

    internal void SetPolicy(DTypePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _dtypePolicy = policy;
        _parts?.ForEach(part => part.SetPolicy(policy));
    }

    /// <summary>Nests a layer that this one creates itself and that therefore follows its dtype policy.</summary>
    private protected T TrackPart<T>(T part) where T : Layer
    {
        Track(part);
        part.SetPolicy(_dtypePolicy);
        (_parts ??= []).Add(part);
        return part;
    }
}
