#!/bin/bash
# A coalition from nothing, on a real hub: set up, agencies vetted, people invited, passkeys in a
# browser and in software, keys made, joined and compared, a case handed over, a member of staff
# leaving, keys recovered from shares, open packets sealed anew, another agency key. And the trail
# says who did each.
#
#   tests/integration/coalition.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-coalition.XXXXXX")
passed=0
hub=
watcher=
. "$here/script.sh"
trap finish EXIT
need_program

# Passkeys belong to a name and a port, so the hub must know its port beforehand.
port=$(python3 -c '
import socket
free = socket.socket()
free.bind(("127.0.0.1", 0))
print(free.getsockname()[1])')
export FAIRLEAD_STATE=TX
start_hub --listen "127.0.0.1:$port"
[[ $FAIRLEAD_URL == "http://localhost:$port" ]] ||
  fail "it says $FAIRLEAD_URL, where no passkey can be made"
ok "an empty hub is ready at $FAIRLEAD_URL"

echo 'seven plain words nobody else uses' > "$scratch/passphrase"
chmod 600 "$scratch/passphrase"

# joins PROFILE LINK_FILE: with passphrase and one-time codes, and signs in.
joins() {
  as "$1" user accept --sign-in-name "$1" --link-file "$2" \
    --passphrase-file "$scratch/passphrase" --totp-file "$scratch/$1.totp" \
    --recovery-file "$scratch/$1.recovery" > /dev/null 2> "$scratch/join.err" ||
    fail "$1 cannot join: $(cat "$scratch/join.err")"
  signs_in "$1" "$1"
}
# signs_in PROFILE NAME
signs_in() {
  as "$1" login "$2" --passphrase-file "$scratch/passphrase" --totp-file "$scratch/$2.totp" \
    > /dev/null 2> "$scratch/login.err" || fail "$1 cannot sign in: $(cat "$scratch/login.err")"
}
id_of() { as "$1" whoami --json | field staff.id; }
agency_of() { as "$1" whoami --json | field staff.agencyId; }
# invite BY NAME ROLE [FLAG…]: writes the link to $scratch/NAME.link.
invite() {
  as "$1" user invite --name "$2" --role "$3" --link-file "$scratch/$2.link" "${@:4}" \
    > /dev/null 2> "$scratch/invite.err" || fail "$1 cannot invite: $(cat "$scratch/invite.err")"
}
agency_key() { as "$1" key show "${@:2}" --json | field agencyFingerprint; }
epoch() { as "$1" key show --json | field epoch; }

# --- set-up --------------------------------------------------------------------------------------
refused 4 SIGN_IN_REQUIRED as nobody agency list
echo "$(tr 'A-Za-z' 'B-ZAb-za' < "$scratch/data/setup-code")" > "$scratch/wrong-code"
chmod 600 "$scratch/wrong-code"
set_up() {
  as nobody setup --agency-name 'Coalition Office' --coordinator rosa --coordinator lee \
    --code-file "$1" "${@:2}"
}
refused 4 SET_UP_CODE_INVALID set_up "$scratch/wrong-code"
cp "$scratch/data/setup-code" "$scratch/code" # it is taken away once it has been used
chmod 600 "$scratch/code"
set_up "$scratch/code" --json > "$scratch/links" 2> /dev/null
refused 5 ALREADY_SET_UP set_up "$scratch/code"
for at in 0 1; do
  (umask 077; field "invitations.$at.link" < "$scratch/links" > "$scratch/coordinator.$at")
done
(umask 077; sed 's#^.*/join#https://hub.example/join#' "$scratch/coordinator.0" \
  > "$scratch/elsewhere")
refused 2 USAGE as rosa user accept --sign-in-name rosa --link-file "$scratch/elsewhere" \
  --passphrase-file "$scratch/passphrase" --totp-file "$scratch/no.totp" \
  --recovery-file "$scratch/no.recovery"
joins rosa "$scratch/coordinator.0"
joins lee "$scratch/coordinator.1"
refused 4 INVITATION_INVALID as late user accept --sign-in-name late \
  --link-file "$scratch/coordinator.0" --passphrase-file "$scratch/passphrase" \
  --totp-file "$scratch/late.totp" --recovery-file "$scratch/late.recovery"
rosa=$(id_of rosa) lee=$(id_of lee)
invite rosa auditor auditor
joins auditor "$scratch/auditor.link"
auditor=$(id_of auditor)
ok "the set-up link made the office and its first two coordinators, once"

# --- three agencies, vetted ----------------------------------------------------------------------
# applies NAME KIND: the agency's id.
applies() {
  as nobody agency apply "$1" --kind "$2" --phone +13055550100 --json 2> /dev/null | field agency.id
}
admin_of() { # PROFILE AGENCY_ID
  invite rosa "$1" agency_admin --agency "$2"
  joins "$1" "$scratch/$1.link"
}
# While fewer than two agencies could vouch, the coordinators stand in, each once.
for name in harbor clinic; do
  kind=victim_service_provider
  [[ $name == harbor ]] || kind=health_provider
  agency=$(applies "$name" "$kind")
  refused 5 MEMBERSHIP_STATE_CONFLICT as rosa agency activate "$agency"
  as rosa agency sponsor "$agency" > /dev/null 2>&1
  refused 5 ALREADY_SPONSORED as rosa agency sponsor "$agency"
  as lee agency sponsor "$agency" > /dev/null 2>&1
  as lee agency activate "$agency" > /dev/null 2>&1
  declare "$name=$agency"
  admin_of "${name}_admin" "$agency"
done
legal=$(applies legal legal_services)
refused 5 SPONSOR_NOT_NEEDED as rosa agency sponsor "$legal"
for name in harbor clinic; do
  as "${name}_admin" agency sponsor "$legal" > /dev/null 2>&1
done
as rosa agency activate "$legal" > /dev/null 2>&1
admin_of legal_admin "$legal"
as rosa agency history "$legal" > "$scratch/history"
ok "three agencies are members, each by two words and a coordinator"

# --- staff, by one-time links; passkeys ----------------------------------------------------------
invite harbor_admin kai caseworker
joins kai "$scratch/kai.link"
kai=$(id_of kai)
invite clinic_admin sam caseworker
"$build/bin/passkey_person" "$FAIRLEAD_URL" "$scratch/sam.link" sam "$FAIRLEAD_HOME" sam ||
  fail "the authenticator in software did not sign in"
sam=$(id_of sam)
[[ $(as sam whoami --json | field session.method) == SIGN_IN_METHOD_PASSKEY ]] || fail "no passkey"
ok "a passkey of an authenticator in software signs sam in"
invite clinic_admin ana caseworker
browser=0
node "$root/tests/browser/passkey_person.mjs" "$scratch/ana.link" ana > "$scratch/ana.json" \
  2> "$scratch/ana.err" || browser=$?
case $browser in
  0)
    ana=$(field staff.id < "$scratch/ana.json")
    ok "a passkey of Chromium's virtual authenticator signs ana in"
    ;;
  77) ana= && echo "note: without Chromium: $(cat "$scratch/ana.json")" ;;
  *) fail "ana's browser: $(cat "$scratch/ana.err")" ;;
