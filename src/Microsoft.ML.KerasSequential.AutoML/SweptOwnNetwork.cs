namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A network of the user's own, with its last layers.</summary>
internal sealed class SweptOwnNetwork(Func<Sequential> network, Action<KerasSequentialOptions> configure)
    : SweptNetwork
{
    public override Sequential Build(SweptTask.Output output) => network();

    public override void Configure(KerasSequentialOptions options, long rows)
    {
        new KerasSequentialNetwork().ApplyTo(options);
        configure(options);
    }
}
