/* SPDX-License-Identifier: MIT */
#include "compile.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <stdio.h>

typedef struct {
    LLVMModuleRef  module;
    LLVMBuilderRef builder;
    LLVMTypeRef    number;
    LLVMValueRef   x;
} program_t;

bool compile_start(void)
{
    return !LLVMInitializeNativeTarget() && !LLVMInitializeNativeAsmPrinter();
}

LLVMTargetMachineRef compiler_create(void)
{
    char                *triple = LLVMGetDefaultTargetTriple();
    char                *message = NULL;
    LLVMTargetRef        target;
    LLVMTargetMachineRef compiler = NULL;

    if (!LLVMGetTargetFromTriple(triple, &target, &message))
        compiler = LLVMCreateTargetMachine(target, triple, "", "", LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                           LLVMCodeModelSmall);
    LLVMDisposeMessage(message);
    LLVMDisposeMessage(triple);
    return compiler;
}

/* Calls a function that is somewhere else: its name is all that is known of it here. */
static LLVMValueRef emit_call(const program_t *program, const char *name, LLVMValueRef *arguments, unsigned count)
{
    LLVMTypeRef  numbers[] = {program->number, program->number};
    LLVMTypeRef  type = LLVMFunctionType(program->number, numbers, count, false);
    LLVMValueRef function = LLVMGetNamedFunction(program->module, name);

    if (function == NULL)
        function = LLVMAddFunction(program->module, name, type);
    return LLVMBuildCall2(program->builder, type, function, arguments, count, "");
}

static LLVMValueRef emit(const program_t *program, const node_t *node)
{
    LLVMValueRef operands[] = {node->left ? emit(program, node->left) : NULL,
                               node->right ? emit(program, node->right) : NULL};

    switch (node->kind) {
    case NODE_NUMBER:
        return LLVMConstReal(program->number, node->number);
    case NODE_X:
        return program->x;
    case NODE_ADD:
        return LLVMBuildFAdd(program->builder, operands[0], operands[1], "");
    case NODE_SUBTRACT:
        return LLVMBuildFSub(program->builder, operands[0], operands[1], "");
    case NODE_MULTIPLY:
        return LLVMBuildFMul(program->builder, operands[0], operands[1], "");
    case NODE_DIVIDE:
        return LLVMBuildFDiv(program->builder, operands[0], operands[1], "");
    case NODE_CALL:
        return emit_call(program, node->name, operands, node->right ? 2 : 1);
    }
    return NULL;
}

static void build(LLVMContextRef context, LLVMModuleRef module, const formula_t *formula)
{
    program_t    program = {.module = module, .number = LLVMDoubleTypeInContext(context)};
    LLVMTypeRef  type = LLVMFunctionType(program.number, &program.number, 1, false);
    LLVMValueRef function = LLVMAddFunction(module, "formula", type);

    program.builder = LLVMCreateBuilderInContext(context);
    program.x = LLVMGetParam(function, 0);
    LLVMPositionBuilderAtEnd(program.builder, LLVMAppendBasicBlockInContext(context, function, ""));
    LLVMBuildRet(program.builder, emit(&program, formula->root));
    LLVMDisposeBuilder(program.builder);
}

LLVMMemoryBufferRef compile(LLVMTargetMachineRef compiler, const formula_t *formula)
{
    LLVMContextRef      context = LLVMContextCreate();
    LLVMModuleRef       module = LLVMModuleCreateWithNameInContext("formula", context);
    LLVMMemoryBufferRef object = NULL;
    char               *message = NULL;

    build(context, module, formula);
    if (LLVMTargetMachineEmitToMemoryBuffer(compiler, module, LLVMObjectFile, &message, &object)) {
        fprintf(stderr, "LLVM: %s\n", message);
        object = NULL;
    }
    LLVMDisposeMessage(message);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return object;
}
