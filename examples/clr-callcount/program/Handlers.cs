// SPDX-License-Identifier: MIT
namespace Census;

// What goes on where exceptions are handled. They are thrown in one round of a hundred: that takes long.
static class Handlers
{
    public static int Nested(int round)
    {
        int sum = 0;
        try
        {
            try
            {
                sum += Divide(round, round % 100 == 0 ? 0 : 1);
            }
            catch (DivideByZeroException error) when (Matches(error))
            {
                sum += Caught();
            }
            finally
            {
                sum += Finally();
            }
        }
        catch (Exception)
        {
            return -1;
        }
        return sum;
    }

    static int Divide(int a, int b) => a / b;

    static bool Matches(Exception error) => error.Message.Length > 0;

    static int Caught() => 1;

    static int Finally() => 2;

    // So long that its clauses need wide offsets.
    public static long Large(int round)
    {
        long sum = 0;
        try
        {
            sum += Row(round, 1, 2, 3, 4, 5, 6, 7, 8) + Row(round, 9, 10, 11, 12, 13, 14, 15, 16);
            sum += Row(round, 17, 18, 19, 20, 21, 22, 23, 24) + Row(round, 25, 26, 27, 28, 29, 30, 31, 32);
            sum += Row(round, 33, 34, 35, 36, 37, 38, 39, 40) + Row(round, 41, 42, 43, 44, 45, 46, 47, 48);
            sum += Row(round, 49, 50, 51, 52, 53, 54, 55, 56) + Row(round, 57, 58, 59, 60, 61, 62, 63, 64);
            sum += Row(round, 65, 66, 67, 68, 69, 70, 71, 72) + Row(round, 73, 74, 75, 76, 77, 78, 79, 80);
            sum += Row(round, 81, 82, 83, 84, 85, 86, 87, 88) + Row(round, 89, 90, 91, 92, 93, 94, 95, 96);
            if (round % 100 == 0)
                throw new InvalidOperationException();
        }
        catch (InvalidOperationException)
        {
            sum = Caught();
        }
        return sum;
    }

    static long Row(int a, int b, int c, int d, int e, int f, int g, int h, int i) => a + b + c + d + e + f + g + h + i;
}
