/* SPDX-License-Identifier: MIT
 *
 * compress: zlib at every level, there and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIZE = 1 << 17, LEVELS = 10 };

static void fill(unsigned char *bytes)
{
    unsigned long state = 1;

    for (size_t i = 0; i < SIZE; i++) {
        state = state * 6364136223846793005UL + 1442695040888963407UL;
        bytes[i] = (unsigned char)(state >> 60);
    }
}

static int there_and_back(const unsigned char *bytes, int level)
{
    static unsigned char packed[2 * SIZE];
    static unsigned char back[SIZE];
    unsigned long        packed_size = sizeof(packed);
    unsigned long        size = sizeof(back);

    if (compress2(packed, &packed_size, bytes, SIZE, level) != Z_OK ||
        uncompress(back, &size, packed, packed_size) != Z_OK || memcmp(bytes, back, SIZE) != 0)
        return 1;
    printf("level %d: %lu bytes, crc %08lx, adler %08lx\n", level, packed_size, crc32(0, packed, (unsigned)packed_size),
           adler32(1, packed, (unsigned)packed_size));
    return 0;
}

int main(void)
{
    static unsigned char bytes[SIZE];
    int                  failed = 0;

    fill(bytes);
    for (int level = 0; level < LEVELS; level++)
        failed += there_and_back(bytes, level);
    return failed != 0;
}
