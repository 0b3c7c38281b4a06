/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <sys/random.h>
#include <time.h>

static uint64_t rotate_left(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

/* splitmix64: spreads a seed over the generator's whole state. */
static uint64_t split_mix(uint64_t *x)
{
    uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

random_t random_stream(uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;
    random_t random;

    x = split_mix(&x) ^ stream;
    for (size_t i = 0; i < 4; i++)
        random.state[i] = split_mix(&x);
    return random;
}

uint64_t random_next(random_t *random)
{
    uint64_t *s = random->state;
    uint64_t  result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t  shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* The lowest numbers are drawn again: without them every remainder is equally likely. */
uint64_t random_below(random_t *random, uint64_t limit)
{
    uint64_t surplus = -limit % limit;
    uint64_t x;

    do {
        x = random_next(random);
    } while (x < surplus);
    return x % limit;
}

uint64_t random_between(random_t *random, uint64_t least, uint64_t most)
{
    return least + random_below(random, most - least + 1);
}

void random_shuffle(random_t *random, uint32_t *numbers, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t   j = random_below(random, i);
        uint32_t taken = numbers[j];

        numbers[j] = numbers[i - 1];
        numbers[i - 1] = taken;
    }
}

uint64_t random_fresh_seed(void)
{
    uint32_t seed;

    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        seed = (uint32_t)time(NULL);
    return seed;
}
