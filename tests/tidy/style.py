"""Lengths: of files, of lines, of functions."""

import re

from tree import Finding

MAX_FILE_LINES = 500
MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 70
LENGTH_SUFFIXES = (".h", ".cc", ".py", ".sh", ".proto", ".cmake", ".js", ".mjs", ".ts")
COLUMN_SUFFIXES = (".h", ".cc", ".py", ".sh", ".js", ".mjs", ".ts")

BLANKED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
TEMPLATE = re.compile(r"\btemplate\s*<[^<>]*(?:<[^<>]*>[^<>]*)*>")
SCOPE_HEAD = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def blank(text):
    """The text without comments, strings and directives, every line where it was."""
    keep_lines = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    return PREPROCESSOR.sub(keep_lines, BLANKED.sub(keep_lines, text))


def matching_braces(text):
    """Position of each "{" → position of its "}"."""
    pairs, stack = {}, []
    for match in re.finditer(r"[{}]", text):
        if match.group(0) == "{":
            stack.append(match.start())
        elif stack:
            pairs[stack.pop()] = match.start()
    return pairs


def without_parentheses(head):
    depth, kept = 0, []
    for character in head:
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif depth == 0:
            kept.append(character)
    return "".join(kept)


def functions(text):
    """(first line, last line) of each function body outside functions. A light parser: it knows
    scopes, functions and initialisers apart, and nothing else of the language."""
    text = blank(text)
    pairs = matching_braces(text)
    found = []
    position, head_start = 0, 0
    while position < len(text):
        character = text[position]
        if character in ";}":
            head_start = position + 1
        elif character == "{":
            head = TEMPLATE.sub("", text[head_start:position])
            end = pairs.get(position, len(text) - 1)
            after = text[end + 1:end + 200].lstrip()[:1]
            plain = without_parentheses(head)
            if head.count("(") > head.count(")"):
                position = end  # a default argument
            elif "(" not in head and SCOPE_HEAD.search(head) and "=" not in plain:
                head_start = position + 1  # walk into it
            elif "(" in head and SCOPE_HEAD.search(plain) and not head.rstrip().endswith(")"):
                head_start = position + 1
            elif "(" in head and ":" in head and after in (",", "{"):
                position = end  # a member's initialiser: the body is still to come
            else:
                if "(" in head and ("=" not in plain or "operator" in plain):
                    found.append((text.count("\n", 0, position) + 1, text.count("\n", 0, end) + 1))
                position = end
                head_start = end + 1
        position += 1
    return found


def check(tree):
    findings = []
    for path in tree.with_suffix(*LENGTH_SUFFIXES):
        count = len(tree.lines(path))
        if count > MAX_FILE_LINES:
            findings.append(Finding(path, count, f"{count} lines; at most {MAX_FILE_LINES}"))
    for path in tree.with_suffix(*COLUMN_SUFFIXES):
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > MAX_COLUMNS:
                findings.append(
                    Finding(path, number, f"{len(line)} columns; at most {MAX_COLUMNS}"))
    for path in tree.with_suffix(".h", ".cc"):
        for first, last in functions(tree.text(path)):
            count = last - first + 1
            if count > MAX_FUNCTION_LINES:
                findings.append(Finding(
                    path, first, f"a function of {count} lines; at most {MAX_FUNCTION_LINES}"))
    return findings
