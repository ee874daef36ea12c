using System.Globalization;
using System.Text;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>A plan as a human-readable table: each step, what it reads, and where its result is.</summary>
internal static class PlanText
{
    public static string Of(Graph graph, Schedule schedule, MemoryPlan? memory, int batch,
        bool roundsFactors)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"inputs   {string.Join(", ", graph.Inputs.Select(Describe))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"outputs  {string.Join(", ", graph.Outputs.Select(Describe))}");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"updates  {string.Join(", ", graph.Updates.Select(u => u.Variable.Name))}");
        if (memory is not null)
            text.AppendLine(CultureInfo.InvariantCulture, $"arena    {memory.Size * 4L:N0} bytes, planned for a " +
                $"batch of {batch}");
        text.AppendLine();
        for (int i = 0; i < schedule.Steps.Count; i++)
        {
            Step step = schedule.Steps[i];
            text.AppendLine(CultureInfo.InvariantCulture, $"{i,4}  {Title(step)}  {step.Root.Dims}" +
                $"{Precision(step, roundsFactors)}");
            text.AppendLine(CultureInfo.InvariantCulture, $"      {step}");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"      reads {string.Join(", ", step.Inputs.Select(Describe))}");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"      writes {string.Join(", ", step.Outputs.Select(o => Place(o, schedule, memory)))}");
        }
        return text.ToString();
    }

    static string Title(Step step) => step.Macro is { } macro && macro != step.Root ? $"{macro.Name} → {step.Root.Name}"
        : step.Root.Name;

    /// <summary>What a layer's policy asks for, and whether the device does it.</summary>
    static string Precision(Step step, bool roundsFactors) => step.Macro?.Op is not IProductOp { Precision: { } asked }
        ? "" : $"  ({asked.ToString().ToLowerInvariant()}{(roundsFactors ? "" : ": float32 on this device")})";

    static string Describe(Tensor tensor) => $"{tensor.Name} {tensor.Dims}";

    static string Place(Tensor tensor, Schedule schedule, MemoryPlan? memory) =>
        schedule.InPlace.TryGetValue(tensor, out Variable? variable) ? $"{variable.Name} in place"
        : memory is not null && memory.Contains(tensor) ? string.Create(CultureInfo.InvariantCulture,
            $"{tensor.Op.Name} at {memory.OffsetOf(tensor) * 4L:N0}")
        : tensor.Op.Name;
}
