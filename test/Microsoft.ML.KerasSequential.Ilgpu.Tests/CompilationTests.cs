using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Tests.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Every kernel in the form that CUDA and OpenCL get, on machines that have neither.</summary>
[TestClass]
public sealed class CompilationTests
{
    /// <summary>The directory for the assembly code of all kernels, for inspection.</summary>
    static readonly string? s_dump = Environment.GetEnvironmentVariable("KERASML_PTX");

    /// <summary>Kernels for a large and a small GPU, all precisions, all ops with their gradients.</summary>
    static readonly Lazy<MethodInfo[]> s_kernels = new(() =>
    {
        var methods = new HashSet<MethodInfo>();
        foreach (Grids grids
            in new[] { new Grids(256, 64, 32, 4), new Grids(256, 4096, 32, 132), new Grids(64, 64, 32, 4) })
        {
            foreach (FloatPrecision precision in grids.GroupSize == 256 && grids.Processors == 4
                ? Enum.GetValues<FloatPrecision>() : [FloatPrecision.Float32])
            {
                IlgpuDevice device = Emulator.Create(grids: grids, onlyRecords: true);
                if (precision == FloatPrecision.Float32)
                {
                    foreach (OpCase c
                        in OpTable.Cases.Where(c => grids.GroupSize == 256 && grids.Processors == 4
                            || c.Op is nameof(MatMul) or nameof(BatchMatMul) or nameof(Reduce)))
                        Bind(device, c, precision);
                    Bind(device, Source(new RandomUniform(new(5), 1)), precision);
                    Bind(device, Source(new RandomNormal(new(5), 1)), precision);
                    Bind(device, Source(new DropoutMask(new(5), 1, 0.5f)), precision);
                    Bind(device, Source(new SizeOf(Dim.Batch)), precision);
                }
                Bind(device, Product(300, 300, 1000), precision);
                Bind(device, Product(90, 90, 4000), precision);
                Bind(device, Product(1, 3, 70_000), precision);
                if (grids.Processors > 100) Steps(device);
                _ = device.Kernels.Get<RowsKernel, RowsKernel.Arguments>();
                _ = device.Kernels.Get<CollectKernel, CollectKernel.Arguments>();
                methods.UnionWith(device.Kernels.Methods);
            }
        }
        return [.. methods];
    });

