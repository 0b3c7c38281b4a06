/* SPDX-License-Identifier: MIT
 *
 * embedded-python: the interpreter in its shared library, as a program. A distribution's python3 may have it built in.
 */
#include <Python.h>

int main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
