"""The walls of the house, read off the #include graph.

docs/architecture.md ("Layers") says in words what is written here as rules. A library's headers
have a wall too: gRPC, Beast, SQLite and the others are seen by one room only, and no header of
that room may carry them out.
"""

import re

from tree import Finding, includes

COMMON = "services/common/"
BASE = COMMON + "base/"
CALENDAR = COMMON + "calendar/"  # as pure as a domain
# The contract may be seen by all. Commands see the events that they append, and no more of it.
PROTO = re.compile(r"^fairlead/.*\.pb\.h$")
EVENTS_PROTO = "fairlead/events/v1/events.pb.h"
SERVICE = re.compile(r"^services/(?!common/|hub/)([a-z_]+)/(.*)$")

# The hub starts Redis and asks it, in this one file, whether it is up.
EXCEPTIONS = {("services/hub/redis_child.cc", "hiredis")}
# Library header → the folder that may include it, and that must keep it to itself.
LIBRARY_WALLS = [
    (re.compile(r"^grpc(pp)?/"), COMMON + "rpc/", "gRPC"),
    (re.compile(r"^boost/(beast|asio)"), "gateway/http/", "Boost.Beast and Asio"),
    (re.compile(r"^sqlite3\.h$"), COMMON + "storage/", "SQLite"),
    (re.compile(r"^(postgresql/)?libpq"), COMMON + "storage/", "libpq"),
    (re.compile(r"^hiredis/"), COMMON + "events/", "hiredis"),
    (re.compile(r"^(spdlog|prometheus)/"), COMMON + "telemetry/", "spdlog and prometheus"),
    (re.compile(r"^toml\+\+/"), COMMON + "config/", "toml++"),
    (re.compile(r"^libgfshare\.h$"), COMMON + "keys/", "libgfshare"),
    (re.compile(r"^(fido(\.h|/)|cbor(\.h|/))"), "services/identity/fido_passkey_verifier",
     "libfido2"),
]
# A domain is pure: no I/O, no clock, no threads, no libraries that have them.
IMPURE = re.compile(
    r"^(fstream|iostream|cstdio|stdio\.h|filesystem|thread|mutex|future|condition_variable|ctime|"
    r"time\.h|unistd\.h|fcntl\.h|sys/|netinet/|arpa/|boost/asio|curl/|openssl/|google/protobuf)")

# Rooms of a service → what they may include, besides themselves and the standard library.
# OWN is the service's folder.
ROOMS = {
    "domain": [BASE, CALENDAR],
    "commands": [BASE, CALENDAR, COMMON + "audit/", COMMON + "outbox/",
                 COMMON + "storage/database.h",
                 COMMON + "seal/seal.h", COMMON + "seal/attachment.h", COMMON + "keys/",
                 COMMON + "guard/guard.h",
                 COMMON + "auth/actor.h", COMMON + "auth/policy.h",
                 COMMON + "rpc/call_context.h", COMMON + "telemetry/",
                 EVENTS_PROTO,
                 "OWN/domain/", "OWN/store/STORE"],
    "index": [BASE, CALENDAR, COMMON + "storage/database.h", "OWN/domain/", "OWN/store/"],
    "store": [BASE, COMMON + "storage/", COMMON + "telemetry/", "OWN/domain/"],
    "consumers": [BASE, COMMON + "audit/", COMMON + "storage/database.h",
                  COMMON + "events/", COMMON + "outbox/",
                  COMMON + "telemetry/", "PROTO", "OWN/domain/", "OWN/store/", "OWN/commands/"],
}


def is_test(path):
    return (path.startswith(("tests/", COMMON + "testing/"))
            or path.endswith(("_test.cc", "_bench.cc")) or "/testing/" in path)


def allowed(target, rules, service):
    own = f"services/{service}"
    for rule in rules:
        if rule == "PROTO":
            if PROTO.match(target):
                return True
        elif rule == "OWN/store/STORE":  # the interface; sql_… is the implementation
            name = target.removeprefix(own + "/store/")
            if name != target and name.endswith("_store.h") and not name.startswith("sql_"):
                return True
        elif target.startswith(rule.replace("OWN", own)):
            return True
    return False


def check_room(path, target, service, rest):
    """One include of a file in a service, or None."""
    own = f"services/{service}/"
    room = rest.split("/")[0] if "/" in rest else None
    other = SERVICE.match(target)
    if other and other.group(1) != service:
        return f"{service} includes {other.group(1)}'s header {target}: services meet in proto only"
    if target.startswith(("gateway/", "services/hub/", "tests/")):
        return f"a service includes {target}"
    if room not in ROOMS or is_test(path):
        return None
    if target.startswith(f"{own}{room}/"):
        return None
    ours = target.startswith(("services/", "gateway/", "fairlead/", "tests/"))
    if ours and not allowed(target, ROOMS[room], service):
        return f"{room}/ may not include {target}"
    if room == "domain" and IMPURE.match(target):
        return f"domain/ is pure and may not include <{target}>"
    return None


def check_common(path, target):
    if target.startswith(("gateway/", "tests/", "services/hub/")) or SERVICE.match(target):
        return f"common includes {target}: common knows no service"
    if path.startswith(BASE) and not is_test(path):
        if target.startswith(("services/", "fairlead/")) and not target.startswith(BASE):
            return f"base/ stands on nothing, and includes {target}"
    return None


def check_one(path, target):
    """The rules for a single include. A message, or None."""
    if target.startswith(COMMON + "testing/") and not is_test(path):
        return f"{target} is for tests"
    if not is_test(path):
        for pattern, home, name in LIBRARY_WALLS:
            if (pattern.match(target) and not path.startswith(home)
                    and (path, name) not in EXCEPTIONS):
                return f"{name} may be seen in {home} only, and this includes <{target}>"
    if path.startswith(COMMON):
        return check_common(path, target)
    if path.startswith("gateway/"):
        if SERVICE.match(target) or target.startswith(("services/hub/", "tests/")):
            return f"the gateway sees proto and common only, and includes {target}"
        return None
    service = SERVICE.match(path)
    if service:
        return check_room(path, target, service.group(1), service.group(2))
    return None


def carried_libraries(graph, path, memo):
    """Names of walled libraries that including `path` brings along, with the way there."""
    if path in memo:
        return memo[path]
    memo[path] = {}  # a cycle ends here
    carried = {}
    for _, target in graph[path]:
        for pattern, home, name in LIBRARY_WALLS:
            if pattern.match(target):
                carried.setdefault(name, (home, [target]))
        if target in graph:
            for name, (home, way) in carried_libraries(graph, target, memo).items():
                carried.setdefault(name, (home, [target] + way))
    memo[path] = carried
    return carried


def check(tree):
    findings = []
    sources = tree.with_suffix(".h", ".cc")
    graph = {path: includes(tree, path) for path in sources}
    memo = {}
    for path in sources:
        for line, target in graph[path]:
            message = check_one(path, target)
            if message:
                findings.append(Finding(path, line, message))
            if is_test(path) or target not in graph:
                continue
            for name, (home, way) in carried_libraries(graph, target, memo).items():
                if not path.startswith(home):
                    chain = " → ".join([target] + way)
                    findings.append(Finding(path, line, f"{name} leaks out of {home}: {chain}"))
    return findings
