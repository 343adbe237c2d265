#!/bin/bash
# The main job through the command line alone: one case handed from one agency to another, and
# every way it must be refused. Starts a hub of its own in a temporary folder on a free port.
#
#   tests/integration/main_job.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
examples=${FAIRLEAD_CONFORMANCE_DATA:-$root/../shared/data}/hsds/3.1/examples
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-main-job.XXXXXX")
passed=0
hub=
watcher=
. "$here/script.sh"
trap finish EXIT

# How many referrals harbor has sent.
sent_count() {
  as harbor referral list --box sent --json |
    python3 -c 'import json, sys; print(len(json.load(sys.stdin)["referrals"]))'
}

# --- the hub and its people ----------------------------------------------------------------------
need_program
export FAIRLEAD_STATE=TX
start_hub --demo --listen 127.0.0.1:0
ok "the hub is ready at $FAIRLEAD_URL"

as harbor demo use harbor.caseworker > /dev/null 2>&1
as clinic demo use northside.caseworker > /dev/null 2>&1
as clinic_admin demo use northside.admin > /dev/null 2>&1
as legal demo use opendoor.caseworker > /dev/null 2>&1
harbor=$(as harbor whoami --json | field staff.agencyId)
clinic=$(as clinic whoami --json | field staff.agencyId)
legal=$(as legal whoami --json | field staff.agencyId)
[[ $harbor != "$clinic" && $clinic != "$legal" ]] || fail "three agencies were expected"
as harbor doctor > "$scratch/doctor" || fail "$(cat "$scratch/doctor")"
ok "two agencies and an onlooker are signed in, and doctor finds nothing"

# --- listings ------------------------------------------------------------------------------------
if [[ -d $examples/csv ]]; then
  csv=$examples/csv
  json=$examples/service_full.json
  word=counselling
else
  echo "note: no HSDS 3.1 examples in $examples; a small folder of our own is imported instead"
  csv=$here/hsds_sample/csv
  json=$here/hsds_sample/json/service_full.json
  word=sample
fi
import() {
  as clinic_admin directory import "$@" --default-need counseling --default-county 48453 --json
}
preview=$(import "$csv" --preview)
created=$(field created <<< "$preview")
((created > 0)) || fail "a preview of the import creates nothing: $preview"
as clinic_admin directory search --text "$word" --json > "$scratch/before.json"
first=$(import "$csv" 2> /dev/null)
[[ $(field created <<< "$first") == "$created" ]] || fail "the import is not what the preview said"
again=$(import "$csv" 2> /dev/null)
[[ $(field created <<< "$again") == 0 && $(field updated <<< "$again") == 0 ]] ||
  fail "the same import again changes something: $again"
ok "the HSDS CSV folder: $created records, and again: nothing changes"
import "$json" > "$scratch/json-import" 2>&1 || fail "$(cat "$scratch/json-import")"
ok "the HSDS JSON form of the same"

# A corrupt file names file, row and column, and imports nothing of the rest.
cp -r "$here/hsds_sample/csv" "$scratch/corrupt"
chmod -R u+w "$scratch/corrupt"
printf '%s\n' 'not-an-id,6a1f4c52-2c0e-4d5b-9a77-0d5d3c1b7a01,Broken,,active,,,0,0' \
  >> "$scratch/corrupt/services.csv"
sed -i 's/Sample Clothing/Corruptsibling Clothing/; s/7a12/7a13/' "$scratch/corrupt/services.csv"
refused 1 IMPORT_INVALID as clinic_admin directory import "$scratch/corrupt"
[[ $(field error.metadata.file < "$scratch/refusal") == services.csv ]] || fail "no file is named"
[[ $(field error.metadata.row < "$scratch/refusal") == 4 ]] || fail "no row is named"
[[ $(field error.metadata.column < "$scratch/refusal") == id ]] || fail "no column is named"
found=$(as harbor directory search --text corruptsibling --json | field services)
[[ $found == '[]' ]] || fail "a corrupt import left something behind"
ok "a corrupt import names services.csv, row 4, column id, and keeps nothing"

