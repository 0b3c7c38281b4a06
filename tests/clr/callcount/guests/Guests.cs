// SPDX-License-Identifier: MIT
//
// guests ROUNDS: assemblies that come and go: read from a file and from memory into contexts that are unloaded, and
// emitted. It says how often each method was called, and whether everything went.
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Guests;

public static class Program
{
    const int Calls = 10;

    public static int Main(string[] arguments)
    {
        int rounds = int.Parse(arguments[0]);
        var contexts = new WeakReference[2 * rounds];

        for (int i = 0; i < rounds; i++)
        {
            contexts[2 * i] = Host(i, fromFile: true);
            contexts[2 * i + 1] = Host(i, fromFile: false);
            Emitted.Use(AssemblyBuilderAccessOf(i), Calls);
        }
        Emitted.Collect();
        Say(rounds, contexts.Count(context => context.IsAlive));
        return 0;
    }

    static System.Reflection.Emit.AssemblyBuilderAccess AssemblyBuilderAccessOf(int round) => round % 2 == 0
        ? System.Reflection.Emit.AssemblyBuilderAccess.Run
        : System.Reflection.Emit.AssemblyBuilderAccess.RunAndCollect;

    // Nothing of the context may be left in a frame that goes on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Host(int round, bool fromFile)
    {
        string path = typeof(Program).Assembly.Location;
        var context = new AssemblyLoadContext($"guest {round}", isCollectible: true);
        Assembly guest = fromFile
            ? context.LoadFromAssemblyPath(path)
            : context.LoadFromStream(new MemoryStream(File.ReadAllBytes(path)));
        var greet = guest.GetType("Guests.Visitor")!.GetMethod("Greet")!.CreateDelegate<Func<int, int>>();

        for (int i = 0; i < Calls; i++)
            greet(i);
        context.Unload();
        return new WeakReference(context);
    }

    static void Say(int rounds, int alive)
    {
        Console.WriteLine($"Guests.Visitor.Greet {2 * Calls * rounds}");
        Console.WriteLine($"Guests.Visitor..cctor {2 * rounds}");
        Console.WriteLine($"Guests.Program.Host {2 * rounds}");
        Console.WriteLine($"emitted {Calls * rounds}");
        Console.WriteLine($"alive {alive}");
    }
}

public static class Visitor
{
    static readonly int[] s_numbers = new int[16];

    static Visitor() => s_numbers[0] = 1;

    public static int Greet(int number) => s_numbers[number % 16] + number;
}
