/* SPDX-License-Identifier: MIT
 *
 * fuzz_calls: an input is a heap's options and a sequence of calls, with refusals in between. Every answer is checked
 * against the model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/scripted_os.h"
#include "fuzz.h"
#include "ground.h"
#include "player.h"

enum { LONGEST = 400 }; /* calls */

typedef void play_t(player_t *player, input_t *input);

static void play_allocate(player_t *player, input_t *input)
{
    unsigned generation = input_byte(input);
    size_t   mantissa = input_byte(input);

    player_allocate(player, generation, (mantissa + 1) << input_below(input, 12), 0);
}

static void play_small(player_t *player, input_t *input)
{
    unsigned generation = input_byte(input);

    for (unsigned count = input_below(input, 32) + 1, size = input_byte(input) + 1U; count; count--)
        player_allocate(player, generation, size, 0);
}

static void play_aligned(player_t *player, input_t *input)
{
    unsigned generation = input_byte(input);
    size_t   high = input_byte(input);
    size_t   size = high * input_byte(input) + 1;

    player_allocate(player, generation, size, (size_t)1 << input_below(input, 13));
}

static void play_shrink(player_t *player, input_t *input)
{
    unsigned number = input_below(input, 256);
    unsigned hundreds = input_below(input, 256);

    player_shrink(player, number | hundreds << 8, input_byte(input) + 1U);
}

static void play_look(player_t *player, input_t *input)
{
    size_t high = input_byte(input);
    size_t middle = input_byte(input);

    player_look(player, high << 16 | middle << 8 | input_byte(input));
}

static void play_look_at_body(player_t *player, input_t *input)
{
    unsigned body = input_byte(input);

    player_look_at_body(player, body, input_byte(input));
}

static void play_open(player_t *player, input_t *input)
{
    unsigned key = input_byte(input);

    player_open(player, key, (size_t)input_below(input, 8) * 8192);
}

static void play_close(player_t *player, input_t *input)
{
    player_close(player, input_byte(input));
}

static void play_acquire(player_t *player, input_t *input)
{
    player_acquire(player, input_byte(input));
}

static void play_release(player_t *player, input_t *input)
{
    player_release(player, input_byte(input));
}

static void play_flush(player_t *player, input_t *input)
{
    (void)player;
    (void)input;
    lintel_thread_flush();
}

static void play_refusal(player_t *player, input_t *input)
{
    static const struct {
        os_call_t call;
        int       answer;
    } refusals[] = {{OS_RESERVE, -ENOMEM}, {OS_RESERVE, -EEXIST},   {OS_COMMIT, -ENOMEM},
                    {OS_RESET, -ENOMEM},   {OS_MAP, -ENOMEM},       {OS_MAPS_OPEN, -ENOSYS},
                    {OS_MAPS_NEXT, -EIO},  {OS_MAPS_NEXT, -ENOENT}, {META_ALLOCATE, -ENOMEM}};
    unsigned chosen = input_below(input, sizeof(refusals) / sizeof(refusals[0]));
    unsigned nth = input_below(input, 8) + 1;

    player->refused = true;
    script_answer(refusals[chosen].call, nth, input_below(input, 4), refusals[chosen].answer);
}

static void play_check(player_t *player, input_t *input)
{
    (void)input;
    player_check(player);
}

static void play_print(player_t *player, input_t *input)
{
    player_print(player, input_below(input, 3));
}

static play_t *const plays[] = {play_allocate,     play_small,   play_aligned, play_shrink,  play_look,
                                play_look_at_body, play_open,    play_close,   play_acquire, play_release,
                                play_flush,        play_refusal, play_check,   play_print};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static player_t player;
    input_t         input = input_of(data, size);

    if (!player_start(&player, &input))
        return 0;
    for (unsigned i = 0; i < LONGEST && !input_is_empty(&input); i++)
        plays[input_below(&input, sizeof(plays) / sizeof(plays[0]))](&player, &input);
    player_end(&player);
    return 0;
}