# --- search --------------------------------------------------------------------------------------
service=$(as harbor directory search --text "$word" --need counseling --json 2> /dev/null |
  python3 -c '
import json, sys
services = json.load(sys.stdin)["services"]
print(next(s["id"] for s in services if s["agencyId"] == sys.argv[1]))' "$clinic")
says "$clinic" as harbor directory show "$service" --json || fail "the listing has no agency"
ok "search finds the imported service by word and need"
refused 2 INVALID_COUNTY as harbor directory search --county 4845
refused 2 INVALID_LANGUAGE as harbor directory search --language '??'

# --- release, send, arrival ----------------------------------------------------------------------
cat > "$scratch/packet.json" << 'JSON'
{
  "identity": {"given_name": "Canary-7f3a", "birth_year": 1999},
  "needs": {"tonight": true, "notes": "«una cama», two children\u00e9 \\ \"quoted\""},
  "safe_contact": {"method": "text", "hours": "09:00-12:00", "code_word": "library"}
}
JSON
printf '\n  \n' >> "$scratch/packet.json" # what stands behind it must come through as well

# release TO CATEGORIES [FLAG…]: the id of a signed one.
draft() {
  local to=$1 categories=$2
  shift 2
  as harbor release create --to "$to" --category "$categories" --safe-contact "$@" --json |
    field release.id
}
sign() {
  as harbor release sign "$1" --capacity self --method written --language es --interpreter \
    --statement all --yes --json > /dev/null
}
signed() { local id; id=$(draft "$@"); sign "$id"; echo "$id"; }
# send RELEASE [FLAG…]: to the clinic, the packet above, for $need, $urgency and $age.
need=counseling urgency=urgent age=18-24
send() {
  local release=$1
  shift
  as harbor referral send --packet "$scratch/packet.json" --release "$release" --to "$clinic" \
    --need "$need" --urgency "$urgency" --age "$age" --language es "$@"
}

: > "$scratch/arrivals"
(exec "$program" referral watch --json --profile clinic 2> "$scratch/watch.err") > >(
  while IFS= read -r line; do echo "$(now_ms) $line" >> "$scratch/arrivals"; done) &
watcher=$!
until_true 10 "the watch to begin" grep -q Watching "$scratch/watch.err"

release=$(signed "$clinic" identity,needs,safe_contact)
send "$release" --service "$service" --json > "$scratch/sent.json" 2> "$scratch/sent.err" ||
  fail "$(cat "$scratch/sent.err")"
returned_ms=$(now_ms)
referral=$(field referral.id < "$scratch/sent.json")
until_true 5 "the arrival" grep -q "$referral" "$scratch/arrivals"
line=$(grep -m1 "$referral" "$scratch/arrivals")
arrived_ms=${line%% *}
committed_ms=$(date -d "$(field time <<< "${line#* }")" +%s%3N)
[[ $(field data.change <<< "${line#* }") == sent ]] || fail "the first event is not the arrival"
((arrived_ms - returned_ms <= 1000)) || fail "arrived $((arrived_ms - returned_ms)) ms after send"
after_ms=$((arrived_ms - committed_ms))
((after_ms <= 1000)) || fail "arrived $after_ms ms after the commit"
ok "watch printed the arrival $after_ms ms after the commit"
! grep -q Canary "$scratch/arrivals" || fail "an event carries content"
grep -aq Canary-7f3a "$scratch/packet.json" || fail "the canary is not planted"
! grep -aqr Canary-7f3a "$scratch/data" || fail "the hub has plaintext on its disk"
ok "what the packet says stands nowhere in the hub's files"

# --- open, accept, start, complete, timeline -----------------------------------------------------
says "$referral" as clinic referral list --json || fail "it is not in the inbox"
as clinic referral open "$referral" > "$scratch/opened.json" 2> "$scratch/open.err"
cmp "$scratch/packet.json" "$scratch/opened.json" || fail "the packet was altered"
as clinic referral open "$referral" --out "$scratch/opened.file" 2> /dev/null
cmp "$scratch/packet.json" "$scratch/opened.file" || fail "the packet in the file was altered"
[[ $(stat -c %a "$scratch/opened.file") == 600 ]] || fail "others may read the opened packet"
as harbor referral open "$referral" 2> /dev/null | cmp - "$scratch/packet.json" ||
  fail "the sender cannot reread"
ok "open shows the packet byte for byte, to the recipient and to the sender"

state() { as clinic referral show "$referral" --json | field referral.state; }
[[ $(state) == REFERRAL_STATE_OPEN ]] || fail "before the answer: $(state)"
says "a reminder in 4 h" as clinic referral show "$referral" || fail "nothing of the clock"
as clinic referral accept "$referral" > /dev/null 2>&1
[[ $(state) == REFERRAL_STATE_MATCHED ]] || fail "accept: $(state)"
refused 5 ILLEGAL_TRANSITION as clinic referral accept "$referral"
refused 5 ILLEGAL_TRANSITION as clinic referral complete "$referral" --outcome enrolled
[[ $(state) == REFERRAL_STATE_MATCHED ]] || fail "a refusal changed the state: $(state)"
as clinic referral start "$referral" > /dev/null 2>&1
[[ $(state) == REFERRAL_STATE_IN_SERVICE ]] || fail "start: $(state)"
refused 2 UNKNOWN_OUTCOME_CODE as clinic referral complete "$referral" --outcome fine
refused 5 ETAG_MISMATCH as clinic referral complete "$referral" --outcome enrolled --etag v1
as clinic referral complete "$referral" --outcome enrolled > /dev/null 2>&1
[[ $(state) == REFERRAL_STATE_COMPLETED ]] || fail "complete: $(state)"
as harbor referral timeline "$referral" --json > "$scratch/timeline.json"
events=$(python3 -c '
import json, sys
print(" ".join(e["event"] for e in json.load(sys.stdin)["entries"]))' < "$scratch/timeline.json")
for event in sent delivered opened accepted started completed; do
  [[ " $events " == *" $event "* ]] || fail "the timeline lacks $event: $events"
done
ok "accepted, started, completed; the timeline: $events"
for change in sent accepted started completed; do
  until_true 5 "the event $change" grep -q "\"change\":\"$change\"" "$scratch/arrivals"
done
ok "watch told of every step"

# --- revocation ----------------------------------------------------------------------------------
second_release=$(signed "$clinic" identity,needs,safe_contact)
second=$(send "$second_release" --json 2> /dev/null | field referral.id)
as clinic referral open "$second" 2> /dev/null | cmp - "$scratch/packet.json" || fail "no open"
as harbor release revoke "$second_release" --yes > "$scratch/revoked" 2> "$scratch/revoked.err"
grep -q 'revoked' "$scratch/revoked" || fail "not revoked: $(cat "$scratch/revoked")"
grep -q 'had opened it already' "$scratch/revoked.err" || fail "who had opened it is not told"
refused 4 RELEASE_REVOKED as clinic referral open "$second"
refused 4 RELEASE_REVOKED as harbor referral open "$second"
says '"opened"' as harbor release disclosures --release "$second_release" --json ||
  fail "the opening is not on record"
ok "after the revocation nobody opens it; the disclosure stays on record"

# --- copies, a replacement, a receipt ------------------------------------------------------------
notice=$(as clinic release destroy-notices --open --release "$second_release" --json |
  field notices.0.id)
refused 3 DESTROY_NOTICE_NOT_FOUND as legal release destroyed "$notice" --yes
as clinic release destroyed "$notice" --yes > /dev/null 2>&1 || fail "the answer is not taken"
refused 5 DESTRUCTION_ALREADY_ACKNOWLEDGED as clinic release destroyed "$notice" --yes
says DESTRUCTION_OUTCOME_DESTROYED as harbor release destroy-notices --sent \
  --release "$second_release" --json || fail "the sender does not hear of it"
refused 5 SECOND_PERSON_NEEDED as harbor release confirm "$second_release"
as harbor release confirm "$second_release" --method written > "$scratch/confirmed" 2> /dev/null
grep -q 'oral, confirmed written' "$scratch/confirmed" || fail "the withdrawal is not confirmed"
ok "who had opened it was asked to destroy its copies and has answered"

wide=$(signed "$clinic" identity,needs,safe_contact)
under_wide=$(send "$wide" --json 2> /dev/null | field referral.id)
successor=$(draft "$clinic" identity,needs,safe_contact --supersedes "$wide")
as clinic referral open "$under_wide" 2> /dev/null | cmp - "$scratch/packet.json" || fail "no open"
as harbor release sign "$successor" --capacity self --method written --language es --interpreter \
  --statement all --yes > /dev/null 2> "$scratch/replaced.err"
grep -q "takes the place of release $wide" "$scratch/replaced.err" || fail "what ends is not told"
refused 4 RELEASE_SUPERSEDED as clinic referral open "$under_wide"
ended() { says release_superseded as harbor referral show "$under_wide" --json; }
until_true 5 "the referral to end with its release" ended
send "$successor" > /dev/null 2>&1 || fail "the successor does not count"
as harbor release receipt "$successor" --language en > "$scratch/receipt.json"
[[ $(field state < "$scratch/receipt.json") == active ]] || fail "no receipt"
as harbor release receipt "$successor" --html "$scratch/receipt.html" 2> /dev/null
grep -q '<title>Su copia</title>' "$scratch/receipt.html" || fail "no page in the client's language"
! grep -qiE 'canary|traffick|<script|https?:' "$scratch/receipt.html" ||
  fail "the page tells too much"
ok "a release was replaced, what was sent under it is closed, and the client has a receipt"

# --- releases that do not allow it ---------------------------------------------------------------
count=$(sent_count)
for_legal=$(signed "$legal" identity,needs,safe_contact)
unsigned=$(draft "$clinic" identity,needs,safe_contact)
narrow=$(signed "$clinic" needs,safe_contact)
brief=$(signed "$clinic" identity,needs,safe_contact --expires 8s)
ending=$(send "$brief" --json 2> /dev/null | field referral.id)
as clinic referral open "$ending" 2> /dev/null | cmp - "$scratch/packet.json" || fail "no open"
count=$((count + 1))
expire_ms=$(date -d "$(as harbor release show "$brief" --json | field release.expireTime)" +%s%3N)
# First by the command line itself, before anything is sealed; then by the hub.
refused 4 RELEASE_RECIPIENT_MISMATCH send "$for_legal"
refused 4 RELEASE_RECIPIENT_MISMATCH send "$for_legal" --no-client-check
refused 4 RELEASE_NOT_SIGNED send "$unsigned"
refused 4 RELEASE_NOT_SIGNED send "$unsigned" --no-client-check
refused 4 PACKET_CATEGORY_OUTSIDE_RELEASE send "$narrow"
refused 4 RELEASE_CATEGORY_MISMATCH send "$narrow" --no-client-check
refused 4 RELEASE_REVOKED send "$second_release" --no-client-check
refused 3 RELEASE_NOT_FOUND send "$clinic" # an id, and of no release
expired() { (($(now_ms) > expire_ms)); }
until_true 15 "the release to expire" expired
refused 4 RELEASE_EXPIRED as clinic referral open "$ending"
refused 4 RELEASE_EXPIRED send "$brief"
refused 4 RELEASE_EXPIRED send "$brief" --no-client-check --allow-duplicate
[[ $(sent_count) == "$count" ]] || fail "a refusal left a referral behind"
ok "a release for another agency, an unsigned, a narrow, a revoked and an expired one: nothing sent"

# --- bad input -----------------------------------------------------------------------------------
good=$(signed "$clinic" identity,needs,safe_contact)
refused 1 PACKET_RECIPIENT_MISMATCH send "$good" --seal-to "$legal"
need=no_such_need refused 2 UNKNOWN_NEED_CODE send "$good"
need='Not A Code' refused 2 INVALID_CODE send "$good"
age=18-25 refused 2 UNKNOWN_AGE_BAND send "$good"
urgency=whenever refused 2 USAGE send "$good"
refused 2 USAGE send "$good" --id not-an-id
refused 2 USAGE send "$good" --no-such-flag
refused 3 AGENCY_NOT_FOUND as harbor agency show "No Such Agency"
refused 2 INVALID_ID as clinic referral show 'x'
echo 'a long enough passphrase of words' > "$scratch/passphrase"
chmod 600 "$scratch/passphrase"
refused 4 ROLE_NOT_ALLOWED as clinic user invite --name N --role caseworker
as clinic_admin user invite --name 'New Colleague' --role caseworker \
  --link-file "$scratch/link" > /dev/null 2>&1
join() { # SIGN_IN_NAME [FLAG…]
  as newcomer user accept --sign-in-name "$1" "${@:2}" --link-file "$scratch/link" \
    --passphrase-file "$scratch/passphrase" --totp-file "$scratch/totp" \
    --recovery-file "$scratch/recovery"
}
refused 2 INVALID_SIGN_IN_NAME join 'Not A Name'
join northside.newcomer > /dev/null 2>&1
[ "$(stat -c %a "$scratch/link" "$scratch/totp" "$scratch/recovery" | sort -u)" = 600 ]
refused 4 INVITATION_INVALID as newcomer user accept --sign-in-name twice \
  --link-file "$scratch/link" --passphrase-file "$scratch/passphrase" \
  --totp-file "$scratch/totp2" --recovery-file "$scratch/recovery2"
[ ! -e "$scratch/totp2" ] && [ ! -e "$scratch/recovery2" ]
as newcomer login northside.newcomer --passphrase-file "$scratch/passphrase" \
  --totp-file "$scratch/totp" > /dev/null 2>&1
head -n 1 "$scratch/recovery" > "$scratch/one_recovery"
chmod 600 "$scratch/one_recovery"
as newcomer login northside.newcomer --passphrase-file "$scratch/passphrase" \
  --recovery-file "$scratch/one_recovery" > /dev/null 2>&1
refused 4 SIGN_IN_FAILED as newcomer login northside.newcomer \
  --passphrase-file "$scratch/passphrase" --recovery-file "$scratch/one_recovery"
printf '{"needs": {"a": 1}, "needs": {"a": 2}}' > "$scratch/twice.json"
printf '{"needs": "\xff"}' > "$scratch/bytes.json"
printf '{"neds": 1}' > "$scratch/typo.json"
for bad in twice bytes typo; do
  refused 1 INVALID_PACKET_FILE as harbor referral send --packet "$scratch/$bad.json" \
    --release "$good" --to "$clinic" --need counseling --urgency urgent
done
refused 3 FILE_NOT_FOUND as harbor referral send --packet "$scratch/none.json" --release "$good" \
  --to "$clinic" --need counseling --urgency urgent
[[ $(sent_count) == "$count" ]] || fail "bad input left a referral behind"

# A request id belongs to one request: with another payload it is refused.
request=0190a5d0-0000-7000-8000-000000000001
third=0190a5d0-0000-7000-8000-000000000002
send "$good" --id "$third" --request-id "$request" --json > /dev/null 2>&1 ||
  fail "a send with a request id of ours is refused"
urgency=standard refused 5 REQUEST_ID_REUSED send "$good" --id "$third" --request-id "$request"
[[ $(sent_count) == $((count + 1)) ]] || fail "a repeat was counted twice"
refused 5 DUPLICATE_SERVICE send "$good"
send "$good" --allow-duplicate > /dev/null 2>&1 || fail "a duplicate on purpose is refused"

# Another agency's records, by id.
refused 3 REFERRAL_NOT_FOUND as legal referral show "$third"
refused 3 REFERRAL_NOT_FOUND as legal referral open "$third"
refused 3 REFERRAL_NOT_FOUND as legal referral timeline "$third"
refused 3 REFERRAL_NOT_FOUND as legal referral cancel "$third" --reason sent_in_error --yes
refused 3 RELEASE_NOT_FOUND as legal release revoke "$good" --yes

# Decline and cancel, each by the one who may.
refused 2 UNKNOWN_REASON_CODE as clinic referral decline "$third" --reason full
for repeat in 1 2; do # the answer was lost: the same request again gets the same answer
  as clinic referral decline "$third" --reason no_capacity --json --request-id \
    0190a5d0-0000-7000-8000-000000000003 > "$scratch/declined.$repeat" || fail "decline $repeat"
done
cmp "$scratch/declined.1" "$scratch/declined.2" || fail "a repeat is not the first answer"
state_for() { as "$1" referral show "$2" --json | field referral.state; }
[[ $(state_for harbor "$third") == REFERRAL_STATE_CLOSED ]] ||
  fail "declined by the only agency, it should be closed"
fourth=$(send "$good" --allow-duplicate --json 2> /dev/null | field referral.id)
as harbor referral cancel "$fourth" --reason client_withdrew --yes > /dev/null 2>&1
[[ $(state_for clinic "$fourth") == REFERRAL_STATE_CANCELLED ]] || fail "not cancelled"
ok "declined by the recipient, cancelled by the sender"

# --- sign-out ------------------------------------------------------------------------------------
as legal logout > /dev/null 2>&1
refused 4 SIGN_IN_REQUIRED as legal whoami
echo 000000 > "$scratch/wrong_code"
wrong_sign_in() {
  as legal login opendoor.caseworker --passphrase-file "$scratch/passphrase" --totp-stdin "$@" \
    < "$scratch/wrong_code"
}
refused 4 SIGN_IN_FAILED wrong_sign_in
kill -TERM "$hub"
wait "$hub" || fail "the hub did not stop cleanly: $?"
hub=
refused 6 HUB_UNREACHABLE as harbor status
echo "all $passed held"