    [TestMethod]
    public void Every_kernel_type_is_covered()
    {
        var met = s_kernels.Value.Select(m => Open(m.DeclaringType!)).ToHashSet();
        Type[] missing = [.. typeof(IlgpuDevice).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.GetInterfaces()
                .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IKernel<>))).Select(Open)
                .Where(t => !met.Contains(t))];
        Assert.IsEmpty(missing, string.Join(", ", missing.Select(t => t.Name)));
        foreach (Type argument
            in new[] { typeof(LargeTile), typeof(MediumTile), typeof(SmallTile), typeof(TensorFloat32),
                typeof(BFloat16), typeof(Float16), typeof(WindowFactor), typeof(TurnedWindowFactor), typeof(Together),
                typeof(Loops) })
            Assert.IsTrue(s_kernels.Value.Any(m => m.DeclaringType!.GetGenericArguments().Contains(argument)),
                $"{argument.Name} was not used");
    }

    [TestMethod]
    public void Every_op_has_a_kernel()
    {
        foreach (Type op in CpuKernels.Table.Keys)
            Assert.IsTrue(GpuKernels.Table.ContainsKey(op), $"{op.Name} has no GPU kernel");
        Assert.AreEqual(CpuKernels.Table.Count, GpuKernels.Table.Count);
    }

    [TestMethod]
    [DataRow(8, 0)]
    [DataRow(9, 0)]
    public void All_kernels_compile_to_PTX(int major, int minor) => ForAll(method =>
    {
        using Context context = NewContext();
        using var backend =
            new PTXBackend(context, new CudaArchitecture(major, minor), CudaInstructionSet.ISA_80, null!);
        string code = (
            (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), default))
            .PTXAssembly;
        Assert.IsFalse(code.Contains(".extern .func", StringComparison.Ordinal),
            "it calls a function that is not there");
        Assert.IsFalse(code.Contains("call.uni", StringComparison.Ordinal),
            "it calls a function, perhaps one of .NET that calls itself");
        Assert.IsFalse(code.Contains(".approx", StringComparison.Ordinal), "it uses an approximate instruction");
        if (s_dump is not null)
            File.WriteAllText(
                Path.Combine(Directory.CreateDirectory(s_dump).FullName,
                    $"{Math.Abs(method.GetHashCode())}-sm{major}{minor}.ptx"), $"// {Title(method)}\n{code}");
    });

    [TestMethod]
    public void All_kernels_compile_to_OpenCL() => ForAll(method =>
    {
        // Tensor cores are NVIDIA's; such kernels are only for CUDA.
        if (Open(method.DeclaringType!) == typeof(TensorProduct<,,,,,,>)) return;
        using Context context = NewContext();
        using var backend = new CLBackend(context, new CLCapabilityContext(false, true, true, false, false),
            CLDeviceVendor.Other, CLCVersion.CL20);
        Assert.Contains(
            "kernel",
            ((CLCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), default))
            .Source);
    });

    /// <summary>A failed compilation corrupts its context, so each kernel has its own.</summary>
    static Context NewContext() => Context.Create(b => b.Optimize(OptimizationLevel.O2));

    static void ForAll(Action<MethodInfo> check)
    {
        var failures = new ConcurrentBag<string>();
        Parallel.ForEach(s_kernels.Value, method =>
        {
            try
            {
                check(method);
            }
            catch (Exception e)
            {
                failures.Add($"{(e.InnerException ?? e).Message}: {Title(method)}");
            }
        });
        Assert.IsEmpty(failures, $"{failures.Count} of {s_kernels.Value.Length}: "
            + $"{string.Join(Environment.NewLine, failures.Take(5))}");
    }

    /// <summary>Training steps of realistic networks.</summary>
    static void Steps(IlgpuDevice device)
    {
        using var images = new Sequential([
            new Conv2D(32, 3, activation: "relu", inputShape: [28, 28, 1]), new Conv2D(64, 3, activation: "relu"),
                new BatchNormalization(), new MaxPooling2D(2), new Dropout(0.25), new Flatten(),
            new Dense(128, activation: "relu"), new Dense(10, activation: "softmax"),
        ])
        { Device = device };
        images.Compile("adadelta", "categorical_crossentropy", metrics: ["accuracy"]);
        _ = images.StepBytes([28, 28, 1], [10], 16);
        using var sentences = new Sequential(
            [new Embedding(2000, 128, inputLength: 20), new LSTM(128, returnSequences: true), new GRU(32),
                new Dense(1, activation: "sigmoid")])
        { Device = device };
        sentences.Compile("adam", "binary_crossentropy", metrics: ["accuracy"]);
        _ = sentences.StepBytes([20], [1], 16);
        using var encoder = new Sequential(
            [new TransformerEncoder(64, 4, inputShape: [12, 32]), new GlobalAveragePooling1D(), new Dense(3)])
        { Device = device };
        encoder.Compile("rmsprop", "mse", metrics: ["mae"]);
        _ = encoder.StepBytes([12, 32], [3], 16);
    }

    static OpCase Product(int rows, int columns, int inner) =>
        new("MatMul", (_, _) => [[rows, inner], [inner, columns], [columns]], t => K.Tanh(K.Dot(t[0], t[1]) + t[2]));

    static OpCase Source(Op op) => new(op.Name, (_, _) => [[1]], t => t[0] * new Tensor(op), Differentiable: []);

    static void Bind(IlgpuDevice device, OpCase c, FloatPrecision precision)
    {
        foreach ((int m, int n) in new[] { (17, 5), (3, 130) })
        {
            Tensor[] inputs = [.. c.Shapes(m, n).Select(s => K.Placeholder([.. s.Select(d => (int?)d)]))];
            Tensor y = c.Build(inputs);
            Prepare(new Graph(inputs, [y], []));
            Tensor[] wrt = [.. (c.Differentiable ?? [.. Enumerable.Range(0, inputs.Length)]).Select(i => inputs[i])];
            if (wrt.Length > 0 && m == 17) Prepare(new Graph(inputs, [.. K.Gradients(K.Sum(y * y), wrt)], []));
        }

        void Prepare(Graph graph)
        {
            using Microsoft.ML.KerasSequential.Runtime.Executable executable = device.Compile(graph, precision);
            executable.Prepare(1);
        }
    }

    static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    static string Title(MethodInfo method) => method.DeclaringType!.ToString();
}
