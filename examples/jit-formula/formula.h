/* SPDX-License-Identifier: MIT
 *
 * formula: the JIT's language: numbers, x, + - * /, parentheses, and functions of one or two arguments by the names
 * that the mathematical library gives them: "sin(x * 2) + pow(x, 0.5)".
 */
#ifndef JIT_FORMULA_FORMULA_H
#define JIT_FORMULA_FORMULA_H

#include <stdbool.h>
#include <stddef.h>

enum { FORMULA_NODES = 64, FORMULA_NAME = 16 };

typedef enum { NODE_NUMBER, NODE_X, NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY, NODE_DIVIDE, NODE_CALL } node_kind_t;

typedef struct node {
    node_kind_t  kind;
    double       number;
    char         name[FORMULA_NAME]; /* of a function */
    struct node *left;               /* the first operand or argument */
    struct node *right;              /* the second, or NULL */
} node_t;

typedef struct {
    node_t  nodes[FORMULA_NODES];
    size_t  count;
    node_t *root;
} formula_t;

/* Reads `text`. Returns false where it is no formula, or too long. */
bool formula_parse(const char *text, formula_t *formula);

/* Its value at `x`, by walking the tree. Functions are found with dlsym in `library`. */
double formula_evaluate(const formula_t *formula, void *library, double x);

#endif
