// SPDX-License-Identifier: MIT
namespace Census;

// Methods that the compiler takes apart.
static class Sequences
{
    public static IEnumerable<int> Count(int end)
    {
        for (int i = 0; i < end; i++)
            yield return i;
    }

    public static async Task<int> Later(int turns)
    {
        int sum = 0;
        for (int i = 0; i < turns; i++)
        {
            await Task.Yield();
            sum += Turn(i);
        }
        return sum;
    }

    static int Turn(int i) => i;
}
