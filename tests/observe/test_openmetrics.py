#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_openmetrics.py PROGRAM: what lintel prints is OpenMetrics to the letter.

Judge is the strict parser of Prometheus' Python client, which refuses what the specification does.
"""
import subprocess
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
except ImportError:
    print("skipped: there is no Python client of Prometheus (package python3-prometheus-client)")
    sys.exit(77)


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def refused(text):
    try:
        list(parse(text))
    except ValueError:
        return True
    return False


def check_families(text):
    families = {family.name: family for family in parse(text)}
    modules = families.pop("lintel_modules").samples[0].value
    expect(modules >= 3, "the program, the C library and the dynamic linker are modules")
    for family in families.values():
        expect(family.type == "gauge" and family.documentation, f"{family.name} is a gauge with a help text")
        expect(family.unit == ("bytes" if family.name.endswith("_bytes") else ""), f"the unit of {family.name}")
        expect(len(family.samples) == modules, f"{family.name} has a sample for each module")


def main(program):
    text = subprocess.run([program, "openmetrics"], check=True, capture_output=True, text=True).stdout
    check_families(text)
    expect(refused(text.removesuffix("# EOF\n")), "the parser refuses an exposition that was cut off")
    expect(refused(text.replace(" gauge", " counter")), "the parser refuses counters without _total")


if __name__ == "__main__":
    main(*sys.argv[1:])
