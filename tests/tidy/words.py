"""What may stand in no file: bare notes to self, and traces of one machine."""

import re

from tree import Finding

# Written apart, so that this file does not find itself. A note with an issue, like (#12), is fine.
BARE_NOTE = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b(?!\(#\d+\))")
MACHINE_PATH = re.compile(r"(?<![\w.$}/*-])/(home|work|workspace|Users|mnt)/(?!you/)[\w.-]")
PINNED_REGISTRY = [
    (re.compile(r'"resolved":\s*"https?:'), "package-lock.json",
     "names a registry's host (npm config set omit-lockfile-registry-resolved true)"),
    (re.compile(r"^\s*(@[\w-]+:)?registry\s*=", re.M), ".npmrc", "names a registry"),
]
APT_SOURCE = re.compile(r"^\s*deb(-src)?\s+(\[[^\]]*\]\s+)?https?:", re.M)
TEXT_SUFFIXES = (".h", ".cc", ".py", ".sh", ".proto", ".cmake", ".txt", ".md", ".sql", ".toml",
                 ".js", ".mjs", ".ts", ".json", ".html", ".css", ".service", ".yaml", ".yml")
TEXT_NAMES = ("fairlead", "run", "Containerfile", ".npmrc", ".clang-tidy", ".clang-format")


def check(tree):
    findings = []
    for path in tree.paths:
        name = path.rsplit("/", 1)[-1]
        if not path.endswith(TEXT_SUFFIXES) and name not in TEXT_NAMES:
            continue
        text = tree.text(path)
        if "\ufffd" in text and name != "words.py":
            findings.append(Finding(path, 1, "is not UTF-8"))
        for pattern, file_name, message in PINNED_REGISTRY:
            if name == file_name and pattern.search(text):
                findings.append(Finding(path, 1, message))
        if name == "package-lock.json":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if BARE_NOTE.search(line):
                findings.append(Finding(path, number, "a note to self; open an issue and name it"))
            if MACHINE_PATH.search(line):
                findings.append(Finding(path, number, "a path of one machine"))
            if APT_SOURCE.search(line):
                findings.append(Finding(path, number, "names a package mirror"))
    return findings
