// SPDX-License-Identifier: MIT
namespace Numbers;

/// <summary>A library that another project refers to, of what compilers have most to do with.</summary>
public static class Sequences
{
    public static IEnumerable<T> Merge<T>(IEnumerable<T> one, IEnumerable<T> other) where T : IComparable<T>
    {
        using var left = one.GetEnumerator();
        using var right = other.GetEnumerator();
        bool hasLeft = left.MoveNext(), hasRight = right.MoveNext();
        while (hasLeft || hasRight)
        {
            if (!hasRight || (hasLeft && left.Current.CompareTo(right.Current) <= 0))
            {
                yield return left.Current;
                hasLeft = left.MoveNext();
            }
            else
            {
                yield return right.Current;
                hasRight = right.MoveNext();
            }
        }
    }

    public static async Task<long> SumAsync(IAsyncEnumerable<int> numbers)
    {
        long sum = 0;
        await foreach (var number in numbers)
            sum += number;
        return sum;
    }

    public static string Describe(object value) => value switch
    {
        int and > 0 => "positive",
        int => "not positive",
        string { Length: > 3 } text => $"text of {text.Length}",
        null => "nothing",
        _ => value.GetType().Name,
    };

    public static int Parse(string text)
    {
        try
        {
            return int.Parse(text);
        }
        catch (FormatException) when (text.Length == 0)
        {
            return 0;
        }
        catch (FormatException)
        {
            return -1;
        }
        finally
        {
            Interlocked.Increment(ref parsed);
        }
    }

    public static int Parsed => parsed;

    private static int parsed;
}
