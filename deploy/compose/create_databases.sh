#!/bin/bash
# Run once by the postgres image, on an empty data folder: a database and a role for each service,
# which can see its own database only.
set -euo pipefail

for service in identity directory consent referral messaging audit; do
  name=fairlead_$service
  # psql quotes the password itself, from a variable that it reads from the file.
  psql -v ON_ERROR_STOP=1 -v name="$name" --username postgres << SQL
\set password \`cat /run/secrets/${service}_database_password\`
CREATE ROLE :"name" LOGIN PASSWORD :'password' CONNECTION LIMIT 40;
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'
  TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
