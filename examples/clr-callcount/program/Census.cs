// SPDX-License-Identifier: MIT
//
// census [ROUNDS]: many threads call methods of every kind; in the end it says how often each was called, reckoned from
// the rounds alone. A profiler that counts calls has to come to the same.
using System.Runtime.CompilerServices;

namespace Census;

public static class Program
{
    public const int Threads = 8;

    public static int Main(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0]) : 20000;
        var team = new Thread[Threads];

        for (int i = 0; i < Threads; i++)
        {
            team[i] = new Thread(() => Work(rounds));
            team[i].Start();
        }
        foreach (Thread thread in team)
            thread.Join();

        foreach ((string method, long calls) in Expectation.Of(rounds))
            Console.WriteLine($"{method} {calls}");
        return 0;
    }

    static void Work(int rounds)
    {
        IShape[] shapes = [new Square(2), new Circle(1)];

        for (int i = 0; i < rounds; i++)
        {
            Plain.Nothing();
            Plain.Add(i, 1);
            Generic.Same(i);
            Generic.Same("text");
            Generic.Same(shapes);
            new Box<int>(i).Get();
            new Box<string>("text").Get();
            shapes[i % 2].Area();
            Plain.Large(i);
            Handlers.Nested(i);
            Handlers.Large(i);
            foreach (int number in Sequences.Count(3))
                Plain.Odd(number);
        }
        Plain.Fibonacci(10);
        Sequences.Later(100).GetAwaiter().GetResult();
    }
}

static class Startup
{
    public static int Started;

    [ModuleInitializer]
    public static void Initialize() => Started++;
}

static class Plain
{
    static readonly int[] s_table;

    static Plain() => s_table = [Startup.Started, 2, 3];

    public static void Nothing() { }

    public static int Add(int a, int b) => a + b;

    public static bool Odd(int number) => (number & 1) != 0;

    public static int Fibonacci(int n) => n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);

    // Locals, a switch, memory of the stack: a header and a stack of its own.
    public static unsafe long Large(int number)
    {
        int* words = stackalloc int[4];
        long sum = s_table[0];
        decimal part = number;

        for (int i = 0; i < 4; i++)
            words[i] = number + i;
        switch (number % 5)
        {
            case 0: sum += words[0]; break;
            case 1: sum += words[1] * 2L; break;
            case 2: sum += (long)(part / 3); break;
            case 3: sum -= words[3]; break;
            default: return Add(words[2], (int)sum);
        }
        return sum;
    }
}

static class Generic
{
    public static T Same<T>(T value) => value;
}

struct Box<T>(T value)
{
    public readonly T Get() => value;
}

interface IShape
{
    double Area();
}

sealed class Square(double side) : IShape
{
    public double Area() => side * side;
}

sealed class Circle(double radius) : IShape
{
    public double Area() => Math.PI * radius * radius;
}
