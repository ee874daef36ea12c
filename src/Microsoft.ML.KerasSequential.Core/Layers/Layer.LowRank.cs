using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Layers;

// Low-rank adapters, for the layers that offer them.
public abstract partial class Layer
{
    /// <summary>The low-rank adapter, once it is enabled.</summary>
    internal LowRank? Adapter { get; private set; }

    /// <summary>The rank of the adapter; null for none.</summary>
    private protected int? AdapterRank { get; private set; }

    /// <summary>The factor of the adapter, before it is divided by the rank.</summary>
    private protected double? AdapterAlpha { get; private set; }

    /// <summary>Sets the adapter that is enabled when the layer is built.</summary>
    internal void UseAdapter(int? loraRank, double? loraAlpha)
    {
        if (loraRank is int rank) CheckAdapter(rank, loraAlpha, nameof(loraRank));
        (AdapterRank, AdapterAlpha) = (loraRank, loraRank is null ? null : loraAlpha ?? loraRank);
    }

    /// <summary>Adds an adapter to a built layer.</summary>
    /// <param name="target">What is adapted.</param>
    /// <param name="rank">The size between the two factors.</param>
    /// <param name="alpha">The factor of the product, before it is divided by the rank; the rank by default.</param>
    /// <param name="first">The initializer for the first factor; <c>he_uniform</c> by default.</param>
    /// <param name="second">The initializer for the second factor; <c>zeros</c> by default.</param>
    private protected void EnableAdapter(AdapterTarget target, int rank, double? alpha, Initializer? first,
        Initializer? second)
    {
        CheckAdapter(rank, alpha, nameof(rank));
        using ModelGate.Turn turn = WeightGate.Enter();
        if (target.Constraint is not null)
            throw new InvalidOperationException($"Layer {Name} has a constraint on its {target.Name}, which an " +
                $"adapter of low rank cannot keep: remove `{target.Name}Constraint`.");
        if (!Built || target.Kernel is null)
            throw new InvalidOperationException($"Layer {Name} has no weights yet, so LoRA cannot be enabled: add it " +
                "to a model, or call it on an input, first.");
        if (Adapter is not null)
            throw new InvalidOperationException($"LoRA is already enabled for layer {Name}; this can be done once.");
        if (WeightGate.Runs > 0)
            throw new InvalidOperationException($"Layer {Name} is part of a model that is being trained, evaluated, " +
                "or used for predictions; LoRA cannot be enabled now.");
        if (QuantizationMode is not null)
            throw new InvalidOperationException($"Layer {Name} is quantized, so LoRA cannot be enabled: enable it " +
                "before, and quantize the trained layer.");
        AddAdapter(target, rank, alpha ?? rank, first, second);
        (AdapterRank, AdapterAlpha) = (rank, alpha ?? rank);
        WeightGate.OutdatePlans();
    }

    /// <summary>Adds the adapter that the constructor asks for; to be called at the end of Build.</summary>
    private protected void BuildAdapter(AdapterTarget target)
    {
        if (AdapterRank is null) return;
        if (target.Constraint is not null)
            throw new ArgumentException($"Layer {Name} has a constraint on its {target.Name}, which an adapter of " +
                $"low rank cannot keep: remove `{target.Name}Constraint` or `loraRank`.");
        AddAdapter(target, AdapterRank.Value, AdapterAlpha!.Value, null, null);
    }

    /// <summary>Makes the adapter a part of the kernel.</summary>
    private protected void MergeAdapter()
    {
        if (Adapter is not { } adapter) return;
        adapter.Kernel.SetValue(adapter.Merged());
        _weights.Remove(adapter.A);
        _weights.Remove(adapter.B);
        (Adapter, AdapterRank, AdapterAlpha) = (null, null, null);
    }

    /// <summary>Adds what the configuration says about the adapter.</summary>
    private protected void AddAdapterTo(JsonObject config)
    {
        if (AdapterRank is null) return;
        config["lora_rank"] = AdapterRank;
        config["lora_alpha"] = AdapterAlpha;
    }

    void AddAdapter(AdapterTarget target, int rank, double alpha, Initializer? first, Initializer? second)
    {
        Variable kernel = target.Kernel!;
        Variable a = AddWeight($"lora_{target.Name}_a", [.. kernel.Sizes[..^1], rank], first ?? "he_uniform",
            target.Regularizer);
        Variable b;
        try
        {
            b = AddWeight($"lora_{target.Name}_b", [rank, kernel.Sizes[^1]], second ?? "zeros", target.Regularizer);
        }
        catch
        {
            _weights.Remove(a);
            throw;
        }
        // Frozen weights have no penalty in Keras 3.
        (kernel.Trainable, kernel.Regularizer) = (false, null);
        Adapter = new(kernel, a, b, alpha / rank);
    }

    static void CheckAdapter(int rank, double? loraAlpha, string parameter)
    {
        if (rank < 1)
            throw new ArgumentOutOfRangeException(parameter, $"The rank must be 1 or more; given {rank}.");
        if (loraAlpha is double factor && !double.IsFinite(factor))
            throw new ArgumentOutOfRangeException(nameof(loraAlpha),
                $"`loraAlpha` must be a finite number; given {loraAlpha}.");
    }

    /// <summary>The weight that an adapter adapts.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Kernel">The weight; null before the layer is built.</param>
    /// <param name="Regularizer">The regularizer for the factors.</param>
    /// <param name="Constraint">The constraint, which an adapter cannot keep.</param>
    private protected readonly record struct AdapterTarget(string Name, Variable? Kernel, Regularizer? Regularizer,
        Constraint? Constraint);
}
