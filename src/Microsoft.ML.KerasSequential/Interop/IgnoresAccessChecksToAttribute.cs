namespace System.Runtime.CompilerServices;

/// <summary>Lets an assembly use the internal members of another; the runtime recognizes it by name.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName => assemblyName;
}
