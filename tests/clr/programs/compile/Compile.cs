// SPDX-License-Identifier: MIT
// compile ASSEMBLY THREADS: has that many threads compile every method of the assembly, and prints how many there were, the
// seconds that it took, and the process's resident memory in KiB.
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

const BindingFlags All =
    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

var assembly = Assembly.Load(args[0]);
var threads = int.Parse(args[1]);
var methods = assembly.GetTypes()
    .Where(type => !type.ContainsGenericParameters)
    .SelectMany(type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
    .Where(method => !method.IsAbstract && !method.ContainsGenericParameters && method.GetMethodBody() != null)
    .Select(method => method.MethodHandle)
    .ToArray();

using var barrier = new Barrier(threads + 1);
var next = -1;
var team = Enumerable.Range(0, threads).Select(_ => new Thread(Work)).ToList();
team.ForEach(thread => thread.Start());
barrier.SignalAndWait();
var watch = Stopwatch.StartNew();
team.ForEach(thread => thread.Join());
var resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:"))[6..^2].Trim();
Console.WriteLine($"{methods.Length} {watch.Elapsed.TotalSeconds:F6} {resident}");

void Work()
{
    barrier.SignalAndWait();
    for (int index; (index = Interlocked.Increment(ref next)) < methods.Length;)
        RuntimeHelpers.PrepareMethod(methods[index]);
}
