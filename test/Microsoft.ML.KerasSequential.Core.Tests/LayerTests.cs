using System.Text.Json;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;
using RandomOp = Microsoft.ML.KerasSequential.Ops.RandomOp;
using Scan = Microsoft.ML.KerasSequential.Ops.Scan;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Keras' layer test for every layer: shapes, weights, configuration, gradients, short training.</summary>
[TestClass]
public sealed class LayerTests
{
    // Classes: inputs are integers below it instead of values around 0.
    sealed record LayerCase(string Name, Func<Layer> Make, int[] Input, int?[] Output, int[][] Weights,
        bool HasConfig = true, int Classes = 0);

    static readonly LayerCase[] s_cases =
    [
        new("Dense", () => new Dense(3, activation: "tanh", kernelRegularizer: "l2", biasConstraint: "non_neg"), [4],
            [null, 3], [[4, 3], [3]]),
        new("Dense",
            () => new Dense(2, useBias: false, kernelInitializer: "he_normal", activityRegularizer: new L1L2(0.1, 0.2)),
            [3, 5], [null, 3, 2], [[5, 2]]),
        new("Dense", () => new Dense(3, activation: "tanh", loraRank: 2, loraAlpha: 3), [4], [null, 3],
            [[4, 3], [3], [4, 2], [2, 3]]),
        new("EinsumDense", () => new EinsumDense("abc,cde->abde", [null, 3, 2], loraRank: 1), [2, 4], [null, 2, 3, 2],
            [[4, 3, 2], [4, 3, 1], [1, 2]]),
        new("Embedding", () => new Embedding(5, 3, loraRank: 2), [2], [null, 2, 3], [[5, 3], [5, 2], [2, 3]],
            Classes: 5),
        new("Conv1D", () => new Conv1D(3, 2, loraRank: 2), [4, 2], [null, 3, 3],
            [[2, 2, 3], [3], [2, 2, 2], [2, 3]]),
        new("Activation", () => new Activation("softplus"), [2, 3], [null, 2, 3], []),
        new("Dropout", () => new Dropout(0.4, seed: 3), [5], [null, 5], []),
        new("Dropout", () => new Dropout(0.4, noiseShape: [null, 1, 3]), [4, 3], [null, 4, 3], []),
        new("Flatten", () => new Flatten(), [2, 3, 4], [null, 24], []),
        new("Flatten", () => new Flatten("channels_first"), [2, 3, 4], [null, 24], []),
        new("Reshape", () => new Reshape([-1, 2]), [3, 4], [null, 6, 2], []),
        new("Permute", () => new Permute([2, 1]), [3, 4], [null, 4, 3], []),
        new("RepeatVector", () => new RepeatVector(3), [4], [null, 3, 4], []),
        new("ActivityRegularization", () => new ActivityRegularization(0.1, 0.2), [4], [null, 4], []),
        new("SpatialDropout1D", () => new SpatialDropout1D(0.4), [4, 3], [null, 4, 3], []),
        new("SpatialDropout2D", () => new SpatialDropout2D(0.4), [2, 3, 4], [null, 2, 3, 4], []),
        new("SpatialDropout2D", () => new SpatialDropout2D(0.4, "channels_first"), [2, 3, 4], [null, 2, 3, 4], []),
        new("SpatialDropout3D", () => new SpatialDropout3D(0.4), [2, 2, 3, 2], [null, 2, 2, 3, 2], []),
        new("GaussianNoise", () => new GaussianNoise(0.1), [4], [null, 4], []),
        new("GaussianDropout", () => new GaussianDropout(0.3), [4], [null, 4], []),
        new("AlphaDropout", () => new AlphaDropout(0.3, noiseShape: [null, 1]), [4], [null, 4], []),
        new("LeakyReLU", () => new LeakyReLU(0.2), [4], [null, 4], []),
        new("ELU", () => new ELU(0.7), [4], [null, 4], []),
        new("ThresholdedReLU", () => new ThresholdedReLU(0.3), [4], [null, 4], []),
        new("Softmax", () => new Softmax(), [4], [null, 4], []),
        new("Softmax", () => new Softmax(1), [3, 4], [null, 3, 4], []),
        new("ReLU", () => new ReLU(0.6, 0.1, 0.2), [4], [null, 4], []),
        new("PReLU", () => new PReLU("uniform", alphaRegularizer: "l2"), [2, 3], [null, 2, 3], [[2, 3]]),
        new("PReLU", () => new PReLU(alphaInitializer: new Initializers.Constant(0.3), sharedAxes: [1, 2]), [2, 3, 4],
            [null, 2, 3, 4], [[1, 1, 4]]),
        new("BatchNormalization", () => new BatchNormalization(), [4], [null, 4], [[4], [4], [4], [4]]),
        new("BatchNormalization",
            () => new BatchNormalization(axis: 1, momentum: 0.5, scale: false, betaRegularizer: "l2"), [3, 4, 2],
            [null, 3, 4, 2], [[3], [3], [3]]),
        new("BatchNormalization", () => new BatchNormalization(renorm: true,
            renormClipping: new RenormClipping(RMax: 1.5, RMin: 1.5, DMax: 0), renormMomentum: 0.9), [4], [null, 4],
            [[4], [4], [4], [4], [4], [4], [4]]),
        new("Conv1D", () => new Conv1D(3, 2, padding: "causal", dilationRate: 2, activation: "tanh"), [5, 2],
            [null, 5, 3], [[2, 2, 3], [3]]),
        new("Conv1D",
            () => new Conv1D(2, 3, strides: 2, padding: "same", dataFormat: "channels_first", kernelRegularizer: "l2"),
            [2, 6], [null, 2, 3], [[3, 2, 2], [2]]),
        new("Conv2D", () => new Conv2D(3, (2, 3), strides: (2, 1), useBias: false), [4, 5, 2], [null, 2, 3, 3],
            [[2, 3, 2, 3]]),
        new("Conv2D",
            () => new Conv2D(2, 2, padding: "same", dataFormat: "channels_first", kernelConstraint: "max_norm"),
            [2, 3, 3], [null, 2, 3, 3], [[2, 2, 2, 2], [2]]),
        new("Conv3D", () => new Conv3D(2, [1, 2, 2], padding: "same", activityRegularizer: "l2"), [2, 2, 3, 2],
            [null, 2, 2, 3, 2], [[1, 2, 2, 2, 2], [2]]),
        new("MaxPooling1D", () => new MaxPooling1D(3, strides: 2, padding: "same"), [6, 2], [null, 3, 2], []),
        new("MaxPooling2D", () => new MaxPooling2D((2, 1), dataFormat: "channels_first"), [2, 4, 3],
            [null, 2, 2, 3], []),
        new("MaxPooling3D", () => new MaxPooling3D(), [2, 4, 3, 2], [null, 1, 2, 1, 2], []),
        new("AveragePooling1D", () => new AveragePooling1D(2, strides: 1), [4, 2], [null, 3, 2], []),
        new("AveragePooling2D", () => new AveragePooling2D(3, strides: 2, padding: "same"), [4, 3, 2],
            [null, 2, 2, 2], []),
        new("AveragePooling3D", () => new AveragePooling3D([2, 1, 2], dataFormat: "channels_first"), [2, 2, 3, 2],
            [null, 2, 1, 3, 1], []),
        new("ZeroPadding1D", () => new ZeroPadding1D((2, 1)), [3, 2], [null, 6, 2], []),
        new("ZeroPadding2D", () => new ZeroPadding2D((1, 2), "channels_first"), [2, 2, 3], [null, 2, 4, 7], []),
        new("ZeroPadding3D", () => new ZeroPadding3D(((0, 1), (1, 0), (0, 0))), [2, 2, 3, 2], [null, 3, 3, 3, 2], []),
        new("Cropping1D", () => new Cropping1D(), [4, 2], [null, 2, 2], []),
        new("Cropping2D", () => new Cropping2D(((1, 0), (0, 2))), [3, 4, 2], [null, 2, 2, 2], []),
        new("Cropping3D", () => new Cropping3D(1, "channels_first"), [2, 3, 4, 3], [null, 2, 1, 2, 1], []),
        new("UpSampling1D", () => new UpSampling1D(3), [2, 2], [null, 6, 2], []),
        new("UpSampling2D", () => new UpSampling2D((2, 3), "channels_first"), [2, 2, 3], [null, 2, 4, 9], []),
        new("UpSampling2D", () => new UpSampling2D((2, 3), interpolation: "bilinear"), [2, 3, 2], [null, 4, 9, 2], []),
        new("UpSampling3D", () => new UpSampling3D([1, 2, 2]), [2, 2, 2, 2], [null, 2, 4, 4, 2], []),
        new("Conv2DTranspose", () => new Conv2DTranspose(2, (2, 3), strides: 2, outputPadding: [1, 0]), [2, 2, 3],
            [null, 5, 5, 2], [[2, 3, 2, 3], [2]]),
        new("Conv2DTranspose",
            () => new Conv2DTranspose(2, 3, strides: (1, 2), padding: "same", dataFormat: "channels_first"), [3, 2, 2],
            [null, 2, 2, 4], [[3, 3, 2, 3], [2]]),
        new("Conv3DTranspose", () => new Conv3DTranspose(1, [1, 2, 2], strides: [2, 1, 1], activation: "tanh"),
            [2, 1, 2, 2], [null, 4, 2, 3, 1], [[1, 2, 2, 1, 2], [1]]),
        new("SeparableConv1D", () => new SeparableConv1D(3, 2, depthMultiplier: 2, padding: "causal"), [4, 2],
            [null, 4, 3], [[2, 2, 2], [1, 4, 3], [3]]),
        new("SeparableConv2D",
            () => new SeparableConv2D(2, (2, 1), strides: 2, padding: "same", pointwiseRegularizer: "l2"), [3, 4, 2],
            [null, 2, 2, 2], [[2, 1, 2, 1], [1, 1, 2, 2], [2]]),
        new("DepthwiseConv2D",
            () => new DepthwiseConv2D(2, depthMultiplier: 2, dilationRate: 2, dataFormat: "channels_first"), [2, 4, 3],
            [null, 4, 2, 1], [[2, 2, 2, 2], [4]]),
        new("GlobalAveragePooling1D", () => new GlobalAveragePooling1D(), [3, 4], [null, 4], []),
        new("GlobalAveragePooling2D", () => new GlobalAveragePooling2D("channels_first"), [2, 3, 4], [null, 2], []),
        new("GlobalAveragePooling3D", () => new GlobalAveragePooling3D(), [2, 3, 2, 4], [null, 4], []),
        new("GlobalMaxPooling1D", () => new GlobalMaxPooling1D("channels_first"), [3, 4], [null, 3], []),
        new("GlobalMaxPooling2D", () => new GlobalMaxPooling2D(), [2, 3, 4], [null, 4], []),
        new("GlobalMaxPooling3D", () => new GlobalMaxPooling3D(), [2, 3, 2, 4], [null, 4], []),
        new("Masking", () => new Masking(0.5), [4, 2], [null, 4, 2], []),
        new("Embedding", () => new Embedding(5, 3, embeddingsRegularizer: "l2"), [4], [null, 4, 3], [[5, 3]],
            Classes: 5),
        new("Embedding", () => new Embedding(5, 3, maskZero: true, inputLength: 4), [4], [null, 4, 3], [[5, 3]],
            Classes: 5),
        new("SimpleRNN", () => new SimpleRNN(3, dropout: 0.2, recurrentDropout: 0.3), [4, 2], [null, 3],
            [[2, 3], [3, 3], [3]]),
        new("SimpleRNN",
            () => new SimpleRNN(3, activation: "softsign", useBias: false, returnSequences: true, goBackwards: true),
            [4, 2], [null, 4, 3], [[2, 3], [3, 3]]),
        new("LSTM", () => new LSTM(3, kernelRegularizer: "l2", dropout: 0.2, recurrentDropout: 0.3), [3, 2], [null, 3],
            [[2, 12], [3, 12], [12]]),
        new("LSTM", () => new LSTM(3, dropout: 0.2, recurrentDropout: 0.3, implementation: 1, returnSequences: true),
            [3, 2], [null, 3, 3], [[2, 12], [3, 12], [12]]),
        new("LSTM",
            () => new LSTM(2, activation: "softsign", recurrentActivation: "hard_sigmoid", unitForgetBias: false,
                goBackwards: true, activityRegularizer: "l2"), [3, 2], [null, 2], [[2, 8], [2, 8], [8]]),
        new("GRU", () => new GRU(3, dropout: 0.2, recurrentDropout: 0.3, implementation: 1), [3, 2], [null, 3],
            [[2, 9], [3, 9], [9]]),
        new("GRU", () => new GRU(3, dropout: 0.2, recurrentDropout: 0.3, returnSequences: true), [3, 2], [null, 3, 3],
            [[2, 9], [3, 9], [9]]),
        new("GRU", () => new GRU(2, activation: "softsign", resetAfter: true, useBias: false), [3, 2], [null, 2],
            [[2, 6], [2, 6]]),
        new("GRU", () => new GRU(2, activation: "softsign", resetAfter: true, returnSequences: true), [3, 2],
            [null, 3, 2], [[2, 6], [2, 6], [2, 6]]),
        new("CuDNNLSTM", () => new CuDNNLSTM(2, returnSequences: true), [3, 2], [null, 3, 2], [[2, 8], [2, 8], [16]]),
        new("CuDNNGRU", () => new CuDNNGRU(2), [3, 2], [null, 2], [[2, 6], [2, 6], [12]]),
        new("RNN",
            () => new RNN([new LSTMCell(2, dropout: 0.3), new GRUCell(3, resetAfter: true)], returnSequences: true),
            [3, 2], [null, 3, 3], [[2, 8], [2, 8], [8], [2, 9], [3, 9], [2, 9]]),
        new("StackedRNNCells", () => new StackedRNNCells([new SimpleRNNCell(3), new SimpleRNNCell(2)]), [4], [null, 2],
            [[4, 3], [3, 3], [3], [3, 2], [2, 2], [2]]),
        new("SimpleRNNCell", () => new SimpleRNNCell(3, biasConstraint: "non_neg"), [2], [null, 3],
            [[2, 3], [3, 3], [3]]),
        new("LSTMCell", () => new LSTMCell(3), [2], [null, 3], [[2, 12], [3, 12], [12]]),
        new("GRUCell", () => new GRUCell(3, recurrentRegularizer: "l2"), [2], [null, 3], [[2, 9], [3, 9], [9]]),
        new("ConvLSTM2D",
            () => new ConvLSTM2D(2, 2, padding: "same", dropout: 0.2, recurrentDropout: 0.3, returnSequences: true),
            [2, 3, 3, 1], [null, 2, 3, 3, 2], [[2, 2, 1, 8], [2, 2, 2, 8], [8]]),
        new("ConvLSTM2D",
            () => new ConvLSTM2D(1, (1, 2), strides: (1, 2), dataFormat: "channels_first", activation: "softsign"),
            [2, 2, 2, 4], [null, 1, 2, 2], [[1, 2, 2, 4], [1, 2, 1, 4], [4]]),
        new("ConvRNN2D", () => new ConvRNN2D(new ConvLSTM2DCell(1, 2, padding: "same")), [2, 2, 3, 1], [null, 2, 3, 1],
            [[2, 2, 1, 4], [2, 2, 1, 4], [4]]),
        new("ConvLSTM2DCell", () => new ConvLSTM2DCell(1, 2, padding: "same"), [2, 3, 1], [null, 2, 3, 1],
            [[2, 2, 1, 4], [2, 2, 1, 4], [4]]),
        new("TimeDistributed", () => new TimeDistributed(new Dense(3, activation: "tanh")), [4, 2], [null, 4, 3],
            [[2, 3], [3]]),
        new("TimeDistributed", () => new TimeDistributed(new BatchNormalization()), [3, 2], [null, 3, 2],
            [[2], [2], [2], [2]]),
        new("TimeDistributed", () => new TimeDistributed(new Conv1D(2, 2)), [2, 3, 2], [null, 2, 2, 2],
            [[2, 2, 2], [2]]),
        new("Bidirectional", () => new Bidirectional(new LSTM(2, returnSequences: true)), [3, 2], [null, 3, 4],
            [[2, 8], [2, 8], [8], [2, 8], [2, 8], [8]]),
        new("Bidirectional", () => new Bidirectional(new GRU(2, dropout: 0.2), mergeMode: "mul"), [3, 2], [null, 2],
            [[2, 6], [2, 6], [6], [2, 6], [2, 6], [6]]),
        new("LocallyConnected1D", () => new LocallyConnected1D(2, 2, strides: 2, activation: "tanh"), [5, 3],
            [null, 2, 2], [[2, 6, 2], [2, 2]]),
        new("LocallyConnected2D",
            () => new LocallyConnected2D(2, (2, 1), dataFormat: "channels_first", implementation: 2), [2, 3, 2],
            [null, 2, 2, 2], [[4, 4, 2], [2, 2, 2]]),
        new("LocallyConnected2D", () => new LocallyConnected2D(2, 2, useBias: false), [3, 2, 2], [null, 2, 1, 2],
            [[2, 8, 2]]),
        new("LayerNormalization", () => new LayerNormalization(), [3, 4], [null, 3, 4], [[4], [4]]),
        new("LayerNormalization", () => new LayerNormalization(axis: (1, 3), center: false), [2, 3, 4], [null, 2, 3, 4],
            [[2, 4]]),
        new("GroupNormalization", () => new GroupNormalization(2), [3, 4], [null, 3, 4], [[4], [4]]),
        new("GroupNormalization", () => new GroupNormalization(-1, axis: 1, betaRegularizer: "l2"), [2, 3, 2],
            [null, 2, 3, 2], [[2], [2]]),
        new("MultiHeadAttention", () => new MultiHeadAttention(2, 3, valueDim: 2, dropout: 0.2, useBias: false), [3, 4],
            [null, 3, 4], [[4, 2, 3], [4, 2, 3], [4, 2, 2], [2, 2, 4]]),
        new("MultiHeadAttention", () => new MultiHeadAttention(2, 2, outputShape: 3, useCausalMask: true), [3, 4],
            [null, 3, 3], [[4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [2, 2, 3], [3]]),
        new("MultiHeadAttention", () => new MultiHeadAttention(2, 2, slidingWindow: 2, useGate: true), [3, 4],
            [null, 3, 4],
            [[4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [2, 2, 4], [4]]),
        new("GroupedQueryAttention", () => new GroupedQueryAttention(2, 4, 2, dropout: 0.1, useBias: false), [3, 4],
            [null, 3, 4], [[4, 4, 2], [4, 2, 2], [4, 2, 2], [4, 2, 4]]),
        new("GroupedQueryAttention", () => new GroupedQueryAttention(2, 2, 1, useGate: true, useCausalMask: true),
            [3, 4], [null, 3, 4],
            [[4, 2, 2], [2, 2], [4, 1, 2], [1, 2], [4, 2, 2], [2, 2], [4, 1, 2], [1, 2], [2, 2, 4], [4]]),
        new("Attention", () => new Attention(useScale: true, dropout: 0.2), [3, 4], [null, 3, 4], [[]]),
        new("Attention", () => new Attention(useScale: true, "concat", useCausalMask: true), [3, 4], [null, 3, 4],
            [[], []]),
        new("AdditiveAttention", () => new AdditiveAttention(dropout: 0.1), [3, 4], [null, 3, 4], [[4]]),
        new("TransformerEncoder", () => new TransformerEncoder(5, 2, dropout: 0.1, activation: "tanh"), [3, 4],
            [null, 3, 4],
            [[4], [4], [4], [4], [4, 5], [5], [4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [4, 2, 2], [2, 2], [2, 2, 4], [4],
                [5, 4], [4]]),
        new("TransformerEncoder", () => new TransformerEncoder(3, 1, normalizeFirst: true), [2, 2], [null, 2, 2],
            [[2], [2], [2], [2], [2, 3], [3], [2, 1, 2], [1, 2], [2, 1, 2], [1, 2], [2, 1, 2], [1, 2], [1, 2, 2], [2],
                [3, 2], [2]]),
        new("Branches", () => new Branches([new Dense(3), new Dense(2, activation: "tanh")], "concat"), [4], [null, 5],
            [[4, 3], [3], [4, 2], [2]]),
        new("Branches",
            () => new Branches([new Dense(3), new Sequential([new Dense(2), new Dense(3)]), new Activation("linear")],
                "average"), [3], [null, 3], [[3, 3], [3], [3, 2], [2], [2, 3], [3]]),
        .. new Func<Merge>[]
            { () => new Add(), () => new Subtract(), () => new Multiply(), () => new Average(), () => new Maximum(),
                () => new Minimum() }
            .Select(merge =>
                new LayerCase("Branches",
                    () => new Branches([new Dense(3, activation: "tanh"), new Activation("linear")], merge()), [3],
                    [null, 3], [[3, 3], [3]])),
        new("Branches", () => new Branches([new Dense(3), new Dense(3)], new Dot((2, 2), normalize: true)), [2, 2],
            [null, 2, 2], [[2, 3], [3], [2, 3], [3]]),
        new("Branches", () => new Branches([new Conv1D(2, 2), new Conv1D(2, 1)], new Concatenate(axis: 1)), [3, 2],
            [null, 5, 2], [[2, 2, 2], [2], [1, 2, 2], [2]]),
        new("Residual", () => new Residual([new Dense(3, activation: "tanh"), new BatchNormalization(), new Dense(4)]),
            [4], [null, 4], [[4, 3], [3], [3], [3], [3, 4], [4], [3], [3]]),
        new("Residual", () => new Residual([new Dense(3)], shortcut: new Dense(3, useBias: false), merge: "multiply"),
            [2], [null, 3], [[2, 3], [3], [2, 3]]),
        new("Sequential", () => new Sequential([new Dense(3), new BatchNormalization(), new Dense(2)], name: "inside"),
            [4], [null, 2], [[4, 3], [3], [3], [3], [3, 2], [2], [3], [3]]),
        new("Identity", () => new Layers.Identity(), [2, 3], [null, 2, 3], []),
        new("UnitNormalization", () => new UnitNormalization(), [4], [null, 4], []),
        new("UnitNormalization", () => new UnitNormalization([1, -1]), [3, 4], [null, 3, 4], []),
        new("RMSNormalization", () => new RMSNormalization(), [4], [null, 4], [[4]]),
        new("RMSNormalization", () => new RMSNormalization(1, 0.1), [3, 4], [null, 3, 4], [[3]]),
        new("SpectralNormalization", () => new SpectralNormalization(new Dense(3), 2), [4], [null, 3],
            [[4, 3], [1, 3], [3]]),
        new("SpectralNormalization", () => new SpectralNormalization(new Conv2D(2, 2, useBias: false)), [3, 3, 2],
            [null, 2, 2, 2], [[2, 2, 2, 2], [1, 2]]),
        new("SpectralNormalization", () => new SpectralNormalization(new DepthwiseConv1D(2)), [4, 2],
            [null, 3, 2], [[2, 2, 1], [1, 1], [2]]),
        new("EinsumDense", () => new EinsumDense("abc,cd->abd", [null, 3], "tanh", "d"), [2, 4], [null, 2, 3],
            [[4, 3], [3]]),
        new("EinsumDense", () => new EinsumDense("...bc,bcd->...bd", [2, 3], biasAxes: "bd"), [3, 2, 4],
            [null, 3, 2, 3], [[2, 4, 3], [2, 3]]),
        new("EinsumDense", () => new EinsumDense("ab...,bc->ac...", [3], biasAxes: "c", kernelRegularizer: "l2"),
            [4, 2], [null, 3, 2], [[4, 3], [3, 1]]),
        new("Conv1D", () => new Conv1D(4, 2, groups: 2), [5, 6], [null, 4, 4], [[2, 3, 4], [4]]),
        new("Conv2D", () => new Conv2D(4, 2, groups: 2, dataFormat: "channels_first"), [2, 3, 3], [null, 4, 2, 2],
            [[2, 2, 1, 4], [4]]),
        new("Conv3D", () => new Conv3D(6, [1, 2, 1], groups: 3), [2, 2, 2, 3], [null, 2, 1, 2, 6],
            [[1, 2, 1, 1, 6], [6]]),
        new("Conv1DTranspose", () => new Conv1DTranspose(2, 3, strides: 2, outputPadding: 1), [3, 2], [null, 8, 2],
            [[3, 2, 2], [2]]),
        new("Conv1DTranspose", () => new Conv1DTranspose(2, 2, padding: "same", dilationRate: 2), [3, 2],
            [null, 3, 2], [[2, 2, 2], [2]]),
        new("Conv3DTranspose", () => new Conv3DTranspose(1, 2, dilationRate: [1, 2, 1]), [2, 2, 2, 1],
            [null, 3, 4, 3, 1], [[2, 2, 2, 1, 1], [1]]),
        new("DepthwiseConv1D", () => new DepthwiseConv1D(2, depthMultiplier: 2, padding: "same"), [4, 2],
            [null, 4, 4], [[2, 2, 2], [4]]),
        new("ConvLSTM1D", () => new ConvLSTM1D(2, 2, dropout: 0.2, recurrentDropout: 0.3, returnSequences: true),
            [2, 4, 1], [null, 2, 3, 2], [[2, 1, 8], [2, 2, 8], [8]]),
        new("ConvLSTM3D", () => new ConvLSTM3D(1, 2, padding: "same"), [2, 2, 2, 2, 1], [null, 2, 2, 2, 1],
            [[2, 2, 2, 1, 4], [2, 2, 2, 1, 4], [4]]),
        new("AdaptiveAveragePooling1D", () => new AdaptiveAveragePooling1D(2), [5, 2], [null, 2, 2], []),
        new("AdaptiveAveragePooling2D", () => new AdaptiveAveragePooling2D((2, 3)), [4, 4, 2], [null, 2, 3, 2], []),
        new("AdaptiveAveragePooling3D", () => new AdaptiveAveragePooling3D(1, "channels_first"), [2, 2, 3, 2],
            [null, 2, 1, 1, 1], []),
        new("AdaptiveMaxPooling1D", () => new AdaptiveMaxPooling1D(3), [5, 2], [null, 3, 2], []),
        new("AdaptiveMaxPooling2D", () => new AdaptiveMaxPooling2D(2), [4, 2, 2], [null, 2, 2, 2], []),
        new("AdaptiveMaxPooling3D", () => new AdaptiveMaxPooling3D([1, 2, 2]), [2, 3, 2, 1], [null, 1, 2, 2, 1], []),
        new("GlobalAveragePooling1D", () => new GlobalAveragePooling1D(keepdims: true), [3, 4], [null, 1, 4], []),
        new("GlobalMaxPooling2D", () => new GlobalMaxPooling2D("channels_first", true), [3, 4, 2],
            [null, 3, 1, 1], []),
        new("ReversibleEmbedding", () => new ReversibleEmbedding(5, 3), [4], [null, 4, 3], [[5, 3]], Classes: 5),
        new("Pipeline", () => new Pipeline([new Dense(3), new BatchNormalization(), new Dense(2)]), [4], [null, 2],
            [[4, 3], [3], [3], [3], [3], [3], [3, 2], [2]]),
        new("STFTSpectrogram", () => new STFTSpectrogram("magnitude", 4, 2), [10, 2], [null, 4, 6],
            [[4, 1, 3], [4, 1, 3]]),
        new("STFTSpectrogram",
            () => new STFTSpectrogram("stft", 4, padding: "same", expandDims: true, dataFormat: "channels_first",
                window: "hamming"), [2, 8], [null, 2, 4, 6], [[4, 1, 3], [4, 1, 3]]),
        new("MelSpectrogram", () => new MelSpectrogram(8, 4, numMelBins: 3, samplingRate: 100, powerToDb: false), [16],
            [null, 3, 5], []),
        new("MelSpectrogram", () => new MelSpectrogram(8, 4, 6, null, 100, 2, topDb: 200), [16], [null, 2, 5], []),
        new("UpSampling2D", () => new UpSampling2D(2, interpolation: "bicubic"), [2, 3, 1], [null, 4, 6, 1], []),
        new("UpSampling2D", () => new UpSampling2D((1, 3), interpolation: "lanczos3"), [2, 3, 1], [null, 2, 9, 1],
            []),
        new("Softmax", () => new Softmax([1, 2]), [3, 4], [null, 3, 4], []),
        new("RandomFlip", () => new RandomFlip("horizontal", seed: 1), [2, 3, 2], [null, 2, 3, 2], []),
        new("RandomRotation", () => new RandomRotation(0.2, "constant", fillValue: 0.5), [3, 4, 2], [null, 3, 4, 2],
            []),
        new("RandomZoom", () => new RandomZoom((0.1, 0.3), -0.2, "wrap", dataFormat: "channels_first"), [2, 3, 4],
            [null, 2, 3, 4], []),
        new("RandomTranslation", () => new RandomTranslation(0.4, (-0.2, 0.1), interpolation: "nearest", seed: 3),
            [3, 4, 1], [null, 3, 4, 1], []),
        new("RandomContrast", () => new RandomContrast(0.3, (-2, 2)), [2, 3, 2], [null, 2, 3, 2], []),
        new("RandomBrightness", () => new RandomBrightness((-0.2, 0.3), (-1, 1)), [2, 3, 1], [null, 2, 3, 1], []),
        new("RandomCrop", () => new RandomCrop(2, 3, seed: 2), [3, 4, 2], [null, 2, 3, 2], []),
        new("RandomCrop", () => new RandomCrop(4, 2, dataFormat: "channels_first"), [1, 3, 4], [null, 1, 4, 2], []),
        new("RandomErasing", () => new RandomErasing((0.5, 1), 0.5, new float[] { 0.1f, 0.2f, 0.3f }, (-1, 1)),
            [3, 3, 3], [null, 3, 3, 3], []),
        new("RandomErasing", () => new RandomErasing(valueRange: (-1, 1)), [3, 3, 1], [null, 3, 3, 1], []),
        new("MixUp", () => new MixUp(0.4), [2, 2, 2], [null, 2, 2, 2], []),
        new("CutMix", () => new CutMix((0.5, 1)), [3, 3, 1], [null, 3, 3, 1], []),
        new("RandomShear", () => new RandomShear(0.3, (0.1, 0.2), fillMode: "nearest"), [3, 4, 2], [null, 3, 4, 2],
            []),
        new("RandomPerspective", () => new RandomPerspective((1, 1), 0.4, fillValue: 0.2), [4, 3, 1], [null, 4, 3, 1],
            []),
        new("RandomHue", () => new RandomHue(0.4, (-1, 1)), [2, 2, 3], [null, 2, 2, 3], []),
        new("RandomSaturation", () => new RandomSaturation((0.3, 0.6), dataFormat: "channels_first"), [3, 2, 2],
            [null, 3, 2, 2], []),
        new("RandomColorJitter", () => new RandomColorJitter((-1, 1), 0.1, 0.2, hueFactor: (0.1, 0.3)), [2, 2, 3],
            [null, 2, 2, 3], []),
        new("RandomColorDegeneration", () => new RandomColorDegeneration((0.2, 0.5), (-1, 1)), [2, 2, 3],
            [null, 2, 2, 3], []),
        new("RandomGrayscale", () => new RandomGrayscale(0.5, "channels_first"), [3, 2, 2], [null, 3, 2, 2], []),
        new("RandomInvert", () => new RandomInvert((0.3, 0.7), (-1, 1)), [2, 3, 1], [null, 2, 3, 1], []),
        new("RandomPosterization", () => new RandomPosterization((1, 1), (-1, 1)), [2, 3, 1], [null, 2, 3, 1], []),
        new("RandomSharpness", () => new RandomSharpness((0.6, 0.9), (-3, 3)), [3, 4, 2], [null, 3, 4, 2], []),
        new("RandomGaussianBlur", () => new RandomGaussianBlur((0.5, 1), (3, 5), (0.5, 1), (-1, 1)), [5, 4, 2],
            [null, 5, 4, 2], []),
        new("RandomElasticTransform", () => new RandomElasticTransform((1, 1), (0.5, 1), valueRange: (-1, 1)),
            [5, 6, 1], [null, 5, 6, 1], []),
        new("Solarization", () => new Solarization(0.2, 0.4, (-1, 1)), [2, 3, 2], [null, 2, 3, 2], []),
        new("AutoContrast", () => new AutoContrast((-1, 1)), [2, 3, 2], [null, 2, 3, 2], []),
        new("Equalization", () => new Equalization((-1, 1), 4), [2, 3, 2], [null, 2, 3, 2], []),
        new("ContrastLimitedAdaptiveHistogramEqualization",
            () => new ContrastLimitedAdaptiveHistogramEqualization((-1, 1), 3, (2, 1)), [3, 2, 2], [null, 3, 2, 2],
            []),
        new("RandAugment", () => new RandAugment((-1, 1), seed: 5), [4, 4, 3], [null, 4, 4, 3], []),
        new("AugMix", () => new AugMix((-1, 1), 2, 1, allOps: false), [4, 4, 3], [null, 4, 4, 3], []),
        new("Rescaling", () => new Rescaling(0.5, offset: -1), [3], [null, 3], []),
        new("Rescaling", () => new Rescaling(new float[] { 0.5f, 2, -1 }), [2, 3], [null, 2, 3], []),
        new("Normalization", () => new Normalization(), [4], [null, 4], [[4], [4], []]),
        new("Normalization", () => new Normalization((1, 3), invert: true), [2, 3, 4], [null, 2, 3, 4],
            [[2, 4], [2, 4], []]),
        new("Normalization", () => new Normalization([], mean: 0.5, variance: 0.04), [4], [null, 4], []),
        new("Discretization", () => new Discretization([1, 2.5]), [3], [null, 3], [], Classes: 5),
        new("Discretization", () => new Discretization([1, 2.5], outputMode: "count"), [3], [null, 3], [], Classes: 5),
        new("CategoryEncoding", () => new CategoryEncoding(5), [3], [null, 5], [], Classes: 5),
        new("CategoryEncoding", () => new CategoryEncoding(5, "one_hot"), [3], [null, 3, 5], [], Classes: 5),
        new("CategoryEncoding", () => new CategoryEncoding(5, "count"), [2, 3], [null, 2, 5], [], Classes: 5),
        new("CenterCrop", () => new CenterCrop(2, 3), [4, 4, 2], [null, 2, 3, 2], []),
        new("CenterCrop", () => new CenterCrop(4, 3, "channels_first"), [2, 3, 4], [null, 2, 4, 3], []),
        new("Resizing", () => new Resizing(3, 4), [2, 6, 2], [null, 3, 4, 2], []),
        new("Resizing", () => new Resizing(3, 2, "bicubic", antialias: true, dataFormat: "channels_first"), [2, 5, 4],
            [null, 2, 3, 2], []),
        new("Resizing", () => new Resizing(3, 3, "nearest", padToAspectRatio: true, fillValue: 0.5), [2, 4, 1],
            [null, 3, 3, 1], []),
        new("Resizing", () => new Resizing(3, 3, "lanczos3", cropToAspectRatio: true), [2, 4, 1], [null, 3, 3, 1], []),
        new("Hashing", () => new Hashing(5), [2], [null, 2], [], Classes: 5),
        new("Hashing", () => new Hashing(5, "", salt: [133, 137], outputMode: "multi_hot"), [2], [null, 5], [],
            Classes: 5),
        new("IntegerLookup", () => new IntegerLookup(vocabulary: [3, 1]), [2], [null, 2], [], Classes: 5),
        new("IntegerLookup", () => new IntegerLookup(numOovIndices: 2, maskToken: 0, vocabulary: [3, 1],
            outputMode: "count"), [3], [null, 4], [], Classes: 5),
        new("IntegerLookup", () => new IntegerLookup(vocabulary: [30, 10], invert: true), [2], [null, 2], [],
            Classes: 5),
        new("StringLookup", () => new StringLookup(vocabulary: ["a", "b"]), [1], [null, 1], [], Classes: 3),
        new("StringLookup", () => new StringLookup(maxTokens: 6, vocabulary: ["a", "b"], idfWeights: [0.5, 2],
            outputMode: "tf_idf", padToMaxTokens: true), [2], [null, 6], [], Classes: 3),
        new("TextVectorization", () => new TextVectorization(vocabulary: ["a", "b"], ngrams: 2), [4], [null, 4], [],
            Classes: 4),
        new("TextVectorization", () => new TextVectorization(outputMode: "multi_hot", vocabulary: ["a", "b"],
            split: "character", standardize: null), [4], [null, 3], [], Classes: 3),
        new("Lambda", () => new Lambda(x => K.Square(x) + x), [4], [null, 4], [], HasConfig: false),
    ];

    /// <summary>The same models for other tests.</summary>
    internal sealed record TestModel(string Name, int Index, Func<Sequential> Make, Func<int, NDArray> Input);

    internal static IReadOnlyList<TestModel> Models { get; } =
        [.. s_cases.Select((c, i) => new TestModel(c.Name, i, () => Model(c), batch => Inputs(c, batch)))];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Shapes_and_weights_are_those_of_Keras(int index, string name)
    {
        LayerCase c = s_cases[index];
        using Sequential model = Model(c);
        CollectionAssert.AreEqual(c.Output, model.OutputShape.ToArray(), name);
        CollectionAssert.AreEqual(c.Output, model.Layers[^1].OutputShape!.ToArray());
        Assert.HasCount(c.Weights.Length, model.Layers[0].Weights);
        for (int i = 0; i < c.Weights.Length; i++)
            CollectionAssert.AreEqual(c.Weights[i].Select(d => (int?)d).ToArray(),
                model.Layers[0].Weights[i].Shape.ToArray());
        NDArray y = model.Predict(Inputs(c, 3));
        CollectionAssert.AreEqual(c.Output.Skip(1).Select(d => d!.Value).Prepend(3).ToArray(), y.Shape.ToArray());
        Assert.IsTrue(y.ToArray().All(float.IsFinite));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_configuration_recreates_the_same_layer(int index, string name)
    {
        LayerCase c = s_cases[index];
        using Sequential model = Model(c);
        if (!c.HasConfig)
        {
            Assert.Contains(model.Layers[0].Name,
                Assert.ThrowsExactly<InvalidOperationException>(() => model.ToJson()).Message);
            return;
        }
        using Sequential copy = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(model.ToJson(), copy.ToJson(), name);
        copy.SetWeights(model.GetWeights());
        NDArray x = Inputs(c, 3);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), copy.Predict(x).ToArray());
        Assert.AreEqual(model.Layers[0].GetType(),
            Layer.FromConfig(
                JsonDocument.Parse(
                    $$"""{"class_name": "{{c.Name}}", "config": {{model.Layers[0].GetConfig().ToJsonString()}}}""")
                .RootElement).GetType());
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_agree_with_central_differences(int index, string name) =>
        CheckGradients(index, name, training: false);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Gradients_in_training_agree_with_central_differences(int index, string name) =>
        CheckGradients(index, name, training: true);

    static void CheckGradients(int index, string name, bool training)
    {
        LayerCase c = s_cases[index];
        using Sequential model = Model(c);
        NDArray x = Inputs(c, 2);
        using TraceScope scope = TraceScope.Begin(training, 0);
        Tensor input = K.Placeholder([.. x.Shape.ToArray().Select(d => (int?)d)]);
        Tensor loss = K.Sum(K.Tanh(model.Forward(input)[^1]));
        foreach (Tensor added in scope.Losses) loss += added;
        Tensor[] wrt = [input, .. model.TrainableWeights];
        using Function function = K.Function([input], K.Gradients(loss, wrt));
        NDArray[] gradients = function.Run(x);

        var exact = new Dictionary<Tensor, double[]> { [input] = Exact(x) };
        foreach (Variable w in model.Weights) exact[w] = Exact(w.GetValue());
        // Random numbers depend only on the run number: those of the first run are the same for both.
        Tensor[] random = [.. RandomNodes([loss]).Distinct()];
        using Function drawn = K.Function([], random);
        NDArray[] draws = random.Length == 0 ? [] : drawn.Run();
        for (int i = 0; i < random.Length; i++) exact[random[i]] = Exact(draws[i]);
        // Integers have no neighbors.
        for (int i = c.Classes > 0 ? 1 : 0; i < wrt.Length; i++)
        {
            double[] slopes = Ops.Reference.Slopes(exact, loss, wrt[i]);
            for (int k = 0; k < slopes.Length; k++)
                GoldenCase.AssertClose(gradients[i].Span[k], slopes[k], 1e-3, 1e-4, $"{name}, gradient {i}[{k}]");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_short_training_runs_and_changes_the_weights(int index, string name)
    {
        LayerCase c = s_cases[index];
        using Sequential model = Model(c);
        model.Compile(new SGD(0.05), "mse");
        NDArray x = Inputs(c, 6);
        NDArray y = Values([6, .. c.Output.Skip(1).Select(d => d!.Value)]);
        float[][] before = [.. model.GetWeights().Select(w => w.ToArray())];
        History history = model.Fit(x, y, batchSize: 4, epochs: 2, verbose: 0);
        Assert.IsTrue(history["loss"].All(double.IsFinite), name);
        // The bias of the keys shifts all scores of a query equally, which a softmax ignores; a cell alone makes one
        // step, from states of 0. Statistics of data change only when a layer is adapted. An adapter replaces its
        // kernel.
        bool Moves(Variable w) => !w.Name.EndsWith("key_bias", StringComparison.Ordinal)
            && model.Layers[0] is not Normalization && w != model.Layers[0].Adapter?.Kernel
            && !(model.Layers[0] is Cell && w.Name.EndsWith("recurrent_kernel", StringComparison.Ordinal));
        for (int i = 0; i < before.Length; i++)
            if (Moves(model.Weights[i]))
                CollectionAssert.AreNotEqual(before[i], model.GetWeights()[i].ToArray(),
                    $"{name}, weight {model.Weights[i].Name}");

        model.Layers[0].Trainable = false;
        model.Compile(new SGD(0.05), "mse");
        float[][] frozen = [.. model.GetWeights().Select(w => w.ToArray())];
        model.Fit(x, y, epochs: 1, verbose: 0);
        for (int i = 0; i < frozen.Length; i++)
            CollectionAssert.AreEqual(frozen[i], model.GetWeights()[i].ToArray(), $"{name}, frozen weight {i}");
    }

    [TestMethod]
    public void Every_layer_has_a_case()
    {
        var covered = s_cases.Select(c => c.Name).ToHashSet();
        // Merges are part of Branches.
        covered.UnionWith(s_cases.Select(c => c.Make()).OfType<Branches>().Select(b => b.Merge.ClassName));
        // An InputLayer is not in a model's list of layers; it has its own tests.
        foreach (string name in LayerRegistry.Names.Where(n => n != "InputLayer"))
            Assert.IsTrue(covered.Contains(name), $"{name} has no case");
        foreach (Type type in typeof(Layer).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Layer)) && !t.IsAbstract && t != typeof(InputLayer) && !IsAlias(t)))
            Assert.IsTrue(covered.Contains(type.Name), $"{type.Name} has no case");
    }

    static bool IsAlias(Type type) => !type.IsAbstract && type.BaseType is { IsAbstract: false } same
        && type.Name != same.Name && LayerRegistry.Names.Contains(same.Name)
        && !LayerRegistry.Names.Contains(type.Name);

    [TestMethod]
    public void An_alias_of_a_layer_takes_the_same_arguments_and_writes_the_same_configuration()
    {
        Type[] aliases = [.. typeof(Layer).Assembly.GetExportedTypes().Where(IsAlias)];
        Assert.HasCount(25, aliases);
        foreach (Type alias in aliases)
        {
            static string Signature(Type type) =>
                string.Join(
                    ", ", type.GetConstructors().Single().GetParameters()
                    .Select(p => $"{p.ParameterType} {p.Name} {p.DefaultValue}"));
            Assert.AreEqual(Signature(alias.BaseType!), Signature(alias));
            object?[] arguments = [.. alias.GetConstructors().Single().GetParameters()
                .Select(p => p.HasDefaultValue ? p.DefaultValue : p.ParameterType == typeof(int) ? (object)2
                    : (Sizes)2)];
            var one = (Layer)alias.GetConstructors().Single().Invoke(arguments);
            var other = (Layer)alias.BaseType!.GetConstructors().Single().Invoke(arguments);
            Assert.AreEqual(other.Serialize().ToJsonString(), one.Serialize().ToJsonString());
            string renamed = other.Serialize().ToJsonString()
                .Replace($"\"{alias.BaseType.Name}\"", $"\"{alias.Name}\"", StringComparison.Ordinal);
            Assert.AreEqual(alias.BaseType, Layer.FromConfig(JsonDocument.Parse(renamed).RootElement).GetType());
        }
    }

    [TestMethod]
    public void Every_layer_is_listed_in_the_guide()
    {
        string guide = string.Concat(
            new[] { "layers", "recurrent" }.Select(
                page => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "guide", $"{page}.md"))));
        foreach (string name in LayerRegistry.Names) Assert.Contains($"`{name}`", guide);
    }

