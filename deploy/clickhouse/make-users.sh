#!/usr/bin/env bash
# Makes the users of users.sql with the passwords KALAM_PASSWORD and KALAM_READER_PASSWORD; CLICKHOUSE_USER is an administrator.
# The server sees hashes, and a password may hold any character.
set -euo pipefail
hash_of() { printf %s "$1" | sha256sum | cut -c 1-64; }
# On lines of their own: a password that is not set ends the script only here.
kalam=$(hash_of "${KALAM_PASSWORD:?}")
reader=$(hash_of "${KALAM_READER_PASSWORD:?}")
sed -e "s/@KALAM_HASH@/$kalam/" -e "s/@KALAM_READER_HASH@/$reader/" "${KALAM_USERS_SQL:-/etc/kalam/users.sql}" |
  clickhouse-client --host "${CLICKHOUSE_HOST:-127.0.0.1}" --user "${CLICKHOUSE_USER:-default}" --password "${CLICKHOUSE_PASSWORD:-}" --multiquery
