#!/bin/bash
# Several agencies asked at once, through the command line alone: the first to accept is matched,
# the packet follows, a match that came to nothing is offered again; and what a coordinator sees.
#
#   tests/integration/blind.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-blind.XXXXXX")
passed=0
hub=
watcher=
. "$here/script.sh"
trap finish EXIT

need_program
start_hub --demo --listen 127.0.0.1:0
as harbor demo use harbor.caseworker > /dev/null 2>&1
as clinic demo use northside.caseworker > /dev/null 2>&1
as legal demo use opendoor.caseworker > /dev/null 2>&1
as office demo use office.coordinator > /dev/null 2>&1
case_handle=01890a5d-ac96-774b-bcce-b302099a8057
clinic=$(as clinic whoami --json | field staff.agencyId)
legal=$(as legal whoami --json | field staff.agencyId)
printf '{"needs":{"summary":"a bed"},"safe_contact":{"how":"text"}}' > "$scratch/packet.json"

# --- asked, and matched --------------------------------------------------------------------------
asked=$(as harbor referral offer --case "$case_handle" --to "$clinic,$legal" --need shelter_bed \
  --urgency emergency --json | field referral.id)
says "2 agencies" as harbor referral list --box sent
says "$asked" as clinic referral list
offer=$(as legal referral show "$asked" --json | field referral.offers.0.id)
says "$offer" as office handoff list
as office handoff nudge "$offer" > /dev/null 2>&1
refused 5 PACKET_NOT_SENT as clinic referral open "$asked"
# Who at the clinic has it in hand; whoever is on duty can act all the same.
as manager demo use northside.admin > /dev/null 2>&1
says "$asked" as manager referral list --unassigned
says "you" as clinic referral take "$asked"
refused 5 ALREADY_ASSIGNED as manager referral take "$asked"
says "you" as manager referral take "$asked" --from northside.caseworker
says "you" as manager referral assign "$asked" --to northside.admin
as manager referral assign "$asked" --to northside.caseworker > /dev/null 2>&1
says "$asked" as clinic referral list --mine
refused 3 COLLEAGUE_NOT_FOUND as clinic referral assign "$asked" --to harbor.caseworker
says "assigned to you, from" as clinic referral timeline "$asked"
as harbor referral timeline "$asked" > "$scratch/story" 2> /dev/null
! grep -q assigned "$scratch/story" || fail "the sender sees who has it in hand at the clinic"
ok "one has it in hand, hands it on, and the sender sees nothing of it"
says "matched" as clinic referral accept "$asked"
refused 5 ALREADY_MATCHED as legal referral accept "$asked"
says "matched_elsewhere" as legal referral show "$asked"
ok "two are asked, one is matched, the other hears so and no more"

# --- the packet follows --------------------------------------------------------------------------
says "not sent yet" as harbor referral show "$asked"
release() {
  as harbor release create --case "$case_handle" --to "$1" --category needs,safe_contact \
    --state FL --json | field release.id
}
sign() {
  as harbor release sign "$1" --capacity self --method written --language en --statement all \
    --yes > /dev/null 2>&1
}
first=$(release "$clinic")
sign "$first"
as harbor referral send-packet "$asked" --packet "$scratch/packet.json" --release "$first" \
  --first-use > /dev/null 2>&1
as clinic referral open "$asked" > "$scratch/opened.json" 2> /dev/null
cmp "$scratch/packet.json" "$scratch/opened.json" || fail "the packet is another one"
refused 5 OFFER_NOT_OPEN as legal referral open "$asked"
ok "the packet goes to whoever was matched, byte for byte, and to nobody else"

# --- corrected, with a paper that is too large for a packet ---------------------------------------
papers=$(as harbor release create --case "$case_handle" --to "$clinic" \
  --category needs,safe_contact,documents --state FL --json | field release.id)
sign "$papers"
corrected=$scratch/corrected.json
scan=$scratch/scan.bin
printf '{"needs":{"summary":"a bed and a cot"},"safe_contact":{"how":"text"}}' > "$corrected"
head -c 200000 /dev/urandom > "$scan"
told() { grep -qF -- "$1" "$scratch/told" || fail "not told: $1"; }
refused 4 PACKET_CATEGORY_OUTSIDE_RELEASE as harbor referral amend "$asked" \
  --packet "$corrected" --attach "$scan" --release "$first"
as harbor referral amend "$asked" --packet "$corrected" --attach "$scan" --release "$papers" \
  --replaces 1 > /dev/null 2> "$scratch/told"
told "scan.bin: 100%"
refused 5 PACKET_VERSION_MISMATCH as harbor referral amend "$asked" \
  --packet "$corrected" --release "$papers" --replaces 1 --yes
