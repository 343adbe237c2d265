#!/bin/bash
# Free text must not reach a log or a metric's label: each line below must NOT compile, and the
# control lines must, so that a broken set-up cannot pass for a proof.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=${CXX:-c++}

cat > "$work/header.h" <<'CODE'
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
using namespace fairlead;
using namespace fairlead::telemetry;
enum class Unnamed { kOne };
extern std::string text;
extern std::string_view view;
extern const char* pointer;
extern char character;
extern Metrics metrics;
extern CounterFamily<Room> family;
CODE
"$compiler" -std=c++20 -x c++-header -I "$root" "$work/header.h" -o "$work/header.h.gch"

compiles() {
  printf '#include "header.h"\nvoid Try() { %s }\n' "$1" > "$work/try.cc"
  "$compiler" -std=c++20 -fsyntax-only -I "$work" -I "$root" "$work/try.cc" 2> "$work/errors"
}

failed=0
controls=(
  'Info(Event::kProcessReady);'
  'Info(Event::kProcessReady, Count(Key::kCount, 7), Took(3), Outcome(Code::kOk));'
  'Warn(Event::kCallRefused, Method(text), Id(Key::kStaffId, LogId::From(view)));'
  'Info(Event::kServiceStarted, Enum(Key::kService, Room::kHub), Flag(Key::kState, true));'
  'CounterFamily<Room> f(metrics, "a_total", "b", {Key::kService}); f.Of(Room::kHub).Add();'
)
refused=(
  'Info("something happened");'
  'Info(text);'
  'Info(Event::kProcessReady, "free text");'
  'Info(Event::kProcessReady, text);'
  'Info(Event::kProcessReady, view);'
  'Info(Event::kProcessReady, pointer);'
  'Info(Event::kProcessReady, Error{});'
  'Info(Event::kProcessReady, Count(Key::kCount, text));'
  'Info(Event::kProcessReady, Count(Key::kCount, pointer));'
  'Info(Event::kProcessReady, Count(Key::kCount, character));'
  'Info(Event::kProcessReady, Count(text, 1));'
  'Info(Event::kProcessReady, Count("client_name", 1));'
  'Info(Event::kProcessReady, Enum(Key::kState, Unnamed::kOne));'
  'Info(Event::kProcessReady, Enum(Key::kState, text));'
  'Info(Event::kProcessReady, Flag(Key::kState, pointer));'
  'Info(Event::kProcessReady, Id(Key::kStaffId, text));'
  'Info(Event::kProcessReady, Id(Key::kStaffId, "0190163d-8694-739b-aea5-966c26f8ad90"));'
  'Info(Event::kProcessReady, Name(Key::kStream, text));'
  'Info(Event::kProcessReady, Reason(text));'
  'Info(Event::kProcessReady, Reason("TEXT"));'
  'Info(Event::kProcessReady, Took(text));'
  'Info(Event::kProcessReady, Attribute(Key::kState, view));'
  'Info(Event::kProcessReady, KnownName(view));'
  'Info(static_cast<const char*>(pointer), Count(Key::kCount, 1));'
  'family.Of(text).Add();'
  'family.Of("referral").Add();'
  'CounterFamily<Room> f(metrics, pointer, "help", {Key::kService});'
  'CounterFamily<std::string> f(metrics, "a_total", "b", {Key::kService}); f.Of(text).Add();'
)
for line in "${controls[@]}"; do
  compiles "$line" || { echo "must compile and does not: $line"; head -5 "$work/errors"; failed=1; }
done
for line in "${refused[@]}"; do
  if compiles "$line"; then echo "compiles and must not: $line"; failed=1; fi
done
echo "${#controls[@]} controls compile, ${#refused[@]} ways to log free text tried"
exit $failed
