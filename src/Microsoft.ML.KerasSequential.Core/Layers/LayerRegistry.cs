using System.Text.Json;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Layers by Keras class name, each with a function that creates one from its configuration.</summary>
internal static partial class LayerRegistry
{
    /// <summary>Aliases of the same layers.</summary>
    static readonly Dictionary<string, string> s_aliases = new()
    {
        ["Convolution1D"] = "Conv1D",
        ["Convolution2D"] = "Conv2D",
        ["Convolution3D"] = "Conv3D",
        ["SeparableConvolution1D"] = "SeparableConv1D",
        ["SeparableConvolution2D"] = "SeparableConv2D",
        ["Convolution1DTranspose"] = "Conv1DTranspose",
        ["Convolution3DTranspose"] = "Conv3DTranspose",
        ["Convolution2DTranspose"] = "Conv2DTranspose",
        ["Deconvolution2D"] = "Conv2DTranspose",
        ["Deconv2D"] = "Conv2DTranspose",
        ["Deconvolution3D"] = "Conv3DTranspose",
        ["Deconv3D"] = "Conv3DTranspose",
        ["AvgPool1D"] = "AveragePooling1D",
        ["MaxPool1D"] = "MaxPooling1D",
        ["GlobalMaxPool1D"] = "GlobalMaxPooling1D",
        ["GlobalAvgPool1D"] = "GlobalAveragePooling1D",
        ["AvgPool2D"] = "AveragePooling2D",
        ["MaxPool2D"] = "MaxPooling2D",
        ["GlobalMaxPool2D"] = "GlobalMaxPooling2D",
        ["GlobalAvgPool2D"] = "GlobalAveragePooling2D",
        ["AvgPool3D"] = "AveragePooling3D",
        ["MaxPool3D"] = "MaxPooling3D",
        ["GlobalMaxPool3D"] = "GlobalMaxPooling3D",
        ["GlobalAvgPool3D"] = "GlobalAveragePooling3D",
        ["GroupQueryAttention"] = "GroupedQueryAttention",
    };