esac

# --- keys: made, joined after comparing, confirmed -----------------------------------------------
for name in harbor clinic; do as "${name}_admin" key init > /dev/null 2>&1; done
# second_device ADMIN PERSON: nobody is confirmed before two people have compared.
second_device() {
  local fingerprint
  fingerprint=$(as "$2" key join --json 2> /dev/null | field fingerprint)
  refused 5 DEVICE_NOT_CONFIRMED as "$2" key sync --yes
  refused 3 DEVICE_NOT_FOUND as "$1" key confirm 0000-0000-0000-0000-0000 --yes
  refused 2 USAGE as "$1" key confirm "$fingerprint" # nobody to ask
  as "$1" key confirm "$fingerprint" --yes > /dev/null 2>&1 || fail "$2 is not confirmed"
  [[ $(agency_key "$2") == $(agency_key "$1") ]] || fail "two keys of one agency"
  as "$2" key sync --yes > /dev/null 2>&1 || fail "$2 has no keys"
}
second_device harbor_admin kai
second_device clinic_admin sam
as clinic_admin key recovery split --needed 2 --shares 3 --file "$scratch/recovery" \
  > /dev/null 2>&1
ok "keys are made, and second devices have them after a comparison"

# --- the hand-off --------------------------------------------------------------------------------
cat > "$scratch/packet.json" << 'JSON'
{"identity": {"given_name": "Canary-51c8"}, "needs": {"notes": "«una cama» \u00e9 \\ \"quoted\""}}
JSON
# release: of kai's client for the clinic, signed; its id.
release() {
  local id
  id=$(as kai release create --to "$clinic" --category identity,needs --safe-contact --json \
    2> /dev/null | field release.id)
  as kai release sign "$id" --capacity self --method written --language es --interpreter \
    --statement all --yes --json > /dev/null 2>&1
  echo "$id"
}
send_under() { # RELEASE [FLAG…]
  as kai referral send --packet "$scratch/packet.json" --release "$1" --to "$clinic" \
    --need shelter_bed --urgency urgent "${@:2}"
}
# send: kai's packet to the clinic; the referral's id.
send() { send_under "$(release)" --json 2> "$scratch/send.err" | field referral.id; }
opens() { # PROFILE REFERRAL: byte for byte
  as "$1" referral open "$2" 2> "$scratch/open.err" | cmp - "$scratch/packet.json" ||
    fail "$1 does not open $2: $(cat "$scratch/open.err")"
}
seen=$(agency_key kai "$clinic")
[[ $seen == $(agency_key clinic_admin) ]] || fail "the hub shows kai another key of the clinic"
as kai key accept "$clinic" --yes > /dev/null 2>&1
old=$(send)
opens sam "$old"
opens kai "$old"
refused 3 REFERRAL_NOT_FOUND as legal_admin referral open "$old"
! grep -aqr Canary-51c8 "$scratch/data" || fail "the hub has plaintext on its disk"
ok "what harbor sealed, the clinic opens byte for byte, and nobody else"

