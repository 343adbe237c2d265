"""Names in anonymous namespaces that two files of one target have.

Most builds compile several files of a target as one (fairlead_unity in CMakeLists.txt), and then
they are one name. A function is its name and what it takes; an alias of the same thing is none.
"""

import os
import re

from tree import Finding

# Where fairlead_together names files, they alone are compiled as one.
TARGET = re.compile(r"^fairlead_(library|binary|test|together)\((\w+)(.*?)\)", re.M | re.S)
ENCLOSING = re.compile(r"^namespace ([\w:]+) \{", re.M)
ANONYMOUS = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.M | re.S)
NAMES = [re.compile(pattern, re.M) for pattern in (
    r"^(?:struct|class|enum class|enum) (\w+)()[^;]*$",
    r"^const[^()=;{]*?\b(\w+)(?:\[\w*\])? ?()(?:=|\{|\([\d'_]+\);)",
    r"^(?!TEST|INSTANTIATE)[A-Za-z][\w:<>,&* ]*? [&*]?(\w+)\(([^;{}]*?)\)(?: const)? \{")]
ALIAS = re.compile(r"^(?:using|namespace) (\w+)() = ([^;]*);", re.M)
PARAMETER = re.compile(r"\s*\b\w+( = [^,]+)?(,|$)")


def names(path, text):
    """(what must be one thing in a target, which thing it is here, line)"""
    room = ENCLOSING.search(text)
    for body in ANONYMOUS.finditer(text):
        for pattern in [*NAMES, ALIAS]:
            for match in pattern.finditer(body.group(1)):
                takes = PARAMETER.sub(r"\2", " ".join(match.group(2).split()))
                yield ((match.group(1), takes, room and room.group(1)),
                       match.group(3) if pattern is ALIAS else path,
                       text.count("\n", 0, body.start(1) + match.start()) + 1)


def check(tree):
    findings = []
    for listing in (path for path in tree.paths if path.endswith("CMakeLists.txt")):
        targets = TARGET.findall(tree.text(listing))
        together = any(kind == "together" for kind, _, _ in targets)
        for kind, target, sources in targets:
            if together and kind != "together":
                continue
            seen = {}
            for source in re.findall(r"[\w/]+\.cc\b", sources):
                path = os.path.normpath(os.path.join(os.path.dirname(listing), source))
                for name, thing, line in names(path, tree.text(path)) if path in tree.paths else []:
                    first, where = seen.setdefault(name, (thing, path))
                    if first != thing:
                        findings.append(Finding(path, line, f"{where} has another {name[0]}, and "
                                                            f"{target} compiles both as one"))
    return findings
