#!/bin/bash
# The life of a bed through the command line alone: counted by one agency, held by another, watched
# by a third, and closed to those behind the wall. Starts a hub of its own, and starts it again.
#
#   tests/integration/beds.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-beds.XXXXXX")
passed=0
hub=
watcher=
. "$here/script.sh"
trap finish EXIT

need_program
start_hub --demo --listen 127.0.0.1:0
as harbor demo use harbor.admin > /dev/null 2>&1
as worker demo use harbor.caseworker > /dev/null 2>&1
as clinic demo use northside.caseworker > /dev/null 2>&1
as legal demo use opendoor.caseworker > /dev/null 2>&1
as police demo use police.caseworker > /dev/null 2>&1
harbor=$(as harbor whoami --json | field staff.agencyId)
shelter="Emergency shelter for women"

# --- the shelter counts --------------------------------------------------------------------------
"$program" capacity watch --json --profile legal > "$scratch/watched" 2> "$scratch/watching" &
watcher=$!
until_true 20 "the watcher" grep -q Watching "$scratch/watching"
says "3 of 8 beds free" as harbor capacity set "$shelter" beds 3 --maximum 8 ||
  fail "$(cat "$scratch/said")"
service=$(as harbor capacity get --json | field capacities.0.serviceId)
says "2 of 8 beds free" as worker capacity set "$shelter" beds -1
says "3 of 8 beds free" as worker capacity set "$service" beds +1
refused 5 CAPACITY_OVER_MAXIMUM as harbor capacity set "$service" beds 9
refused 3 SERVICE_NOT_FOUND as clinic capacity set "$service" beds 9
says "fresh" as clinic capacity get --agency "$harbor"
ok "a shelter counts its beds, others see the number and its age"

# --- another agency holds ------------------------------------------------------------------------
held=$(as clinic capacity hold "$shelter" beds --for 30min --json | field hold.id)
says "2 of 8 beds free, 1 held" as harbor capacity get "$service"
! says "held" as legal capacity get "$service" || fail "a hold is shown to others"
refused 3 HOLD_NOT_FOUND as legal capacity release "$held"
refused 3 HOLD_NOT_FOUND as clinic capacity arrived "$held"
says "$held" as worker capacity holds --received
says "consumed" as worker capacity arrived "$held"
refused 5 HOLD_ENDED as clinic capacity release "$held"
says "2 of 8 beds free" as harbor capacity get "$service"
ok "a bed is held, the person comes, the bed stays taken"

as clinic capacity hold "$service" beds --quantity 2 > /dev/null 2>&1
refused 5 CAPACITY_EXHAUSTED as legal capacity hold "$service" beds
as clinic capacity release @last > /dev/null
says "2 of 8 beds free" as harbor capacity get "$service"
as harbor capacity set "$service" beds --accepting no > /dev/null
refused 5 CAPACITY_NOT_ACCEPTING as legal capacity hold "$service" beds
as harbor capacity set "$service" beds --accepting yes > /dev/null
says "hold_consumed" as harbor capacity history "$service" beds
refused 3 SERVICE_NOT_FOUND as clinic capacity history "$service" beds
ok "what is full, closed or another's is refused"

# --- the wall ------------------------------------------------------------------------------------
refused 4 AGENCY_KIND_NOT_ALLOWED as police capacity get "$service"
refused 4 AGENCY_KIND_NOT_ALLOWED as police capacity hold "$service" beds

# --- who watches ---------------------------------------------------------------------------------
# Three counts, a hold, no arrival; a hold and its end; twice the switch: eight numbers.
watched() { (($(wc -l < "$scratch/watched") >= 8)); }
until_true 20 "the events" watched
python3 - "$scratch/watched" << 'PYTHON' || fail "what was watched: $(cat "$scratch/watched")"
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert {event["type"] for event in events} == {"fairlead.directory.capacity_changed.v1"}, events
assert [event["data"].get("available", 0) for event in events] == [3, 2, 3, 2, 0, 2, 2, 2], events
assert not any("held" in key.lower() for event in events for key in event["data"]), events
PYTHON
kill "$watcher"
wait "$watcher" 2> /dev/null || true
watcher=
ok "a third agency has watched the numbers, and no arrival"

# --- a restart -----------------------------------------------------------------------------------
as clinic capacity hold "$service" beds --for 1h > /dev/null 2>&1
kill -KILL "$hub"
wait "$hub" 2> /dev/null || true
rm "$scratch/hub.out"
start_hub --listen "127.0.0.1:${FAIRLEAD_URL##*:}"
says "1 of 8 beds free, 1 held" as harbor capacity get "$service"
says "released" as clinic capacity release @last
says "2 of 8 beds free" as harbor capacity get "$service"
ok "a hold outlives the hub that was killed"

echo "$passed checks passed"
