// SPDX-License-Identifier: MIT
namespace Census;

// How often each method is called, by its name as a profiler has it.
static class Expectation
{
    public static IEnumerable<(string Method, long Calls)> Of(int rounds)
    {
        long threads = Program.Threads;
        long all = threads * rounds;
        long thrown = threads * ((rounds + 99) / 100);
        long even = threads * ((rounds + 1) / 2);

        yield return ("Census.Program.Main", 1);
        yield return ("Census.Program.Work", threads);
        yield return ("Census.Startup.Initialize", 1);
        yield return ("Census.Plain..cctor", 1);
        yield return ("Census.Plain.Nothing", all);
        yield return ("Census.Plain.Add", all + threads * (rounds / 5));
        yield return ("Census.Plain.Odd", 3 * all);
        yield return ("Census.Plain.Large", all);
        yield return ("Census.Plain.Fibonacci", 177 * threads);
        yield return ("Census.Generic.Same", 3 * all);
        yield return ("Census.Box`1..ctor", 2 * all);
        yield return ("Census.Box`1.Get", 2 * all);
        yield return ("Census.Square..ctor", threads);
        yield return ("Census.Square.Area", even);
        yield return ("Census.Circle..ctor", threads);
        yield return ("Census.Circle.Area", all - even);
        yield return ("Census.Handlers.Nested", all);
        yield return ("Census.Handlers.Divide", all);
        yield return ("Census.Handlers.Matches", thrown);
        yield return ("Census.Handlers.Caught", 2 * thrown);
        yield return ("Census.Handlers.Finally", all);
        yield return ("Census.Handlers.Large", all);
        yield return ("Census.Handlers.Row", 12 * all);
        yield return ("Census.Sequences.Count", all);
        yield return ("Census.Sequences.Later", threads);
        yield return ("Census.Sequences.Turn", 100 * threads);
    }
}
