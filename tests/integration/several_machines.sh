#!/bin/bash
# The five services and the gateway as six processes that reach each other over mutual TLS, as on
# six machines: each has its own data folder, its own certificate and a port of its own.
#
#   tests/integration/several_machines.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-machines.XXXXXX")
services=(directory identity consent referral messaging audit)
declare -A address=() process=()
passed=0

finish() {
  local code=$? name
  for name in "${!process[@]}"; do kill -TERM "${process[$name]}" 2> /dev/null || true; done
  for name in "${!process[@]}"; do wait "${process[$name]}" 2> /dev/null || true; done
  if ((code != 0)); then
    for name in "${!process[@]}"; do
      echo "--- $name's last words" >&2
      tail -n 5 "$scratch/$name.err" >&2 || true
    done
  fi
  rm -rf "$scratch"
  exit "$code"
}
trap finish EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }
ok() { passed=$((passed + 1)); echo "ok $passed: $*"; }
until_true() {  # SECONDS WHAT COMMAND…
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS <= end)) || fail "waited in vain for: $what"
    sleep 0.05
  done
}

mapfile -t ports < <(python3 -c '
import socket
held = [socket.socket() for _ in range(7)]
for one in held: one.bind(("127.0.0.1", 0))
for one in held: print(one.getsockname()[1])')
for i in "${!services[@]}"; do address[${services[i]}]=127.0.0.1:${ports[i]}; done
gateway=127.0.0.1:${ports[6]}

# --- certificates --------------------------------------------------------------------------------
"$program" pki init --dir "$scratch/authority" > "$scratch/out"
[[ $(stat -c %a "$scratch/authority/authority-key.pem") == 600 ]] || fail "the key is not private"
if "$program" pki init --dir "$scratch/authority" 2> "$scratch/err"; then fail "made it over"; fi
grep -q OUTPUT_EXISTS "$scratch/err" || fail "no reason: $(cat "$scratch/err")"
ok "one authority, never written over"
issue() {
  "$program" pki issue "$1" --dir "$scratch/authority" --out "$scratch/tls-$1" > "$scratch/out"
}
for name in "${services[@]}" gateway; do issue "$name"; done
for bad in "consent --hours 169" "Consent" "consent --hours 0"; do
  # shellcheck disable=SC2086
  if "$program" pki issue $bad --dir "$scratch/authority" --out "$scratch/no" 2> /dev/null; then
    fail "issued: $bad"
  fi
done
[[ ! -e $scratch/no/current ]] || fail "a refused certificate left files"
ok "six certificates; wrong names and lifetimes refused"
first=$(readlink "$scratch/tls-gateway/current")
issue gateway
issue gateway
[[ $(readlink "$scratch/tls-gateway/current") != "$first" ]] || fail "the link did not move"
[[ ! -e $scratch/tls-gateway/$first ]] || fail "keys of two renewals ago are still there"
ok "renewed: current moves, old keys go"

# --- six processes -------------------------------------------------------------------------------
redis-server --port 0 --unixsocket "$scratch/redis.sock" --save '' --dir "$scratch" \
  > "$scratch/redis.err" 2>&1 &
process[redis]=$!
until_true 10 "Redis" test -S "$scratch/redis.sock"

configuration() {  # NAME CERTIFICATES
  printf 'data_dir = "%s"\nlisten = "%s"\n' "$scratch/data-$1" "$gateway"
  printf 'rpc_authorities_file = "%s/authority.pem"\n' "$scratch/tls-$2/current"
  printf 'rpc_certificate_file = "%s/certificate.pem"\n' "$scratch/tls-$2/current"
  printf 'rpc_key_file = "%s/key.pem"\n' "$scratch/tls-$2/current"
  printf '[redis]\nmode = "socket"\nsocket = "%s"\n' "$scratch/redis.sock"
  local service
  for service in "${services[@]}"; do
    printf '[services.%s]\naddress = "%s"\n' "$service" "${address[$service]}"
  done
}
start() {  # NAME CERTIFICATES
  configuration "$1" "$2" > "$scratch/$1.toml"
  if [[ ! -e $scratch/data-$1 && -e $scratch/data-directory ]]; then
    mkdir -m 0700 "$scratch/data-$1" "$scratch/data-$1/keys"
    cp -p "$scratch/data-directory/keys/assertion.jwk" "$scratch/data-$1/keys/"
  fi
  "$program" serve "$1" --config "$scratch/$1.toml" > "$scratch/$1.out" 2> "$scratch/$1.err" &
  process[$1]=$!
  until_true 20 "$1 to be ready" grep -q '^ready' "$scratch/$1.out"
}
for name in "${services[@]}" gateway; do start "$name" "$name"; done
ok "five services and the gateway are ready"

# --- they work together --------------------------------------------------------------------------
ask() {  # METHOD BODY
  curl -sS -H 'content-type: application/json' -d "$2" "http://$gateway/fairlead.$1"
}
hash() { printf %s "$1" | openssl dgst -sha256 -binary | basenc --base64url | tr -d '='; }
request() {
  printf '{"requestId":"%s","setUpCode":"%s","agencyName":"Coalition office","coordinators":[' \
    "$(cat /proc/sys/kernel/random/uuid)" "$(cat "$scratch/data-identity/setup-code")"
  printf '{"displayName":"A","invitationCodeSha256":"%s"},' "$(hash one)"
  printf '{"displayName":"B","invitationCodeSha256":"%s"}]}' "$(hash two)"
}
# Only the identity service may make the first agency, and says so as a service.
body=$(request)
answer=$(ask identity.v1.IdentityService/SetUp "$body")
[[ $answer == *agencyId* ]] || fail "no set-up: $answer"
first_answer=$answer
ok "gateway → identity → directory over mutual TLS, as a service"
answer=$(ask identity.v1.IdentityService/SetUp "$body")
[[ $answer == "$first_answer" ]] || fail "not twice the same: $answer"

# --- and with nobody else ------------------------------------------------------------------------
# What consent says to a client's first bytes of HTTP/2 over TLS, with these options.
heard() {  # FILE OPTIONS…
  local into=$1
  shift
  printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0' > "$scratch/preface"
  # It stays connected (-quiet) until the server ends it or nothing more is to be expected.
  timeout 3 openssl s_client -quiet -alpn h2 -connect "${address[consent]}" "$@" \
    < "$scratch/preface" > "$into" 2> /dev/null || true
}
heard "$scratch/with" -cert "$scratch/tls-gateway/current/certificate.pem" \
  -key "$scratch/tls-gateway/current/key.pem"
[[ -s $scratch/with ]] || fail "consent says nothing to the gateway's certificate"
heard "$scratch/without"
[[ ! -s $scratch/without ]] || fail "consent speaks to a client without a certificate"
ok "no certificate, no conversation"
kill -TERM "${process[gateway]}"
wait "${process[gateway]}" || true
"$program" pki init --dir "$scratch/other" > "$scratch/out"
"$program" pki issue gateway --dir "$scratch/other" --out "$scratch/tls-foreign" > "$scratch/out"
start gateway foreign
answer=$(ask identity.v1.IdentityService/SetUp "$body")
[[ $answer == *SERVICE_UNAVAILABLE* ]] || fail "a foreign certificate was let in: $answer"
ok "another authority's certificate is refused"
echo "$passed checks held"
