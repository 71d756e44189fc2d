#!/usr/bin/env bash
# Makes the users of users.sql with the passwords KALAM_PASSWORD and KALAM_READER_PASSWORD; CLICKHOUSE_USER is an administrator.
# The server sees hashes, and a password may hold any character.
set -euo pipefail
hash_of() { printf %s "$1" | sha256sum | cut -c 1-64; }
sql=${KALAM_USERS_SQL:-/etc/kalam/users.sql}
sed -e "s/@KALAM_HASH@/$(hash_of "${KALAM_PASSWORD:?}")/" \
    -e "s/@KALAM_READER_HASH@/$(hash_of "${KALAM_READER_PASSWORD:?}")/" "$sql" |
  clickhouse-client --host 127.0.0.1 --user "${CLICKHOUSE_USER:-default}" --password "${CLICKHOUSE_PASSWORD:-}" --multiquery
