"""Links between the project's own pages and files: each leads to something."""

import os
import re

from tree import Finding

LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:")  # https:, mailto:


def check(tree):
    findings = []
    there = set(tree.paths)
    folders = {""}
    for path in tree.paths:
        while path := os.path.dirname(path):
            folders.add(path)
    for path in tree.with_suffix(".md"):
        fenced = False
        for number, line in enumerate(tree.lines(path), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            if fenced:
                continue
            for target in LINK.findall(line):
                name = target.split("#")[0]
                if not name or ELSEWHERE.match(target):
                    continue
                wanted = os.path.normpath(os.path.join(os.path.dirname(path), name))
                if wanted not in there and wanted not in folders:
                    findings.append(Finding(path, number, f"links to {target}, which is not there"))
    return findings
