#!/usr/bin/env python3
"""Tidy checks: run.py [--root DIR] [CHECK …], all without one. Exits 1 on a finding."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import dead_files
import layers
import links
import style
import unity
import words
from tree import Tree

CHECKS = {"layers": layers.check, "style": style.check, "dead_files": dead_files.check,
          "unity": unity.check, "words": words.check, "links": links.check}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("checks", nargs="*", choices=[[], *CHECKS])
    arguments = parser.parse_args()
    tree = Tree(arguments.root)
    findings = []
    for name in arguments.checks or CHECKS:
        findings += CHECKS[name](tree)
    for finding in findings:
        print(finding)
    print(f"{len(tree.paths)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