# --- sam leaves ----------------------------------------------------------------------------------
cp -r "$FAIRLEAD_HOME/profiles/sam" "$scratch/sams-device"
as clinic_admin user disable "$sam" --yes > /dev/null 2> "$scratch/disable.err"
[[ $(epoch clinic_admin) == 2 ]] || fail "no new epoch: $(cat "$scratch/disable.err")"
refused 4 SESSION_INVALID as sam referral open "$old"
refused 4 SESSION_INVALID as sam key sync --yes
new=$(send)
opens clinic_admin "$new"
opens clinic_admin "$old"
ok "sam is out in one act; new and old packets open for those who remain"
# Sam's device with every key that it had, and a stolen session of the administrator's on top.
thief() { # the files there, under another profile
  rm -rf "$FAIRLEAD_HOME/profiles/thief"
  cp -r "$scratch/sams-device" "$FAIRLEAD_HOME/profiles/thief"
  rm -rf "$FAIRLEAD_HOME/profiles/thief/sessions"
  cp -r "$FAIRLEAD_HOME/profiles/clinic_admin/sessions" "$FAIRLEAD_HOME/profiles/thief/sessions"
}
thief
opens thief "$old" # the keys are real: this is what the new epoch is for
refused 5 KEY_MISSING as thief referral open "$new"
keys=$FAIRLEAD_HOME/profiles/thief/keys/$clinic
current=$(as clinic_admin key show --json | field epochKid)
first=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["epoch_kid"])' \
  "$keys/current.json")
[[ $first != "$current" ]] || fail "the epoch has the same key as before"
cp "$keys/$first.jwk" "$keys/$current.jwk" # the old key under the new one's name
refused 5 NOT_A_RECIPIENT as thief referral open "$new"
ok "the departed device opens no new packet, whatever it is given"

# --- recovery by two of three shares -------------------------------------------------------------
signs_in officer clinic_admin # the same person on a fresh machine
refused 5 KEY_MISSING as officer referral open "$old"
combine() { as officer key recovery combine "$@" --file "$scratch/recovery"; }
refused 1 SHARES_TOO_FEW combine "$scratch/recovery.share-1"
combine "$scratch/recovery.share-1" "$scratch/recovery.share-3" > "$scratch/combined" 2>&1 ||
  fail "$(cat "$scratch/combined")"
opens officer "$old"
ok "two of three shares bring the keys back: the old packet opens on a fresh device"

# --- what is open is sealed to the new keys ------------------------------------------------------
as clinic_admin key reseal --json > "$scratch/resealed" 2> "$scratch/reseal.err" ||
  fail "$(cat "$scratch/reseal.err")"
[[ $(field resealed < "$scratch/resealed") == 1 ]] || fail "$(cat "$scratch/resealed")"
as clinic_admin key reseal --json > "$scratch/resealed" 2> /dev/null
[[ $(field resealed < "$scratch/resealed") == 0 ]] || fail "sealed anew a second time"
opens clinic_admin "$old"
opens kai "$old"
thief
refused 5 KEY_MISSING as thief referral open "$old"
refused 5 KEY_MISSING as officer referral open "$old"
ok "sealed anew, the old packet opens for the new keys alone"

# --- another agency key --------------------------------------------------------------------------
as rosa key root make --coalition 'The Coalition' --out "$scratch/root" > /dev/null 2>&1
as rosa key root publish "$scratch/root.jws" > /dev/null 2>&1
before=$(agency_key clinic_admin)
refused 5 KEY_MISSING as clinic_admin key agency use
as clinic_admin key agency make --out "$scratch/next" > /dev/null 2>&1
refused 5 AGENCY_KEY_CHANGED as clinic_admin key agency use # the root has not spoken yet
as rosa key certify "$clinic" --name clinic --key "$scratch/next" --root "$scratch/root" \
  --out "$scratch/certificate" > /dev/null 2>&1