    static readonly NameRegistry<Func<Config, LayerOptions, Layer>> s_known = AugmentationRegistry.AddTo(new("layer")
    {
        ["InputLayer"] = (c, o) => new InputLayer(batchInputShape: o.BatchInputShape, name: o.Name),
        ["Sequential"] = (c, o) => Sequential.FromConfig(c.All),
        ["Masking"] = (c, o) => new Masking(c.Double("mask_value", 0), o),
        ["Embedding"] = (c, o) => Adapted(c, new Embedding(c.RequiredInt("input_dim"), c.RequiredInt("output_dim"),
            Initializer(c, "embeddings_initializer"), Regularizer(c, "embeddings_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "embeddings_constraint"), c.Bool("mask_zero", false),
            SizeOrSizes(c, "input_length"), o)),
        ["SimpleRNNCell"] = (c, o) => new SimpleRNNCell(Cell(c), o),
        ["GRUCell"] = (c, o) => new GRUCell(Cell(c), c.Bool("reset_after", false), o),
        ["LSTMCell"] = (c, o) => new LSTMCell(Cell(c), c.Bool("unit_forget_bias", true), o),
        ["StackedRNNCells"] = (c, o) =>
            new StackedRNNCells(Inner<Cell>(c, "cells"), c.Bool("reverse_state_order", false), o),
        ["SimpleRNN"] = (c, o) => new SimpleRNN(Cell(c), Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["GRU"] = (c, o) =>
            new GRU(Cell(c), c.Bool("reset_after", false), Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["LSTM"] = (c, o) => new LSTM(Cell(c), c.Bool("unit_forget_bias", true), Recurrent(c),
            Regularizer(c, "activity_regularizer"), o),
        ["RNN"] = (c, o) => new RNN(One<Cell>(c, "cell"), Recurrent(c), null, o),
        ["TimeDistributed"] = (c, o) => new TimeDistributed(One<Layer>(c, "layer"),
            c.Bool("statistics_per_step", false), o),
        ["Bidirectional"] = (c, o) => new Bidirectional(One<RNN>(c, "layer"), c.String("merge_mode"),
            c.Has("backward_layer") ? One<RNN>(c, "backward_layer") : null, o),
        ["ConvLSTM2DCell"] = (c, o) =>
            new ConvLSTM2DCell(Geometry(c), WithHardGates(Cell(c, "filters")), c.Bool("unit_forget_bias", true), o),
        ["ConvRNN2D"] = (c, o) => new ConvRNN2D(One<Cell>(c, "cell"), Recurrent(c), null, o),
        ["ConvLSTM2D"] = (c, o) => new ConvLSTM2D(Geometry(c), WithHardGates(Cell(c, "filters")),
        c.Bool("unit_forget_bias", true),
            Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["LocallyConnected1D"] = (c, o) => new LocallyConnected1D(c.RequiredInt("filters"),
            Local(c), Initializer(c, "kernel_initializer"), Regularizer(c, "kernel_regularizer"),
            Constraint(c, "kernel_constraint"), c.Int("implementation", 1), o),
        ["LocallyConnected2D"] = (c, o) => new LocallyConnected2D(c.RequiredInt("filters"),
            Local(c), Initializer(c, "kernel_initializer"), Regularizer(c, "kernel_regularizer"),
            Constraint(c, "kernel_constraint"), c.Int("implementation", 1), o),
        ["Add"] = (c, o) => new Add(o),
        ["Subtract"] = (c, o) => new Subtract(o),
        ["Multiply"] = (c, o) => new Multiply(o),
        ["Average"] = (c, o) => new Average(o),
        ["Maximum"] = (c, o) => new Maximum(o),
        ["Minimum"] = (c, o) => new Minimum(o),
        ["Concatenate"] = (c, o) => new Concatenate(c.Int("axis", -1), o),
        ["Dot"] = (c, o) => Sizes(c, "axes") is { } axes ? new Dot(axes.First(), axes.Last(),
            c.Element("axes")!.Value.ValueKind == JsonValueKind.Array, c.Bool("normalize", false),
            o) : throw c.Missing("axes"),
        ["Branches"] = (c, o) => new Branches(Inner<Layer>(c, "branches"), One<Merge>(c, "merge"), o),
        ["Residual"] = (c, o) => new Residual(Inner<Layer>(c, "layers"),
            c.Has("shortcut") ? One<Layer>(c, "shortcut") : null, c.Has("merge") ? One<Merge>(c, "merge") : null, o),
        ["LayerNormalization"] = (c, o) =>
            new LayerNormalization(Sizes(c, "axis")?.ToArray() ?? [-1], c.Double("epsilon", 1e-3), Scale(c),
                c.Bool("rms_scaling", false), o),
        ["GroupNormalization"] = (c, o) =>
            new GroupNormalization(c.Int("groups", 32), c.Int("axis", -1), c.Double("epsilon", 1e-3), Scale(c), o),
        ["MultiHeadAttention"] = (c, o) => new MultiHeadAttention(c.RequiredInt("num_heads"), c.RequiredInt("key_dim"),
            c.OptionalInt("value_dim"), Sizes(c, "output_shape")?.ToArray(), Sizes(c, "attention_axes")?.ToArray(),
            Attention(c), o),
        ["GroupedQueryAttention"] = (c, o) => new GroupedQueryAttention(c.RequiredInt("head_dim"),
            c.RequiredInt("num_query_heads"), c.RequiredInt("num_key_value_heads"), Attention(c), o),
        ["Attention"] = (c, o) => new Attention(c.Bool("use_scale", false), c.String("score_mode") ?? "dot",
            c.Double("dropout", 0), c.Seed(), c.Bool("use_causal_mask", false), o),
        ["AdditiveAttention"] = (c, o) => new AdditiveAttention(c.Bool("use_scale", true),
            c.Double("dropout", 0), c.Seed(), c.Bool("use_causal_mask", false), o),
        ["TransformerEncoder"] = (c, o) => new TransformerEncoder(c.RequiredInt("intermediate_dim"),
            c.RequiredInt("num_heads"), c.Double("dropout", 0), Activation(c, "activation"),
            c.Double("layer_norm_epsilon", 1e-5),
            Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"), c.Bool("normalize_first", false),
            o),
        ["CuDNNGRU"] = (c, o) => new CuDNNGRU(Cell(c), Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["CuDNNLSTM"] = (c, o) => new CuDNNLSTM(Cell(c), c.Bool("unit_forget_bias", true), Recurrent(c),
            Regularizer(c, "activity_regularizer"), o),
        ["Dense"] = (c, o) =>
            Adapted(c, new Dense(c.RequiredInt("units"), Activation(c, "activation"), c.Bool("use_bias", true),
                Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o)),
        ["Activation"] = (c, o) => new Activation(Activation(c, "activation") ?? throw c.Missing("activation"), o),
        ["Dropout"] = (c, o) => new Dropout(c.OptionalDouble("rate") ?? throw c.Missing("rate"),
            c.Sizes("noise_shape") is { } noise ? new Shape(noise) : null, c.Seed(), o),
        ["Flatten"] = (c, o) => new Flatten(c.String("data_format"), o),
        ["Reshape"] = (c, o) => new Reshape(c.RequiredInts("target_shape"), o),
        ["Permute"] = (c, o) => new Permute(c.RequiredInts("dims"), o),
        ["RepeatVector"] = (c, o) => new RepeatVector(c.RequiredInt("n"), o),
        ["SpatialDropout1D"] = (c, o) => new SpatialDropout1D(Rate(c), c.Seed(), o),
        ["SpatialDropout2D"] = (c, o) => new SpatialDropout2D(Rate(c), c.String("data_format"), c.Seed(), o),
        ["SpatialDropout3D"] = (c, o) => new SpatialDropout3D(Rate(c), c.String("data_format"), c.Seed(), o),
        ["GaussianNoise"] = (c, o) => new GaussianNoise(c.OptionalDouble("stddev") ?? throw c.Missing("stddev"),
            c.Seed(), o),
        ["GaussianDropout"] = (c, o) => new GaussianDropout(Rate(c), c.Seed(), o),
        ["AlphaDropout"] = (c, o) => new AlphaDropout(Rate(c),
            c.Sizes("noise_shape") is { } noise ? new Shape(noise) : null, c.Seed(), o),
        ["LeakyReLU"] = (c, o) => new LeakyReLU(c.Double("alpha", 0.3), o),
        ["PReLU"] = (c, o) => new PReLU(Initializer(c, "alpha_initializer"), Regularizer(c, "alpha_regularizer"),
            Constraint(c, "alpha_constraint"),
            Sizes(c, "shared_axes"), o),
        ["ELU"] = (c, o) => new ELU(c.Double("alpha", 1), o),
        ["ThresholdedReLU"] = (c, o) => new ThresholdedReLU(c.Double("theta", 1), o),
        ["Softmax"] = (c, o) => new Softmax(Sizes(c, "axis")?.ToArray() ?? [-1], o),
        ["ReLU"] = (c, o) =>
            new ReLU(c.OptionalDouble("max_value"), c.Double("negative_slope", 0), c.Double("threshold", 0), o),
        ["BatchNormalization"] = (c, o) => new BatchNormalization(c.Int("axis", -1), c.Double("momentum", 0.99),
            c.Double("epsilon", 1e-3), c.Bool("center", true), c.Bool("scale", true),
            Initializer(c, "beta_initializer"), Initializer(c, "gamma_initializer"),
            Initializer(c, "moving_mean_initializer"), Initializer(c, "moving_variance_initializer"),
            Regularizer(c, "beta_regularizer"), Regularizer(c, "gamma_regularizer"), Constraint(c, "beta_constraint"),
            Constraint(c, "gamma_constraint"),
            c.Bool("inference_when_frozen", false), c.Bool("ignore_masked_steps", false),
            c.Bool("biased_moving_variance", false), c.Bool("synchronized", false), c.Bool("renorm", false),
            RenormClipping.FromConfig(c, "renorm_clipping"), c.Double("renorm_momentum", 0.99), o),
        ["Conv1D"] = (c, o) => Adapted(c, new Conv1D(c.RequiredInt("filters"),
            Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"),
            Sizes(c, "dilation_rate"), c.Int("groups", 1), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o)),
        ["MaxPooling1D"] = (c, o) => new MaxPooling1D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["AveragePooling1D"] = (c, o) => new AveragePooling1D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["Conv2D"] = (c, o) => Adapted(c, new Conv2D(c.RequiredInt("filters"),
            Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"),
            Sizes(c, "dilation_rate"), c.Int("groups", 1), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o)),
        ["MaxPooling2D"] = (c, o) => new MaxPooling2D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["AveragePooling2D"] = (c, o) => new AveragePooling2D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["Conv3D"] = (c, o) => Adapted(c, new Conv3D(c.RequiredInt("filters"),
            Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"),
            Sizes(c, "dilation_rate"), c.Int("groups", 1), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o)),
        ["MaxPooling3D"] = (c, o) => new MaxPooling3D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["AveragePooling3D"] = (c, o) => new AveragePooling3D(Sizes(c, "pool_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), o),
        ["ZeroPadding1D"] = (c, o) => new ZeroPadding1D(Margins.From(c.Element("padding"), c.Owner, "padding"),
            c.String("data_format"), o),
        ["ZeroPadding2D"] = (c, o) =>
            new ZeroPadding2D(Margins.From(c.Element("padding"), c.Owner, "padding"), c.String("data_format"), o),
        ["ZeroPadding3D"] = (c, o) =>
            new ZeroPadding3D(Margins.From(c.Element("padding"), c.Owner, "padding"), c.String("data_format"), o),
        ["Cropping1D"] = (c, o) => new Cropping1D(Margins.From(c.Element("cropping"), c.Owner, "cropping"), o),
        ["Cropping2D"] = (c, o) =>
            new Cropping2D(Margins.From(c.Element("cropping"), c.Owner, "cropping"), c.String("data_format"), o),
        ["Cropping3D"] = (c, o) =>
            new Cropping3D(Margins.From(c.Element("cropping"), c.Owner, "cropping"), c.String("data_format"), o),
        ["UpSampling1D"] = (c, o) => new UpSampling1D(Sizes(c, "size"), o),
        ["UpSampling2D"] = (c, o) =>
            new UpSampling2D(Sizes(c, "size"), c.String("data_format"), c.String("interpolation") ?? "nearest", o),
        ["UpSampling3D"] = (c, o) => new UpSampling3D(Sizes(c, "size"), c.String("data_format"), o),
        ["Conv1DTranspose"] = (c, o) => new Conv1DTranspose(c.RequiredInt("filters"), Sizes(c, "kernel_size")
            ?? throw c.Missing("kernel_size"), Sizes(c, "strides"), c.String("padding") ?? "valid",
            Sizes(c, "output_padding"), c.String("data_format"), Sizes(c, "dilation_rate"), Activation(c, "activation"),
            c.Bool("use_bias", true), Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o),
        ["Conv2DTranspose"] = (c, o) => new Conv2DTranspose(c.RequiredInt("filters"), Sizes(c, "kernel_size")
            ?? throw c.Missing("kernel_size"), Sizes(c, "strides"), c.String("padding") ?? "valid",
            Sizes(c, "output_padding"), c.String("data_format"), Sizes(c, "dilation_rate"), Activation(c, "activation"),
            c.Bool("use_bias", true), Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o),
        ["Conv3DTranspose"] = (c, o) => new Conv3DTranspose(c.RequiredInt("filters"), Sizes(c, "kernel_size")
            ?? throw c.Missing("kernel_size"), Sizes(c, "strides"), c.String("padding") ?? "valid",
            Sizes(c, "output_padding"), c.String("data_format"), Sizes(c, "dilation_rate"), Activation(c, "activation"),
            c.Bool("use_bias", true), Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"),
            Constraint(c, "bias_constraint"), o),
        ["SeparableConv1D"] = (c, o) => new SeparableConv1D(c.RequiredInt("filters"),
            Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), Sizes(c, "dilation_rate"),
            c.Int("depth_multiplier", 1), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "depthwise_initializer"), Initializer(c, "pointwise_initializer"),
            Initializer(c, "bias_initializer"), Regularizer(c, "depthwise_regularizer"),
            Regularizer(c, "pointwise_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "depthwise_constraint"),
            Constraint(c, "pointwise_constraint"), Constraint(c, "bias_constraint"), o),
        ["SeparableConv2D"] = (c, o) => new SeparableConv2D(c.RequiredInt("filters"),
            Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), Sizes(c, "dilation_rate"),
            c.Int("depth_multiplier", 1), Activation(c, "activation"), c.Bool("use_bias", true),
            Initializer(c, "depthwise_initializer"), Initializer(c, "pointwise_initializer"),
            Initializer(c, "bias_initializer"), Regularizer(c, "depthwise_regularizer"),
            Regularizer(c, "pointwise_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "depthwise_constraint"),
            Constraint(c, "pointwise_constraint"), Constraint(c, "bias_constraint"), o),
        ["DepthwiseConv1D"] = (c, o) => new DepthwiseConv1D(Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"),
            Sizes(c, "strides"), c.String("padding") ?? "valid", c.Int("depth_multiplier", 1), c.String("data_format"),
            Sizes(c, "dilation_rate"), Activation(c, "activation"),
            c.Bool("use_bias", true), Initializer(c, "depthwise_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "depthwise_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "depthwise_constraint"),
            Constraint(c, "bias_constraint"), o),
        ["DepthwiseConv2D"] = (c, o) => new DepthwiseConv2D(Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"),
            Sizes(c, "strides"), c.String("padding") ?? "valid", c.Int("depth_multiplier", 1), c.String("data_format"),
            Sizes(c, "dilation_rate"), Activation(c, "activation"),
            c.Bool("use_bias", true), Initializer(c, "depthwise_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "depthwise_regularizer"), Regularizer(c, "bias_regularizer"),
            Regularizer(c, "activity_regularizer"), Constraint(c, "depthwise_constraint"),
            Constraint(c, "bias_constraint"), o),
        ["GlobalAveragePooling1D"] = (c, o) =>
            new GlobalAveragePooling1D(c.String("data_format"), c.Bool("keepdims", false),
            c.Bool("zero_for_masked_rows", false), o),
        ["GlobalAveragePooling2D"] = (c, o) => new GlobalAveragePooling2D(c.String("data_format"), c.Bool("keepdims",
        false), o),
        ["GlobalAveragePooling3D"] = (c, o) => new GlobalAveragePooling3D(c.String("data_format"), c.Bool("keepdims",
        false), o),
        ["GlobalMaxPooling1D"] = (c, o) => new GlobalMaxPooling1D(c.String("data_format"), c.Bool("keepdims", false),
        o),
        ["GlobalMaxPooling2D"] = (c, o) => new GlobalMaxPooling2D(c.String("data_format"), c.Bool("keepdims", false),
        o),
        ["GlobalMaxPooling3D"] = (c, o) => new GlobalMaxPooling3D(c.String("data_format"), c.Bool("keepdims", false),
        o),
        ["SpectralNormalization"] = (c, o) =>
            new SpectralNormalization(One<Layer>(c, "layer"), c.Int("power_iterations", 1), o),
        ["ReversibleEmbedding"] = (c, o) => Adapted(c, new ReversibleEmbedding(c.RequiredInt("input_dim"),
            c.RequiredInt("output_dim"), c.Bool("tie_weights", true), Initializer(c, "embeddings_initializer"),
            Regularizer(c, "embeddings_regularizer"), Regularizer(c, "activity_regularizer"),
            Constraint(c, "embeddings_constraint"), c.Bool("mask_zero", false), c.String("reverse_dtype"),
            c.OptionalDouble("logit_soft_cap"), o)),
        ["EinsumDense"] = (c, o) => Adapted(c, new EinsumDense(c.String("equation") ?? throw c.Missing("equation"),
            new Shape(SizeOrSizes(c, "output_shape") ?? throw c.Missing("output_shape")), Activation(c, "activation"),
            c.String("bias_axes"), Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
            Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
            Constraint(c, "kernel_constraint"), Constraint(c, "bias_constraint"),
            Regularizer(c, "activity_regularizer"), o)),
        ["STFTSpectrogram"] = (c, o) => new STFTSpectrogram(c.String("mode") ?? "log", c.Int("frame_length", 256),
            c.OptionalInt("frame_step"), c.OptionalInt("fft_length"), WindowName(c), WindowValues(c),
            c.Bool("periodic", false), c.StringOr("scaling", "density"), c.String("padding") ?? "valid",
            c.Bool("expand_dims", false), c.String("data_format"), o),
        ["MelSpectrogram"] = (c, o) => new MelSpectrogram(c.Int("fft_length", 2048), c.Int("sequence_stride", 512),
            c.OptionalInt("sequence_length"), WindowName(c), WindowValues(c), c.Int("sampling_rate", 16000),
            c.Int("num_mel_bins", 128), c.Double("min_freq", 20), c.OptionalDouble("max_freq"),
            c.Bool("power_to_db", true), c.Double("top_db", 80), c.Double("mag_exp", 2), c.Double("min_power", 1e-10),
            c.Double("ref_power", 1), o),
        ["ConvLSTM1D"] = (c, o) => new ConvLSTM1D(Geometry(c), Cell(c, "filters"), c.Bool("unit_forget_bias", true),
            Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["ConvLSTM3D"] = (c, o) => new ConvLSTM3D(Geometry(c), Cell(c, "filters"), c.Bool("unit_forget_bias", true),
            Recurrent(c), Regularizer(c, "activity_regularizer"), o),
        ["Identity"] = (c, o) => new Identity(o),
        ["UnitNormalization"] = (c, o) => new UnitNormalization(Sizes(c, "axis"), o),
        ["RMSNormalization"] = (c, o) => new RMSNormalization(Sizes(c, "axis"), c.Double("epsilon", 1e-6), o),
        ["Pipeline"] = (c, o) => new Pipeline(Inner<Layer>(c, "layers"), o),
        ["AdaptiveAveragePooling1D"] = (c, o) => new AdaptiveAveragePooling1D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["AdaptiveAveragePooling2D"] = (c, o) => new AdaptiveAveragePooling2D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["AdaptiveAveragePooling3D"] = (c, o) => new AdaptiveAveragePooling3D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["AdaptiveMaxPooling1D"] = (c, o) => new AdaptiveMaxPooling1D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["AdaptiveMaxPooling2D"] = (c, o) => new AdaptiveMaxPooling2D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["AdaptiveMaxPooling3D"] = (c, o) => new AdaptiveMaxPooling3D(
            Sizes(c, "output_size") ?? throw c.Missing("output_size"), c.String("data_format"), o),
        ["Rescaling"] = (c, o) => new Rescaling(Array(c, "scale") ?? throw c.Missing("scale"), Array(c, "offset"), o),
        ["Normalization"] = (c, o) => new Normalization(Axes(c), Array(c, "mean"), Array(c, "variance"),
            c.Bool("invert", false), o),
        ["Discretization"] = (c, o) => new Discretization(c.Numbers("bin_boundaries"), c.OptionalInt("num_bins"),
            c.Double("epsilon", 0.01), c.String("output_mode") ?? "int", Dense(c, o)),
        ["CategoryEncoding"] = (c, o) =>
            new CategoryEncoding(c.RequiredInt("num_tokens"), c.String("output_mode") ?? "multi_hot", Dense(c, o)),
        ["CenterCrop"] = (c, o) =>
            new CenterCrop(c.RequiredInt("height"), c.RequiredInt("width"), c.String("data_format"), o),
        ["Resizing"] = (c, o) => new Resizing(c.RequiredInt("height"), c.RequiredInt("width"),
            c.String("interpolation") ?? "bilinear", c.Bool("crop_to_aspect_ratio", false),
            c.Bool("pad_to_aspect_ratio", false), c.String("fill_mode") ?? "constant", c.Double("fill_value", 0),
            c.Bool("antialias", false), c.String("data_format"), o),
        ["Hashing"] = (c, o) => new Hashing(c.RequiredInt("num_bins"), MaskValue(c),
            c.Element("mask_value") is { ValueKind: JsonValueKind.Number }, Integers(c, "salt"),
            c.String("output_mode") ?? "int", Dense(c, o)),
        ["IntegerLookup"] = (c, o) => new IntegerLookup(c.OptionalInt("max_tokens"), c.Int("num_oov_indices", 1),
            c.OptionalInt("mask_token"), c.Int("oov_token", -1), Integers(c, "vocabulary"), c.Numbers("idf_weights"),
            c.Bool("invert", false), c.String("output_mode") ?? "int", c.Bool("pad_to_max_tokens", false),
            Floormod(c, o)),
        ["StringLookup"] = (c, o) => new StringLookup(c.OptionalInt("max_tokens"), c.Int("num_oov_indices", 1),
            c.String("mask_token"), c.String("oov_token") ?? "[UNK]", Texts(c, "vocabulary"), c.Numbers("idf_weights"),
            c.Bool("invert", false), c.String("output_mode") ?? "int", c.Bool("pad_to_max_tokens", false),
            c.String("encoding") ?? "utf-8", Integers(c, "salt"), Dense(c, o)),
        ["TextVectorization"] = (c, o) => new TextVectorization(c.OptionalInt("max_tokens"),
            Text(c, "standardize", "lower_and_strip_punctuation"), Text(c, "split", "whitespace"), Ngrams(c),
            c.String("output_mode") ?? "int", c.OptionalInt("output_sequence_length"),
            c.Bool("pad_to_max_tokens", false), Texts(c, "vocabulary"), c.Numbers("idf_weights"),
            c.String("encoding") ?? "utf-8", null, null, Dense(c, o)),
        ["ActivityRegularization"] = (c, o) => new ActivityRegularization(c.Double("l1", 0), c.Double("l2", 0), o),
    });

    public static IEnumerable<string> Names => s_known.Names;

    public static Layer FromConfig(JsonElement element)
    {
        (string name, JsonElement settings) = Config.Open(element, "a layer");
        name = s_aliases.GetValueOrDefault(name, name);
        if (name == "Lambda")
            throw new ArgumentException("A Lambda layer contains code, which a configuration cannot hold: build the " +
                "model in code and load its weights.", nameof(element));
        settings = Upgrades.Apply(name, settings);
        var config = new Config(settings, $"layer {name}");
        var options = new LayerOptions(
            config.String("name"),
            config.Bool("trainable", true),
            BatchInputShape: config.Sizes("batch_input_shape") is { } shape ? new Shape(shape) : null);
        Layer layer = CustomObjectScope.Find(name) is { } custom ? Custom(name, custom, settings, options)
            : s_known.Get(name, nameof(element))(config, options);
        if (DTypePolicy.OfLayer(settings) is { } policy) layer.SetPolicy(policy);
        layer.ReadPolicy(settings);
        return layer;
    }

    static Layer Custom(string name, object custom, JsonElement settings, LayerOptions options)
    {
        Layer layer = custom switch
        {
            Func<Layer> make => make(),
            Func<JsonElement, Layer> make => make(settings),
            _ => throw new ArgumentException($"The custom object \"{name}\" is a {custom.GetType()}; for a layer it " +
                "must be a function that creates a new one."),
        };
        if (!layer.IsNumbered && options.Name is not null) layer.Name = options.Name;
        layer.BatchInputShape ??= options.BatchInputShape;
        layer.Trainable = options.Trainable ?? true;
        return layer;
    }

    internal static Sizes? Sizes(Config c, string key) => !c.Has(key) ? null
        : c.Element(key)!.Value.ValueKind == JsonValueKind.Number ? c.RequiredInt(key) : c.RequiredInts(key);

    static CellOptions Cell(Config c, string units = "units") => new(c.RequiredInt(units), Activation(c, "activation"),
        Activation(c, "recurrent_activation"), c.Bool("use_bias", true),
        Initializer(c, "kernel_initializer"), Initializer(c, "recurrent_initializer"),
        Initializer(c, "bias_initializer"),
        Regularizer(c, "kernel_regularizer"), Regularizer(c, "recurrent_regularizer"),
        Regularizer(c, "bias_regularizer"),
        Constraint(c, "kernel_constraint"), Constraint(c, "recurrent_constraint"), Constraint(c, "bias_constraint"),
        c.Double("dropout", 0), c.Double("recurrent_dropout", 0), c.Int("implementation", 2), c.Seed());

    /// <summary>What Keras 2 uses if a configuration does not say.</summary>
    static CellOptions WithHardGates(CellOptions cell) =>
        cell with { RecurrentActivation = cell.RecurrentActivation ?? "hard_sigmoid" };

    static ConvGeometry Geometry(Config c) =>
        new(Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"), Sizes(c, "strides"),
            c.String("padding") ?? "valid", c.String("data_format"), Sizes(c, "dilation_rate"));

    static ConvOptions Local(Config c) => new(Sizes(c, "kernel_size") ?? throw c.Missing("kernel_size"),
        Sizes(c, "strides"), c.String("padding") ?? "valid", c.String("data_format"), null,
        Activation(c, "activation"), c.Bool("use_bias", true), Initializer(c, "bias_initializer"),
        Regularizer(c, "bias_regularizer"), Regularizer(c, "activity_regularizer"), Constraint(c, "bias_constraint"));

    static AttentionOptions Attention(Config c) => new(c.Double("dropout", 0), c.Bool("use_bias", true),
        c.Bool("use_causal_mask", false), c.OptionalInt("sliding_window"), c.Bool("use_gate", false),
        c.Seed(), Initializer(c, "kernel_initializer"), Initializer(c, "bias_initializer"),
        Regularizer(c, "kernel_regularizer"), Regularizer(c, "bias_regularizer"),
        Regularizer(c, "activity_regularizer"), Constraint(c, "kernel_constraint"), Constraint(c, "bias_constraint"));

    static ScaleOptions Scale(Config c) => new(c.Bool("center", true), c.Bool("scale", true),
        Initializer(c, "beta_initializer"), Initializer(c, "gamma_initializer"),
        Regularizer(c, "beta_regularizer"), Regularizer(c, "gamma_regularizer"), Constraint(c, "beta_constraint"),
        Constraint(c, "gamma_constraint"));

    static RecurrentOptions Recurrent(Config c) => new(c.Bool("return_sequences", false), c.Bool("return_state", false),
        c.Bool("go_backwards", false), c.Bool("stateful", false), c.Bool("unroll", false),
        c.Bool("zero_output_for_mask", false));

    /// <summary>A nested layer.</summary>
    static T One<T>(Config c, string key) where T : Layer => FromConfig(c.Element(key) ?? throw c.Missing(key)) as T
        ?? throw new ArgumentException($"{c.Owner}: \"{key}\" must be a {typeof(T).Name}; given {c.Element(key)}.");

    static T[] Inner<T>(Config c, string key) where T : Layer =>
        c.Element(key) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(e => FromConfig(e) as T ?? throw new ArgumentException(
            $"{c.Owner}: \"{key}\" must contain objects of class {typeof(T).Name}; given {e}."))]
        : throw c.Missing(key);

    static int?[]? SizeOrSizes(Config c, string key) =>
        c.Element(key) is { ValueKind: JsonValueKind.Number } ? [c.RequiredInt(key)] : c.Sizes(key);

    static string? WindowName(Config c) =>
        c.Element("window") is { ValueKind: JsonValueKind.Array } ? null : c.StringOr("window", "hann");

    static NDArray? WindowValues(Config c) => c.Element("window") is { ValueKind: JsonValueKind.Array } list
        ? NestedLists.Read(list, $"{c.Owner}: \"window\"") : null;

    static T Adapted<T>(Config c, T layer) where T : Layer
    {
        layer.UseAdapter(c.OptionalInt("lora_rank"), c.OptionalDouble("lora_alpha"));
        return layer;
    }

    static double Rate(Config c) => c.OptionalDouble("rate") ?? throw c.Missing("rate");

    static ActivationFunction? Activation(Config c, string key) =>
        c.Element(key) is { } e ? ActivationFunction.FromConfig(e) : null;

    static Initializer? Initializer(Config c, string key) =>
        c.Element(key) is { } e ? Initializers.Initializer.FromConfig(e) : null;

    static Regularizer? Regularizer(Config c, string key) =>
        c.Element(key) is { } e ? Regularizers.Regularizer.FromConfig(e) : null;

    static Constraint? Constraint(Config c, string key) =>
        c.Element(key) is { } e ? Constraints.Constraint.FromConfig(e) : null;
}
