// SPDX-License-Identifier: MIT
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Guests;

// A module without an image: its methods are written down one instruction at a time.
static class Emitted
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Use(AssemblyBuilderAccess access, int calls)
    {
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("emitted"), access);
        TypeBuilder type = assembly.DefineDynamicModule("emitted").DefineType("Emitted.Numbers", TypeAttributes.Public);
        MethodBuilder twice = type.DefineMethod("Twice", MethodAttributes.Public | MethodAttributes.Static,
            typeof(int), [typeof(int)]);
        ILGenerator il = twice.GetILGenerator();

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4_2);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Ret);
        var made = type.CreateType().GetMethod("Twice")!.CreateDelegate<Func<int, int>>();
        for (int i = 0; i < calls; i++)
            made(i);
    }

    // Modules go when the collector has found that nobody uses them, and their finalizers have run.
    public static void Collect()
    {
        for (int i = 0; i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
