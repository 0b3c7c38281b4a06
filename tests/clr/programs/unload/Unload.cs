// SPDX-License-Identifier: MIT
// unload PLUGIN WARM CYCLES: loads the plugin into a collectible context, runs it, and unloads it: WARM times, and then
// CYCLES times. Prints the process's address space and resident memory after each part, in KiB, and what came of it all.
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

var (plugin, warm, cycles) = (Path.GetFullPath(args[0]), int.Parse(args[1]), int.Parse(args[2]));
var value = Cycles.Run(plugin, warm, 1);
Console.WriteLine($"warm {Memory.Describe()}");
value = Cycles.Run(plugin, cycles, value);
Console.WriteLine($"end {Memory.Describe()}");
Console.WriteLine($"value {value}");

static class Cycles
{
    // All contexts of a batch are gone before the next one starts: memory is then what one batch takes.
    private const int Batch = 10;

    public static int Run(string plugin, int count, int value)
    {
        var batch = new List<WeakReference>();
        for (var i = 0; i < count; i++)
        {
            batch.Add(One(plugin, ref value));
            if (batch.Count == Batch || i + 1 == count)
                Await(batch);
        }
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference One(string plugin, ref int value)
    {
        var context = new AssemblyLoadContext("plugin", isCollectible: true);
        var run = context.LoadFromAssemblyPath(plugin).GetType("Methods")!.GetMethod("Run")!;
        value = (int)run.Invoke(null, [value])!;
        context.Unload();
        return new WeakReference(context);
    }

    private static void Await(List<WeakReference> batch)
    {
        while (batch.Exists(context => context.IsAlive))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        batch.Clear();
    }
}

static class Memory
{
    public static string Describe()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var status = File.ReadAllLines("/proc/self/status");
        return $"space {Field(status, "VmSize:")} resident {Field(status, "VmRSS:")}";
    }

    private static long Field(string[] status, string name) =>
        long.Parse(status.First(line => line.StartsWith(name)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);
}
