/* SPDX-License-Identifier: MIT */
#include "formula.h"

#include <ctype.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *at;
    formula_t  *formula;
} parser_t;

static node_t *parse_sum(parser_t *parser);

static bool accept(parser_t *parser, char wanted)
{
    while (isspace((unsigned char)*parser->at))
        parser->at++;
    if (*parser->at != wanted)
        return false;
    parser->at++;
    return true;
}

static node_t *add_node(parser_t *parser, node_kind_t kind, node_t *left, node_t *right)
{
    formula_t *formula = parser->formula;
    node_t    *node = formula->count < FORMULA_NODES ? &formula->nodes[formula->count++] : NULL;

    if (node != NULL)
        *node = (node_t){.kind = kind, .left = left, .right = right};
    return node;
}

static node_t *parse_number(parser_t *parser)
{
    char   *end;
    double  number = strtod(parser->at, &end);
    node_t *node = end == parser->at ? NULL : add_node(parser, NODE_NUMBER, NULL, NULL);

    if (node != NULL)
        node->number = number;
    parser->at = end;
    return node;
}

/* A function's arguments; its name has been read. */
static node_t *parse_call(parser_t *parser, const char *name, size_t length)
{
    node_t *left = parse_sum(parser);
    node_t *right = left != NULL && accept(parser, ',') ? parse_sum(parser) : NULL;
    node_t *node = left != NULL && accept(parser, ')') ? add_node(parser, NODE_CALL, left, right) : NULL;

    if (node != NULL)
        memcpy(node->name, name, length);
    return node;
}

static node_t *parse_name(parser_t *parser)
{
    const char *name = parser->at;

    while (isalnum((unsigned char)*parser->at))
        parser->at++;
    size_t length = (size_t)(parser->at - name);
    if (length < FORMULA_NAME && accept(parser, '('))
        return parse_call(parser, name, length);
    return length == 1 && *name == 'x' ? add_node(parser, NODE_X, NULL, NULL) : NULL;
}

static node_t *parse_primary(parser_t *parser)
{
    if (accept(parser, '(')) {
        node_t *node = parse_sum(parser);
        return node != NULL && accept(parser, ')') ? node : NULL;
    }
    return isalpha((unsigned char)*parser->at) ? parse_name(parser) : parse_number(parser);
}

static node_t *parse_product(parser_t *parser)
{
    node_t *left = parse_primary(parser);

    while (left != NULL) {
        node_kind_t kind = accept(parser, '*') ? NODE_MULTIPLY : accept(parser, '/') ? NODE_DIVIDE : NODE_NUMBER;
        if (kind == NODE_NUMBER)
            break;
        node_t *right = parse_primary(parser);
        left = right != NULL ? add_node(parser, kind, left, right) : NULL;
    }
    return left;
}

static node_t *parse_sum(parser_t *parser)
{
    node_t *left = parse_product(parser);

    while (left != NULL) {
        node_kind_t kind = accept(parser, '+') ? NODE_ADD : accept(parser, '-') ? NODE_SUBTRACT : NODE_NUMBER;
        if (kind == NODE_NUMBER)
            break;
        node_t *right = parse_product(parser);
        left = right != NULL ? add_node(parser, kind, left, right) : NULL;
    }
    return left;
}

bool formula_parse(const char *text, formula_t *formula)
{
    parser_t parser = {text, formula};

    formula->count = 0;
    formula->root = parse_sum(&parser);
    return formula->root != NULL && accept(&parser, '\0');
}

static double call(const node_t *node, void *library, double left, double right)
{
    void *address = dlsym(library, node->name);
    double (*unary)(double);
    double (*binary)(double, double);

    if (address == NULL)
        return NAN;
    memcpy(&unary, &address, sizeof(address));
    memcpy(&binary, &address, sizeof(address));
    return node->right != NULL ? binary(left, right) : unary(left);
}

static double evaluate(const node_t *node, void *library, double x)
{
    double left = node->left != NULL ? evaluate(node->left, library, x) : 0;
    double right = node->right != NULL ? evaluate(node->right, library, x) : 0;

    switch (node->kind) {
    case NODE_NUMBER:
        return node->number;
    case NODE_X:
        return x;
    case NODE_ADD:
        return left + right;
    case NODE_SUBTRACT:
        return left - right;
    case NODE_MULTIPLY:
        return left * right;
    case NODE_DIVIDE:
        return left / right;
    case NODE_CALL:
        return call(node, library, left, right);
    }
    return NAN;
}

double formula_evaluate(const formula_t *formula, void *library, double x)
{
    return evaluate(formula->root, library, x);
}
