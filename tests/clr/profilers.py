# SPDX-License-Identifier: MIT
"""profilers: what runs .NET programs under a profiler, by the environment."""
import json
import pathlib

CALLCOUNT = "{9B3F6A52-1C0D-4E7B-8E64-2D1A5C7F9E10}"
COPIER = "{C0B1E500-0000-4000-8000-000000000001}"


def profiled(library, clsid, **settings):
    """The environment that loads a profiler; `settings` go to the profiler."""
    return {
        "CORECLR_ENABLE_PROFILING": "1",
        "CORECLR_PROFILER": clsid,
        "CORECLR_PROFILER_PATH": str(pathlib.Path(library).resolve()),
        **{name: str(value) for name, value in settings.items()},
    }


class CallCount:
    """The call-count profiler, with a report for each process in a folder of its own."""

    def __init__(self, library, folder):
        self.library, self.folder = library, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, **settings):
        """A run to come, whose reports replace those of the one before."""
        for report in self.folder.glob("*.json"):
            report.unlink()
        return profiled(
            self.library, CALLCOUNT, CALLCOUNT_REPORT=self.folder / "%p.json", CALLCOUNT_TOP=0, **settings
        )

    def reports(self):
        """What each process of the run has reported."""
        return [json.loads(report.read_text(encoding="utf-8")) for report in sorted(self.folder.glob("*.json"))]