as harbor referral attach "$asked" "$scan" 2> "$scratch/told"
told "is at the hub already"
as clinic referral open "$asked" --attachments "$scratch/got" > /dev/null 2> "$scratch/told"
told "Version 2"
cmp "$scan" "$scratch/got/scan.bin" || fail "what was attached is another file"
[[ $(stat -c %a "$scratch/got/scan.bin") == 600 ]] || fail "others may read what was attached"
if as clinic referral open "$asked" --attachments "$scratch/got" --force --json \
  > "$scratch/answer" 2> "$scratch/told"; then
  fail "a file was replaced whose name the sender has chosen"
fi
told "OUTPUT_EXISTS"
grep -qF '"packet":{' "$scratch/answer" || fail "a packet that was opened is withheld"
[[ $(field attachmentsError.reason < "$scratch/answer") == OUTPUT_EXISTS ]] ||
  fail "not told why the file is not there"
as clinic referral open "$asked" --attachments "$scratch/got" --replace-attachments \
  > /dev/null 2>&1
refused 5 PACKET_OF_ANOTHER_AGENCY as clinic referral attach "$asked" "$scan"
as harbor referral open "$asked" --out "$scratch/reopened.json" > /dev/null 2>&1
refused 1 INVALID_PACKET_FILE as harbor referral amend "$asked" \
  --packet "$scratch/reopened.json" --release "$papers" --replaces 2 --yes
says "packet_amended" as clinic referral timeline "$asked"
ok "a corrected packet takes the place of the first, and a file goes with it"

# --- it comes to nothing, and others are asked ---------------------------------------------------
says "open" as clinic referral reopen "$asked" --reason no_show
refused 5 OFFER_NOT_OPEN as clinic referral open "$asked"
says "nobody_asked" as office handoff list --unasked
says "open" as harbor referral offer-again "$asked" --to "$legal" --mode choice
refused 5 CHOICE_IS_SENDERS as legal referral accept "$asked"
says "yes" as legal referral answer "$asked" yes
says "matched" as harbor referral choose "$asked" --agency "$legal"
second=$(release "$legal")
sign "$second"
as harbor referral send-packet "$asked" --packet "$scratch/packet.json" --release "$second" \
  --first-use > /dev/null 2>&1
as legal referral open "$asked" > "$scratch/opened.json" 2> /dev/null
cmp "$scratch/packet.json" "$scratch/opened.json" || fail "the packet is another one"
ok "a match that came to nothing is offered again, and the survivor chooses"

# --- an agency has to know more first ------------------------------------------------------------
asked=$(as harbor referral offer --case 01890a5d-ac96-774b-bcce-b302099a8058 --to "$clinic,$legal" \
  --need shelter_bed --urgency urgent --mode choice --json | field referral.id)
offer=$(as clinic referral show "$asked" --json | field referral.offers.0.id)
says "¿Qué animal viene?" as clinic offer questions
says "pet: not answered yet" as clinic offer ask "$offer" pet
says "question_unanswered" as office handoff list
refused 3 REFERRAL_NOT_FOUND as legal offer ask "$offer" date_needed
refused 3 REFERRAL_NOT_FOUND as clinic offer answer "$offer" pet dog
says "pet: dog" as harbor offer answer "$offer" pet dog
says "pet: dog" as clinic referral show "$asked"
says "question_answered" as clinic referral timeline "$asked"
as legal referral show "$asked" > "$scratch/shown"
! grep -q "pet:" "$scratch/shown" || fail "another agency sees what one has asked"
ok "an agency asks in codes, and the answer is for it alone"

# --- where a case may not go, and where it might -------------------------------------------------
guarded=01890a5d-ac96-774b-bcce-b302099a8059
never() {
  as harbor case do-not-route "$guarded" "$@" > /dev/null 2>&1
}
never --add "$legal" --reason conflict_of_interest
says "conflict_of_interest" as harbor case do-not-route "$guarded"
refused 5 AGENCY_NOT_TO_BE_ASKED as harbor referral offer --case "$guarded" \
  --to "$clinic,$legal" --need shelter_bed --urgency emergency
waiting=$(as harbor referral offer --case "$guarded" --to "$clinic" --need shelter_bed \
  --urgency emergency --json | field referral.id)
refused 5 NOT_POSSIBLE as office handoff suggest "$waiting" "$legal"
never --remove "$legal"
as office handoff suggest "$waiting" "$legal" > /dev/null 2>&1
says "$legal" as harbor referral show "$waiting" --json
never --add "$clinic" --reason past_harm
says "sent_in_error" as clinic referral show "$waiting"
ok "nothing of a case goes to whom its list names, and a coordinator does not learn of the list"
echo "$passed checks"
