"""The project's source files, as every tidy check sees them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

SKIPPED_FOLDERS = {"build", "node_modules", ".git", "__pycache__"}  # and data/ of the root
MAX_FILES = 20_000  # a bound on everything: more means that a folder is missing above


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class Tree:
    """Files by path relative to the root; contents read once."""

    def __init__(self, root):
        self.root = Path(root)
        self._texts = {}
        self.paths = []
        for folder, folders, names in os.walk(self.root):
            at_root = Path(folder) == self.root
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS
                                and not (at_root and f == "data"))
            for name in sorted(names):
                self.paths.append(str((Path(folder) / name).relative_to(self.root)))
        if len(self.paths) > MAX_FILES:
            raise RuntimeError(f"{len(self.paths)} files under {self.root}")

    def with_suffix(self, *suffixes):
        return [path for path in self.paths if path.endswith(suffixes)]

    def text(self, path):
        if path not in self._texts:
            data = (self.root / path).read_bytes()
            self._texts[path] = data.decode("utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        return self.text(path).splitlines()


INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def includes(tree, path):
    """(line, target) of every #include of a C++ file."""
    found = []
    for number, line in enumerate(tree.lines(path), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match.group(1) or match.group(2)))
    return found
