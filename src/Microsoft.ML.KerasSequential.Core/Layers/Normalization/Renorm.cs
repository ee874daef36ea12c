namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// What batch renormalization keeps and computes (Ioffe 2017): values are normalized by the batch, then corrected to
/// what slowly moving statistics would give.
/// </summary>
internal sealed record Renorm(Variable MovingStddev, Variable Mean, Variable Stddev, RenormClipping Limits)
{
    /// <summary>The scale and the shift of normalized values, which have no gradient.</summary>
    public (Tensor R, Tensor D) Corrections(Tensor mean, Tensor stddev, double epsilon)
    {
        Tensor usual = K.Maximum(Stddev, Math.Sqrt(epsilon)), r = stddev / usual, d = (mean - Mean) / usual;
        if (Limits.RMin is double rMin) r = K.Maximum(r, rMin);
        if (Limits.RMax is double rMax) r = K.Minimum(r, rMax);
        if (Limits.DMax is double dMax) d = K.Clip(d, -dMax, dMax);
        return (K.StopGradient(r), K.StopGradient(d));
    }

    /// <summary>Gamma and beta that include the corrections.</summary>
    public static (Tensor Gamma, Tensor Beta) Composed(Tensor r, Tensor d, Tensor? gamma, Tensor? beta)
    {
        if (gamma is not null) (r, d) = (r * gamma, d * gamma);
        return (r, beta is null ? d : d + beta);
    }
}
