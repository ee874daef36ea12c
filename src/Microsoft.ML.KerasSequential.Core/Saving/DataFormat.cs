namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>The two Keras data formats, which order channels and spatial dimensions.</summary>
internal static class DataFormat
{
    public static bool IsChannelsFirst(string? dataFormat) => dataFormat switch
    {
        null or "channels_last" => false,
        "channels_first" => true,
        _ => throw new ArgumentException(
            $"The data format must be \"channels_last\" or \"channels_first\"; given \"{dataFormat}\".",
            nameof(dataFormat)),
    };

    public static string Name(bool channelsFirst) => channelsFirst ? "channels_first" : "channels_last";
}
