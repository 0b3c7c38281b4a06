/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <unistd.h>

#include "alloc_clock.h"
#include "report.h"

static void print_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_field(const char *name, uint64_t value, FILE *out)
{
    fprintf(out, ", \"%s\": %" PRIu64, name, value);
}

static void print_method(const method_entry_t *method, FILE *out)
{
    fputs("{\"method\": ", out);
    print_string(method->name, out);
    fputs(", \"module\": ", out);
    print_string(method->module->name, out);
    print_field("token", method->token, out);
    print_field("calls", method->calls, out);
    if (method->reason) {
        fputs(", \"left\": ", out);
        print_string(method->reason, out);
    }
    fputc('}', out);
}

static void print_module(const module_entry_t *module, FILE *out)
{
    const placement_t *placement = &module->placement;

    fputs("{\"module\": ", out);
    print_string(module->name, out);
    print_field("loads", module->loads, out);
    print_field("unloads", module->unloads, out);
    print_field("flags", module->flags, out);
    print_field("counted", module->counted, out);
    print_field("left", module->left, out);
    print_field("calls", module->calls, out);
    print_field("bodies", placement->bodies, out);
    print_field("bytes", placement->bytes, out);
    print_field("lost", module->lost, out);
    print_field("reserved", module->reserved, out);
    fprintf(out, ", \"has_image\": %s", module->has_image ? "true" : "false");
    if (module->has_image) {
        print_field("nearest", placement->nearest, out);
        print_field("farthest", placement->farthest, out);
        print_field("within_2_gib", placement->within_2_gib, out);
        print_field("within_4_gib", placement->within_4_gib, out);
    }
    fputc('}', out);
}

void report_json(const report_t *report, FILE *out)
{
    alloc_time_t time = alloc_clock_read();

    fprintf(out, "{\"process\": %d, \"zone\": %" PRIuPTR ", \"pool\": %" PRIuPTR, (int)getpid(), report->landing->zone,
            report->landing->pool);
    print_field("alloc_calls", time.calls, out);
    print_field("alloc_nanoseconds", time.nanoseconds, out);
    fputs(",\n \"modules\": [", out);
    for (size_t i = 0; i < report->module_count; i++) {
        fputs(i ? ",\n  " : "\n  ", out);
        print_module(report->modules[i], out);
    }
    fputs("],\n \"methods\": [", out);
    for (size_t i = 0; i < report->method_count; i++) {
        fputs(i ? ",\n  " : "\n  ", out);
        print_method(report->methods[i], out);
    }
    fputs("],\n \"heap\": ", out);
    if (!report->heap || lintel_heap_print(report->heap, out, LINTEL_JSON))
        fputs("null", out);
    fputs("}\n", out);
}
