/* SPDX-License-Identifier: MIT
 *
 * library: what a program loads for dladdr to look in: a few functions.
 */
int library_one(int number);
int library_two(int number);
int library_three(int number);
int library_four(int number);

int library_one(int number)
{
    return number + 1;
}

int library_two(int number)
{
    return number + 2;
}

int library_three(int number)
{
    return number + 3;
}

int library_four(int number)
{
    return number + 4;
}
