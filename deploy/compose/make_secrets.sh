#!/bin/bash
# Makes the passwords and connection strings of compose.yaml, each in a file of its own that only
# its reader may read. Run as root, once; files that exist are kept.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/secrets
readonly POSTGRES_UID=999  # of the postgres image
readonly HUB_UID=7420      # of the Containerfile
((EUID == 0)) || { echo "make_secrets.sh: run me as root: the files get owners" >&2; exit 1; }

umask 077
mkdir -p "$folder"
chmod 0711 "$folder"

random_password() { od -An -N 32 -t x1 /dev/urandom | tr -d ' \n'; }

keep() {  # FILE OWNER TEXT
  [[ -e $folder/$1 ]] && { echo "kept $1"; return; }
  printf '%s' "$3" > "$folder/$1"
  chown "$2" "$folder/$1"
  chmod 0400 "$folder/$1"
  echo "made $1"
}

keep postgres_password "$POSTGRES_UID" "$(random_password)"
for service in identity directory consent referral messaging audit; do
  keep "${service}_database_password" "$POSTGRES_UID" "$(random_password)"
  password=$(< "$folder/${service}_database_password")
  name=fairlead_$service
  keep "${service}_database_url" "$HUB_UID" \
    "host=/run/postgresql dbname=$name user=$name password=$password"
done
