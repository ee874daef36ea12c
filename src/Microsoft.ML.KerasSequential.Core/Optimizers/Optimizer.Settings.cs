using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Optimizers;

// The settings that all optimizers have since Keras 3.
public abstract partial class Optimizer
{
    OptimizerSettings _settings = new();
    Regex? _undecayedNames;
    IReadOnlyList<Layer> _undecayedLayers = [];

    /// <summary>Gets the settings common to all optimizers.</summary>
    internal OptimizerSettings Settings
    {
        get => _settings;
        set
        {
            if (value.VariableClipnorm is not null && (Clipnorm is not null || Clipvalue is not null))
                throw new ArgumentException("Only one of VariableClipnorm, GlobalClipnorm (clipnorm), and clipvalue " +
                    $"can be set; given {value.VariableClipnorm}, {Clipnorm}, and {Clipvalue}.", nameof(value));
            _settings = value.Checked();
        }
    }

    /// <summary>
    /// Gets the weight decay, or null for none: each update first subtracts this fraction, times the learning rate,
    /// from each weight (Keras 3 <c>weight_decay</c>). See <see cref="ExcludeFromWeightDecay"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public double? WeightDecay
    {
        get => _settings.WeightDecay;
        init => Settings = _settings with { WeightDecay = value };
    }

    /// <summary>
    /// Gets the maximum norm of all gradients together, or null (Keras 3 <c>global_clipnorm</c>). It is the same as
    /// <see cref="Clipnorm"/>, whose name has another meaning in Keras 3: see <see cref="VariableClipnorm"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    /// <exception cref="ArgumentException"><see cref="VariableClipnorm"/> is also set.</exception>
    public double? GlobalClipnorm
    {
        get => Clipnorm;
        init
        {
            if (value is double norm) NotNegative(norm, nameof(GlobalClipnorm));
            Clipnorm = value;
            Settings = _settings;
        }
    }

    /// <summary>
    /// Gets the maximum norm of each weight's gradient by itself, or null (Keras 3 <c>clipnorm</c>, which in Keras 2
    /// is the norm of all gradients together).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    /// <exception cref="ArgumentException">Another limit is also set.</exception>
    public double? VariableClipnorm
    {
        get => _settings.VariableClipnorm;
        init => Settings = _settings with { VariableClipnorm = value };
    }

    /// <summary>
    /// Gets whether an exponential moving average of the weights is kept (Keras 3 <c>use_ema</c>). The weights are
    /// replaced with their averages at the end of <c>Fit</c>, and after each
    /// <see cref="EmaOverwriteFrequency"/> updates.
    /// </summary>
    public bool UseEma { get => _settings.UseEma; init => Settings = _settings with { UseEma = value }; }

    /// <summary>
    /// Gets the fraction of the average that each update keeps, in [0, 1]; the default is 0.99 (Keras 3
    /// <c>ema_momentum</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in [0, 1].</exception>
    public double EmaMomentum
    {
        get => _settings.EmaMomentum;
        init => Settings = _settings with { EmaMomentum = value };
    }

    /// <summary>
    /// Gets the number of updates after which the weights are replaced with their averages, or null for the end of
    /// training only (Keras 3 <c>ema_overwrite_frequency</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? EmaOverwriteFrequency
    {
        get => _settings.EmaOverwriteFrequency;
        init => Settings = _settings with { EmaOverwriteFrequency = value };
    }

    /// <summary>
    /// Gets a factor by which the loss is multiplied before gradients are computed, and by which gradients are divided
    /// afterward, or null for none (Keras 3 <c>loss_scale_factor</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not above 0.</exception>
    public double? LossScaleFactor
    {
        get => _settings.LossScaleFactor;
        init => Settings = _settings with { LossScaleFactor = value };
    }

    /// <summary>
    /// Gets the number of batches whose gradients are averaged for one update, or null for an update after each batch
    /// (Keras 3 <c>gradient_accumulation_steps</c>). Schedules count batches; everything else counts updates.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int? GradientAccumulationSteps
    {
        get => _settings.GradientAccumulationSteps;
        init => Settings = _settings with { GradientAccumulationSteps = value };
    }

    /// <summary>
    /// Excludes weights from weight decay (Keras 3 <c>exclude_from_weight_decay</c>). A further call replaces the
    /// previous one. The choice isn't saved.
    /// </summary>
    /// <param name="layers">The layers whose weights are excluded; null for none.</param>
    /// <param name="varNames">
    /// Regular expressions; a weight is excluded if one of them matches part of its name within its layer, such as
    /// <c>bias</c>. Null for none.
    /// </param>
    /// <exception cref="ArgumentException">A regular expression is invalid.</exception>
    /// <exception cref="InvalidOperationException">The optimizer has already made updates.</exception>
    public void ExcludeFromWeightDecay(IEnumerable<Layer>? layers = null, IEnumerable<string>? varNames = null)
    {
        if (_slots.Count > 0 || Batches > 0)
            throw new InvalidOperationException("Weights can be excluded from weight decay only before the first " +
                "update.");
        string[] names = [.. varNames ?? []];
        _undecayedLayers = [.. layers ?? []];
        _undecayedNames = names.Length == 0 ? null
            : new Regex(string.Join('|', names.Select(n => $"(?:{n})")), RegexOptions.CultureInvariant);
    }

    /// <summary>Determines whether weight decay applies to a weight.</summary>
    private protected bool Decays(Variable weight) =>
        _undecayedNames?.IsMatch(weight.Name[(weight.Name.LastIndexOf('/') + 1)..]) != true
        && !_undecayedLayers.Any(l => l.Weights.Contains(weight));
}
