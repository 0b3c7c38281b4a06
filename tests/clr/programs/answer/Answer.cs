// SPDX-License-Identifier: MIT
// Says the same each time, whatever its threads do, save for one number, which a profiler can change.
using System.Runtime.CompilerServices;
using Numbers;

var threads = Enumerable.Range(0, 4).Select(index => new Thread(() => Answers.Work(index))).ToList();
threads.ForEach(thread => thread.Start());
threads.ForEach(thread => thread.Join());

Console.WriteLine($"the answer is {Answers.Answer()}");
Console.WriteLine($"sum {Answers.Sum}, parsed {Sequences.Parsed}");
Console.WriteLine(string.Join(' ', Sequences.Merge([1, 4, 9], [2, 3, 5, 10]).Select(Answers.Twice)));
Console.WriteLine(string.Join(' ', new object[] { 5, -5, "words", 2.5 }.Select(Sequences.Describe)));
Console.WriteLine(await Sequences.SumAsync(Answers.Count(100)));

static class Answers
{
    public static long Sum;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Answer() => 42;

    public static T Twice<T>(T value) where T : System.Numerics.IAdditionOperators<T, T, T> => value + value;

    public static void Work(int index)
    {
        for (var i = 0; i < 1000; i++)
            Interlocked.Add(ref Sum, Sequences.Parse(i % 10 == 0 ? "none" : i.ToString()) + Twice(index));
    }

    public static async IAsyncEnumerable<int> Count(int limit)
    {
        for (var i = 0; i < limit; i++)
        {
            if (i % 10 == 0)
                await Task.Yield();
            yield return i;
        }
    }
}
