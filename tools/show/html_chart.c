/* SPDX-License-Identifier: MIT */
#include "html_chart.h"

#include <math.h>

#include "html.h"
#include "text.h"

/* The picture's own units; it is stretched to the room there is. */
static const double width = 1000;
static const double height = 190;

/* A little more than the greatest, in one or two digits. */
static double round_up(double greatest)
{
    double power = pow(10, floor(log10(greatest)));
    double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (steps[i] * power >= greatest)
            return steps[i] * power;
    return 10 * power;
}

static double greatest_of(const chart_point_t *points, size_t count)
{
    double greatest = 1;

    for (size_t i = 0; i < count; i++)
        greatest = points[i].y > greatest ? points[i].y : greatest;
    return greatest;
}

static void write_path(FILE *out, const chart_point_t *points, size_t count, double top)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%.2f %.2f", i > 0 ? "L" : "", width * points[i].x / points[count - 1].x,
                height - height * points[i].y / top);
}

void html_curve(FILE *out, const chart_point_t *points, size_t count, const char *unit)
{
    double top = round_up(greatest_of(points, count));

    fprintf(out, "<div class=\"plot\">\n<div class=\"up\"><span>%s</span><span>%s</span><span>0</span></div>\n",
            text_number(top).s, text_number(top / 2).s);
    fprintf(out,
            "<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s over time\">\n",
            width, height, unit);
    fputs("<path class=\"area\" d=\"M0 190L", out);
    write_path(out, points, count, top);
    fprintf(out, "L%.0f %.0fZ\"/>\n<path d=\"M", width, height);
    write_path(out, points, count, top);
    fprintf(out,
            "\"/>\n</svg>\n<div class=\"across\"><span>0 s</span><span>%s s</span><span>%s s</span></div>\n</div>\n",
            text_number(points[count - 1].x / 2).s, text_number(points[count - 1].x).s);
}

void html_bars(FILE *out, const chart_bar_t *bars, size_t count, double least)
{
    double greatest = least * 10;

    for (size_t i = 0; i < count; i++)
        greatest = bars[i].size > greatest ? bars[i].size : greatest;
    fputs("<div class=\"bars\">\n", out);
    for (size_t i = 0; i < count; i++) {
        double share = bars[i].size > least ? log(bars[i].size / least) / log(greatest / least) : 0;

        fprintf(out, "<span>%s</span><span class=\"bar\"><i style=\"width:%.1f%%\"></i></span><b>%s</b>\n",
                bars[i].label, 100 * share, bars[i].value);
    }
    fputs("</div>\n", out);
}
