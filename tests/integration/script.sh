# What the scripts share that drive a whole hub by the command line. Whoever reads this in has set
# $program, $scratch, passed=0, hub= and watcher=.

finish() {
  local code=$?
  [[ -z $watcher ]] || kill "$watcher" 2> /dev/null || true
  if [[ -n $hub ]]; then
    kill -TERM "$hub" 2> /dev/null || true
    wait "$hub" 2> /dev/null || true
  fi
  if ((code != 0)) && [[ -f $scratch/hub.err ]]; then
    echo "--- the hub's last words" >&2
    tail -n 20 "$scratch/hub.err" >&2
  fi
  rm -rf "$scratch"
  exit "$code"
}

# Exit code 77: skipped.
need_program() {
  [[ ! -x $program ]] || return 0
  echo "The program is not built: $program" >&2
  trap - EXIT
  rm -rf "$scratch"
  exit 77
}

# start_hub FLAG…: in $scratch, and everything after this talks to it.
start_hub() {
  export FAIRLEAD_HOME=$scratch/home FAIRLEAD_DATA_DIR=$scratch/data
  unset FAIRLEAD_URL FAIRLEAD_PROFILE FAIRLEAD_LISTEN FAIRLEAD_CONFIG
  "$program" up --data "$scratch/data" "$@" > "$scratch/hub.out" 2> "$scratch/hub.err" &
  hub=$!
  until_true 60 "the hub" hub_ready
  FAIRLEAD_URL=$(sed -n 's/^ready \(http[^ ]*\).*/\1/p' "$scratch/hub.out")
  export FAIRLEAD_URL
}
hub_ready() { kill -0 "$hub" || fail "the hub ended"; grep -q '^ready http' "$scratch/hub.out"; }

fail() { echo "FAIL: $*" >&2; exit 1; }
ok() { passed=$((passed + 1)); echo "ok $passed: $*"; }
now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }

# as PROFILE VERB…: the command line as one of the people.
as() { local profile=$1; shift; "$program" "$@" --profile "$profile"; }

# field PATH < JSON: "referral.offers.0.id".
field() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$1"
}

# until_true SECONDS WHAT COMMAND…: polls.
until_true() {
  local end=$(($(now_ms) + $1 * 1000)) what=$2
  shift 2
  until "$@"; do
    (($(now_ms) < end)) || fail "waited in vain for: $what"
    sleep 0.05
  done
}

# refused EXIT REASON COMMAND…: it fails so, with nothing on standard output. The error is in
# $scratch/refusal for a closer look.
refused() {
  local exit_code=$1 reason=$2 code=0
  shift 2
  "$@" --json > "$scratch/refused.out" 2> "$scratch/refusal" || code=$?
  local got
  got=$(grep '^{"error"' "$scratch/refusal" | field error.reason) || got=none
  [[ $got == "$reason" ]] || fail "reason $got instead of $reason: $* — $(cat "$scratch/refusal")"
  [[ $code == "$exit_code" ]] || fail "exit code $code instead of $exit_code: $*"
  [[ ! -s $scratch/refused.out ]] || fail "a refusal wrote to standard output: $*"
  ok "refused with $reason: ${*:2:6}"
}

# says TEXT COMMAND…: it succeeds and its standard output has the text. (A pipe into grep -q
# would end the command early.)
says() {
  local text=$1
  shift
  "$@" > "$scratch/said" && grep -qF -- "$text" "$scratch/said"
}
