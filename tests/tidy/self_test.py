#!/usr/bin/env python3
"""Breaks a copy of the tree in every way that the checks forbid, and sees each check say so."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

import dead_files
import layers
import links
import style
import unity
import words
from tree import SKIPPED_FOLDERS, Tree

ROOT = Path(__file__).resolve().parents[2]
NOTE = "TO" + "DO"


class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = {}  # check → what it finds in the copy as it is
        cls.folder = tempfile.TemporaryDirectory()
        cls.copy = Path(cls.folder.name) / "copy"
        shutil.copytree(ROOT, cls.copy, ignore=shutil.ignore_patterns(*SKIPPED_FOLDERS))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def findings_with(self, check, path, text, append=True):
        """New findings that `text`, appended to (or written as) `path`, brings."""
        if check not in self.before:
            self.before[check] = {str(finding) for finding in check(Tree(self.copy))}
        file = self.copy / path
        file.parent.mkdir(parents=True, exist_ok=True)
        old = file.read_text() if file.exists() else None
        file.write_text((old or "") + text if append else text)
        try:
            after = {str(finding) for finding in check(Tree(self.copy))}
        finally:
            file.unlink() if old is None else file.write_text(old)
        return sorted(after - self.before[check])

    def assert_found(self, check, path, text, message):
        findings = self.findings_with(check, path, text)
        self.assertTrue(any(message in finding for finding in findings),
                        f"{path} with {text!r}: expected {message!r}, found {findings}")


class LayersTest(Broken):
    def include(self, path, target, message):
        self.assert_found(layers.check, path, f'\n#include "{target}"\n', message)

    def test_services_meet_in_proto_only(self):
        wall = "services meet in proto only"
        self.include("services/referral/referral_server.cc", "services/consent/service.h", wall)
        self.include("services/referral/main.cc", "services/directory/domain/agency.h", wall)
        self.include("services/consent/domain/decision_test.cc",
                     "services/referral/domain/states.h", wall)

    def test_domain_is_pure(self):
        path = "services/referral/domain/states.cc"
        self.include(path, "services/common/storage/database.h", "domain/ may not include")
        self.include(path, "services/referral/store/referral_store.h", "domain/ may not include")
        self.include(path, "fairlead/referral/v1/referral.pb.h", "domain/ may not include")
        self.include(path, "services/common/rpc/method.h", "domain/ may not include")
        self.assert_found(layers.check, path, "\n#include <fstream>\n", "domain/ is pure")

    def test_commands_see_the_store_interface_only(self):
        path = "services/referral/commands/added.cc"
        self.include(path, "services/referral/store/sql_referral_store.h", "commands/ may not")
        self.include(path, "services/common/rpc/method.h", "commands/ may not include")
        self.include(path, "fairlead/referral/v1/referral.pb.h", "commands/ may not include")
        self.include(path, "services/referral/referral_server.h", "commands/ may not include")
        self.assertEqual([], self.findings_with(
            layers.check, path, '#include "services/referral/store/referral_store.h"\n'
            '#include "services/common/outbox/outbox.h"\n'))

    def test_store_sees_no_commands(self):
        self.include("services/referral/store/added.cc", "services/referral/commands/added.h",
                     "store/ may not include")

    def test_common_knows_no_service(self):
        self.include("services/common/rpc/added.cc", "services/referral/service.h",
                     "common knows no service")
        self.include("services/common/base/ids.cc", "services/common/rpc/method.h",
                     "base/ stands on nothing")

    def test_gateway_sees_proto_and_common(self):
        self.include("gateway/http/added.cc", "services/referral/service.h",
                     "the gateway sees proto and common only")
        self.include("services/consent/main.cc", "gateway/http/server.h", "a service includes")

    def test_libraries_stay_behind_their_walls(self):
        self.assert_found(layers.check, "services/referral/referral_server.cc",
                          "\n#include <grpcpp/grpcpp.h>\n", "gRPC may be seen in")
        self.assert_found(layers.check, "gateway/session/added.cc",
                          "\n#include <boost/beast/http.hpp>\n", "Boost.Beast and Asio may be")
        self.assert_found(layers.check, "services/common/rpc/method.h",
                          "\n#include <grpcpp/grpcpp.h>\n", "gRPC leaks out of")

    def test_test_helpers_stay_in_tests(self):
        self.include("services/common/rpc/added.cc", "services/common/testing/temp_dir.h",
                     "is for tests")


class StyleTest(Broken):
    def test_lengths(self):
        path = "services/common/base/added.cc"
        self.assert_found(style.check, path, "// line\n" * 501, "501 lines; at most 500")
        self.assert_found(style.check, path, "// " + "x" * 98 + "\n", "101 columns; at most 100")
        body = "  Step();\n" * 70
        for head in ("void Long() {", "Long::Long(int a) : a_(a), b_{1}, c_{2} {",
                     "template <class T>\nT Long(T a = {}) const noexcept {",
                     "TEST(Suite, Name) {", "bool Long::operator==(const Long& o) const {",
                     "namespace a {\nnamespace {\nstruct S {\n  int Long(int x) override {"):
            closing = "}\n" * (head.count("{") if head.startswith("namespace") else 1)
            self.assert_found(style.check, path, f"{head}\n{body}{closing}",
                              "a function of 72 lines; at most 70")

    def test_what_is_not_a_function_is_not_measured(self):
        rows = "  {1, 2},\n" * 100
        for text in (f"constexpr Row kRows[] = {{\n{rows}}};\n",
                     "struct Wide {\n" + "  int a = 0;\n" * 100 + "};\n",
                     "enum class Wide {\n" + "  kOne,\n" * 100 + "};\n",
                     "/* void Long() {\n" + "x\n" * 100 + "} */\n"):
            self.assertEqual(
                [], self.findings_with(style.check, "services/common/base/added.cc", text))

    def test_many_functions_are_found(self):
        counts = sum(len(style.functions(path.read_text()))
                     for path in (ROOT / "services/common/base").glob("*.cc"))
        self.assertGreater(counts, 30)


class DeadFilesTest(Broken):
    def test_files_that_nothing_uses(self):
        self.assert_found(dead_files.check, "services/common/base/added_dead.cc", "int x;\n",
                          "no CMakeLists.txt builds it")
        self.assert_found(dead_files.check, "services/common/base/added_dead.h", "int x;\n",
                          "nothing includes it")
        self.assert_found(dead_files.check, "tests/added_" + "dead.sh", "true\n", "nothing runs")


class UnityTest(Broken):
    def clash(self, theirs, ours, room="fairlead::calendar",
              path="services/common/calendar/rule.cc", other="services/common/calendar/zone.cc"):
        """What is found when one file says `theirs` and the other `ours`."""
        text = f"\nnamespace {room} {{\nnamespace {{\n%s\n}}  // namespace\n}}\n"
        files = [self.copy / path, self.copy / other]
        before = [file.read_text() for file in files]
        try:
            for file, old, added in zip(files, before, [theirs, ours]):
                file.write_text(old + text % added)
            found = [str(finding) for finding in unity.check(Tree(self.copy))]
        finally:
            for file, old in zip(files, before):
                file.write_text(old)
        return [finding for finding in found if "dded" in finding]

    def test_a_name_belongs_to_one_file_of_a_target(self):
        for theirs, ours in [("constexpr int kAdded = 1;", "const int kAdded[] = {2};"),
                             ("struct Added {\n};", "enum class Added {\n};"),
                             ("int Added(int a, int b = 1) {\n}", "int Added(int c, int d) {\n}"),
                             ("using Added = int;", "using Added = long;"),
                             ("namespace added = std;", "namespace added = boost;")]:
            self.assertEqual(1, len(self.clash(theirs, ours)), f"{theirs!r} and {ours!r}")

    def test_what_is_no_clash(self):
        for theirs, ours in [("void Added(int a) {\n}", "void Added(long a) {\n}"),
                             ("using Added = int;", "using Added = int;"),
                             ("constexpr int kAdded = 1;", "void Other() {\n  int kAdded = 1;\n}")]:
            self.assertEqual([], self.clash(theirs, ours), f"{theirs!r} and {ours!r}")

    def test_files_of_two_topics_may_share_a_name(self):
        text = "const int kAdded = 1;"
        cli = ("fairlead::cli", "gateway/cli/audit_verbs.cc")
        self.assertEqual(1, len(self.clash(text, text, *cli, "gateway/cli/audit_export.cc")))
        self.assertEqual([], self.clash(text, text, *cli, "gateway/cli/release_view.cc"))


class WordsTest(Broken):
    def test_notes_and_machine_paths(self):
        path = "services/common/base/added.cc"
        self.assert_found(words.check, path, f"// {NOTE}: later\n", "a note to self")
        self.assert_found(words.check, path, f"// {NOTE}(someone): later\n", "a note to self")
        self.assertEqual([], self.findings_with(words.check, path, f"// {NOTE}(#12): later\n"))
        self.assert_found(words.check, path, 'Open("' + "/home" + '/somebody/x");\n',
                          "a path of one machine")
        self.assert_found(words.check, "tests/added/package-lock.json",
                          '{"resolved": "https://host/x.tgz"}', "names a registry's host")
        self.assert_found(words.check, "deploy/added.sh", "deb http" + "://host/ stable main\n",
                          "names a package mirror")


class LinksTest(Broken):
    def test_links_that_lead_nowhere(self):
        for page, target in [("docs/added.md", "../services/nothing.h"),
                             ("docs/added.md", "architecture.txt#layers"),
                             ("README.md", "docs/added_nowhere.md")]:
            self.assert_found(links.check, page, f"\nSee [it]({target}).\n", "which is not there")
        for target in ["../README.md", "decisions", "architecture.md#layers", "#here",
                       "https://example.org/page"]:
            self.assertEqual([], self.findings_with(links.check, "docs/added.md",
                                                    f"[it]({target})\n"))


if __name__ == "__main__":
    unittest.main()