as rosa key certificate publish "$scratch/certificate" > /dev/null 2>&1
as clinic_admin key agency use > /dev/null 2> "$scratch/use.err" || fail "$(cat "$scratch/use.err")"
after=$(agency_key clinic_admin)
[[ $before != "$after" ]] || fail "the agency key is the same"
[[ $(epoch clinic_admin) == 3 ]] || fail "no new epoch with the new agency key"
refused 5 AGENCY_KEY_CHANGED send_under "$(release)"
says "CHANGED" as kai key show "$clinic" || fail "kai is not shown the change"
as kai key accept "$clinic" --yes > /dev/null 2>&1
[[ $(agency_key kai "$clinic") == "$after" ]] || fail "kai accepted another key"
as clinic_admin key reseal > /dev/null 2>&1
last=$(send)
for each in "$old" "$new" "$last"; do opens clinic_admin "$each"; done
ok "another agency key, certified by the root: everybody is told, and asked, before it counts"

# --- who did what --------------------------------------------------------------------------------
harbor_admin=$(id_of harbor_admin)
clinic_admin=$(id_of clinic_admin)
legal_admin=$(id_of legal_admin)
cat > "$scratch/expected" << LIST
set_up_completed - -
staff_invited $rosa -
invitation_accepted $rosa -
invitation_accepted $lee -
invitation_accepted $sam -
signed_in $sam -
agency_applied - $legal
agency_sponsored $rosa $harbor
agency_sponsored $lee $harbor
agency_sponsored $harbor_admin $legal
agency_sponsored $clinic_admin $legal
agency_activated $lee $clinic
agency_activated $rosa $legal
key_list_published $harbor_admin $harbor
key_list_published $clinic_admin $clinic
device_registered $kai -
device_registered $sam -
release_signed $kai $harbor
referral_sent $kai $harbor
packet_opened $sam $harbor
staff_disabled $clinic_admin -
referral_fetched $clinic_admin $harbor
custody_renewed $clinic_admin $harbor
referral_resealed $clinic_admin $harbor
agency_certified $rosa $clinic
LIST
[[ -z $ana ]] || echo "invitation_accepted $ana -
signed_in $ana -
stepped_up $ana -" >> "$scratch/expected"
trail_is_whole() {
  as auditor audit query --limit 1000 --json > "$scratch/trail" 2> "$scratch/trail.err" || return 1
  python3 - "$scratch/trail" "$scratch/expected" > "$scratch/missing" << 'PYTHON'
import json, sys
records = json.load(open(sys.argv[1]))["records"]
# Who accepts an invitation or signs in is nobody yet: then the record is about them.
done = {(r["action"], r.get("staffId") or r.get("subjectStaffId", ""), r.get("subjectAgencyId", ""))
        for r in records if not r.get("refusedReason")}
for line in open(sys.argv[2]):
    action, staff, agency = ("" if word == "-" else word for word in line.split())
    if not any(a == action and s == staff and (not agency or o == agency) for a, s, o in done):
        print(line.strip())
PYTHON
  [[ ! -s $scratch/missing ]]
}
end=$(($(now_ms) + 15000))
until trail_is_whole; do
  (($(now_ms) < end)) || fail "the trail lacks: $(cat "$scratch/missing" "$scratch/trail.err")"
  sleep 0.1
done
as auditor audit who-saw "$old" --json > "$scratch/saw"
for who in "$sam" "$kai" "$clinic_admin"; do
  grep -q "$who" "$scratch/saw" || fail "who saw it does not name $who"
done
! grep -q "$legal_admin" <(python3 -c '
import json, sys
print([r["staffId"] for r in json.load(sys.stdin)["records"] if not r.get("refusedReason")])' \
  < "$scratch/saw") || fail "the trail says that a stranger saw it"
ok "the trail says who did each step, and who saw the packet"

kill -TERM "$hub"
wait "$hub" || fail "the hub did not stop cleanly: $?"
hub=
code=0
"$program" up --demo --data "$scratch/data" --listen 127.0.0.1:0 > "$scratch/demo.out" \
  2> "$scratch/demo.err" || code=$?
((code == 5)) || fail "exit code $code: $(cat "$scratch/demo.err")"
grep -q DEMO_NEEDS_EMPTY_HUB "$scratch/demo.err" || fail "$(cat "$scratch/demo.err")"
[[ ! -e $scratch/data/demo ]] || fail "the demonstration's sign-ins are in a real hub"
ok "a real hub is not filled with the demonstration"
echo "all $passed held"
