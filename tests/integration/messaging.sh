#!/bin/bash
# What agencies tell each other, through the command line alone: two write under seal, one asks all
# for a bed and takes an answer, which becomes a match, a coordinator alerts, and a post that seems
# to name a person is held up.
#
#   tests/integration/messaging.sh [PROGRAM]    default: build/release/bin/fairlead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${FAIRLEAD_BUILD_DIR:-$root/build/release}
program=${1:-$build/bin/fairlead}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-messaging.XXXXXX")
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
as family demo use riverbend.caseworker > /dev/null 2>&1
as office demo use office.coordinator > /dev/null 2>&1
as police demo use police.caseworker > /dev/null 2>&1
clinic=$(as clinic whoami --json | field staff.agencyId)
family=$(as family whoami --json | field staff.agencyId)
case_handle=01890a5d-ac96-774b-bcce-b302099a8061

# words PROFILE VERB…: the words from standard input, and an answer in JSON.
words() { local text=$1; shift; printf '%s\n' "$text" | as "$@" --stdin --json; }

# --- two write to each other ---------------------------------------------------------------------
"$program" thread watch --json --profile clinic > "$scratch/watched" 2> "$scratch/watching" &
watcher=$!
until_true 20 "the watcher" grep -q Watching "$scratch/watching"
canary=canary-of-the-north-door
thread=$(as harbor thread start "$clinic" --json | field thread.id)
first=$(words "At the $canary" harbor thread send "$thread" --first-use | field message.id)
says "$thread" as clinic thread list --unread
says "At the $canary" as clinic thread view "$thread"
! says "$thread" as clinic thread list --unread || fail "what was read is still unread"
says "(read)" as harbor thread view "$thread"
words "Who opens it?" clinic thread send "$thread" --first-use > /dev/null
says "Who opens it?" as harbor thread view "$thread"
refused 3 THREAD_NOT_FOUND as legal thread view "$thread"
refused 3 THREAD_NOT_FOUND as office thread view "$thread"
ok "two agencies write and read, and nobody else does"

words "At the south door" harbor thread edit "$first" > /dev/null
says "(edited)" as clinic thread view "$thread" --after 0
says "At the south door" as clinic thread view "$thread" --after 0
! says "$canary" as clinic thread view "$thread" --after 0 || fail "what was edited away is shown"
printf 'x' > "$scratch/words"
refused 4 NOT_YOUR_MESSAGE as clinic thread edit "$first" --file "$scratch/words"
as harbor thread delete "$first" --yes > /dev/null
says "(deleted)" as clinic thread view "$thread" --after 0
! grep -rqF -e "$canary" -e "south door" "$scratch/data" || fail "the hub has words of a thread"
ok "a message is edited and taken back, and the hub has no word of it"

sent() { (($(grep -c 'messaging.thread_sent' "$scratch/watched") >= 2)); }
until_true 20 "the events" sent
! grep -q "door" "$scratch/watched" || fail "an event has words of a thread"
kill "$watcher"
wait "$watcher" 2> /dev/null || true
watcher=
ok "events tell that something was written, and not what"

# --- who has a bed ------------------------------------------------------------------------------
call=$(as harbor bedcall open --need shelter_bed --urgency emergency --people 2-3 --language es \
  --for 2h --json | field bedCall.id)
says "$call" as family bedcall list
says "maybe" as clinic bedcall answer "$call" maybe bed
says "yes" as family bedcall answer "$call" yes family_room --units 2
as legal bedcall answer "$call" no > /dev/null 2>&1
refused 4 AGENCY_KIND_NOT_ALLOWED as police bedcall answer "$call" yes
refused 4 AGENCY_KIND_NOT_ALLOWED as police bedcall list
refused 2 UNKNOWN_NEED_CODE as harbor bedcall open --need a_bed --urgency urgent
says "2 family_room" as harbor bedcall show "$call"
! says "family_room" as clinic bedcall show "$call" || fail "others see who else has answered"
as harbor bedcall take "$call" "$family" --case "$case_handle" --json > "$scratch/taken"
referral=$(field bedCall.referralId < "$scratch/taken")
says "taken" as clinic bedcall show "$call"
refused 5 BED_CALL_NOT_OPEN as clinic bedcall answer "$call" yes bed
says "$referral" as family referral list
refused 3 REFERRAL_NOT_FOUND as clinic referral show "$referral"
says "matched" as family referral accept "$referral"
ok "a bed call is answered by three, one is taken, and it is a match"

# --- channels -----------------------------------------------------------------------------------
printf 'Cots\n\nMaria Lopez, born 3/14/1998, has a cot of ours.\n' > "$scratch/post"
refused 1 POST_SEEMS_TO_IDENTIFY as harbor channel post practice --file "$scratch/post"
! says "Cots" as legal channel view practice || fail "a post was sent that was refused"
printf 'Cots\n\nTwo cots to give away, ask at our front desk.\n' > "$scratch/post"
post=$(as harbor channel post practice --file "$scratch/post" --tag furniture --json |
  field post.id)
says "Two cots" as legal channel view practice --tag furniture
says "$post" as legal channel search "cots give"
refused 4 NOT_A_WRITER as harbor channel post announcements --file "$scratch/post"
as office channel pin "$post" > /dev/null
says "pinned" as clinic channel view practice
! says practice as police channel list || fail "law enforcement is a member"
as harbor channel delete "$post" --yes > /dev/null
! says "Two cots" as legal channel view practice || fail "a post that was deleted is shown"
ok "practice is shared, found and pinned; what seems to name a person is held up"

# --- alerts -------------------------------------------------------------------------------------
alert=$(words "The hotline is down until six" office alert send --urgency emergency |
  field alert.id)
says "The hotline is down" as clinic alert list --waiting
as clinic alert ack "$alert" > /dev/null
! says "$alert" as clinic alert list --waiting || fail "what was acknowledged still waits"
says "1 of" as office alert show "$alert"
says "Riverbend Family Shelter" as office alert show "$alert"
ok "an alert waits until it is acknowledged, and its sender sees for whom"
echo "$passed checks"
