"""Files that nothing builds, includes or runs."""

import os

from tree import Finding, includes

# Run by people or by other tools under fixed names.
ENTRIES = {"tests/tidy/run.py"}


def check(tree):
    findings = []
    cmake = {path: tree.text(path) for path in tree.paths
             if path.endswith(".cmake") or os.path.basename(path) == "CMakeLists.txt"}
    included = {target for path in tree.with_suffix(".h", ".cc")
                for _, target in includes(tree, path)}

    def built(path):
        name = os.path.basename(path)
        for list_path, text in cmake.items():
            folder = os.path.dirname(list_path)
            relative = os.path.relpath(path, folder or ".")
            if not relative.startswith("..") and relative in text:
                return True
            if path in text:
                return True
        return name == "CMakeLists.txt"

    for path in tree.with_suffix(".cc"):
        if not built(path):
            findings.append(Finding(path, 1, "no CMakeLists.txt builds it"))
    for path in tree.with_suffix(".h"):
        if path not in included and not built(path):
            findings.append(Finding(path, 1, "nothing includes it"))
    mentions = "\n".join(tree.text(path) for path in tree.paths
                         if path in cmake or path.endswith((".sh", ".py", ".mjs", ".js", ".ts",
                                                            ".json", ".md", ".h", ".cc", ".yaml"))
                         or os.path.basename(path) in ("fairlead", "run", "Containerfile"))
    for path in tree.with_suffix(".sh", ".py", ".mjs"):
        stem = os.path.splitext(os.path.basename(path))[0]
        name = os.path.basename(path)
        imported = path.endswith(".py") and (f"import {stem}" in mentions
                                             or f"from {stem} import" in mentions)
        if path not in ENTRIES and name not in mentions and not imported:
            findings.append(Finding(path, 1, "nothing runs or imports it"))
    return findings
