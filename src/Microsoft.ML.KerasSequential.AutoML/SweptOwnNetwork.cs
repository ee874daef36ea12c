namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>A custom network, including its last layers.</summary>
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