    [TestMethod]
    public void Spatial_sizes_can_be_free_until_data_arrives()
    {
        K.SetRandomSeed(6);
        using var model = new Sequential([
            new Conv2D(4, 3, padding: "same", inputShape: [null, null, 2]),
            new MaxPooling2D(2),
            new ZeroPadding2D(1),
            new SeparableConv2D(3, 2),
            new UpSampling2D(2, interpolation: "bilinear"),
            new Conv2DTranspose(2, 2, strides: 2),
            new DepthwiseConv2D((2, 1), depthMultiplier: 2),
            new Cropping2D(1),
            new AveragePooling2D(2, padding: "same"),
            new GlobalMaxPooling2D(),
            new Dense(1),
        ]);
        CollectionAssert.AreEqual(new int?[] { null, null, null, 4 }, model.Layers[0].OutputShape!.ToArray());
        CollectionAssert.AreEqual(new int?[] { null, null, null, 4 }, model.Layers[7].OutputShape!.ToArray());
        Assert.Contains("unknown until data arrive",
            Assert.ThrowsExactly<ArgumentException>(() => K.Function(model.Inputs, model.Outputs)).Message);
        model.Compile("adam", "mse");
        foreach (int[] size in new int[][] { [4, 6, 8, 2], [3, 5, 4, 2] })
        {
            Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Values(size), Values([size[0], 1]))["loss"]));
            CollectionAssert.AreEqual(new[] { size[0], 1 }, model.Predict(Values(size)).Shape.ToArray());
        }

        using var sequence = new Sequential(
            [new Conv1D(3, 2, padding: "causal", inputShape: [null, 2]), new MaxPooling1D(2), new LSTM(3)]);
        foreach (int steps in new[] { 4, 7 })
            CollectionAssert.AreEqual(new[] { 2, 3 }, sequence.Predict(Values([2, steps, 2])).Shape.ToArray());
    }

    [TestMethod]
    public void A_layer_written_by_a_user_trains_like_any_other()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential([new Scale(inputShape: [3]), new Dense(1)]);
        Assert.AreEqual("scale_1", model.Layers[0].Name);
        model.Compile(new Adam(0.05), "mse");
        NDArray x = Values([64, 3]), y = new float[64];
        for (int i = 0; i < 64; i++) y.Span[i] = 2 * x[i, 0] - x[i, 1];
        History history = model.Fit(x, y, epochs: 60, verbose: 0);
        Assert.IsTrue(history["loss"][^1] < 0.01 * history["loss"][0]);
    }

    [TestMethod]
    public void Initial_weights_can_be_given()
    {
        using var model = new Sequential(
            [new Dense(1, inputShape: [2], weights: [new float[,] { { 2 }, { 3 } }, new float[] { 1 }])]);
        Assert.AreEqual(2 * 5 + 3 * 7 + 1, model.Predict(new float[,] { { 5, 7 } }).Span[0]);
        Assert.ThrowsExactly<ArgumentException>(
            () => model.Add(new Dense(1, weights: [new float[,] { { 2 }, { 3 } }])));
        Assert.HasCount(1, model.Layers);
    }

    [TestMethod]
    [DataRow("BatchNormalization", "batch_normalization")]
    [DataRow("Dense", "dense")]
    [DataRow("RepeatVector", "repeat_vector")]
    [DataRow("Conv2D", "conv2d")]
    [DataRow("MaxPooling2D", "max_pooling2d")]
    [DataRow("LSTM", "lstm")]
    [DataRow("UpSampling1D", "up_sampling1d")]
    [DataRow("SeparableConv2D", "separable_conv2d")]
    [DataRow("ConvLSTM2D", "conv_lst_m2d")]
    [DataRow("PReLU", "p_re_lu")]
    public void Names_are_spelled_as_in_Keras(string className, string expected) =>
        Assert.AreEqual(expected, Layer.SnakeCase(className));

    [TestMethod]
    public void Bilinear_interpolation_uses_pixel_centers()
    {
        using var model = new Sequential([new UpSampling2D((1, 2), interpolation: "bilinear", inputShape: [1, 3, 1])]);
        NDArray x = new float[] { 0, 4, 2 };
        CollectionAssert.AreEqual(new[] { 0f, 1, 3, 3.5f, 2.5f, 2 }, model.Predict(x.Reshape(1, 1, 3, 1)).ToArray());
    }

    internal static Layer Make(int index)
    {
        K.SetRandomSeed(4);
        return s_cases[index].Make();
    }

    internal static int?[] InputOf(int index) => [.. s_cases[index].Input.Select(d => (int?)d)];

    internal static IEnumerable<object[]> Cases => s_cases.Select((c, i) => new object[] { i, c.Name });

    static Sequential Model(LayerCase c)
    {
        K.SetRandomSeed(4);
        var model = new Sequential();
        model.Add(c.Make());
        model.Build([null, .. c.Input]);
        return model;
    }

    static IEnumerable<Tensor> RandomNodes(IEnumerable<Tensor> roots) =>
        Topology.Order(roots).SelectMany(t => t.Op switch
    {
        RandomOp => [t],
        Scan scan => RandomNodes([.. scan.Body.NextStates, .. scan.Body.Outputs]),
        _ => Enumerable.Empty<Tensor>(),
    });

    static NDArray Inputs(LayerCase c, int count)
    {
        NDArray x = Values([count, .. c.Input]);
        if (c.Classes > 0)
            foreach (ref float v in x.Span) v = MathF.Floor((v + 1) / 2 * c.Classes);
        return x;
    }

    static double[] Exact(NDArray array) => [.. array.ToArray().Select(v => (double)v)];

    static NDArray Values(int[] shape)
    {
        var random = new Random(11);
        var result = new NDArray(shape);
        foreach (ref float v in result.Span) v = random.NextSingle() * 2 - 1;
        return result;
    }

    sealed class Scale(Shape? inputShape = null) : Layer(new LayerOptions(InputShape: inputShape))
    {
        Variable? _factor;

        public override Tensor Call(Tensor x) => x * _factor!;

        protected override void Build(Shape inputShape) =>
            _factor = AddWeight("factor", [inputShape[-1]!.Value], "ones");
    }
}
