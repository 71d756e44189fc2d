-- Users of the warehouse with no more rights than they need. make-users.sh fills in the SHA-256 of the passwords and
-- runs this on the first start of the container; on another server an administrator runs it by hand (docs/deploy.md).
-- Every pipeline has a database of its own: repeat the file with another name for kalam.

CREATE DATABASE IF NOT EXISTS kalam;

-- Lands records and answers questions: it makes its tables and views, and can delete no conversation and no judgment.
CREATE USER IF NOT EXISTS kalam IDENTIFIED WITH sha256_hash BY '@KALAM_HASH@';
GRANT SELECT, INSERT, CREATE TABLE, CREATE VIEW ON kalam.* TO kalam;
GRANT TABLE ENGINE ON ReplacingMergeTree TO kalam;
-- CREATE OR REPLACE VIEW makes a table of such a name, swaps it with the view and drops it.
GRANT DROP TABLE, DROP VIEW ON kalam._tmp_replace_* TO kalam;
GRANT DROP TABLE, DROP VIEW ON kalam.v_* TO kalam;
-- What a generation made goes with it when it is dropped.
GRANT ALTER DELETE ON kalam.chunks TO kalam;
GRANT ALTER DELETE ON kalam.calls TO kalam;
GRANT ALTER DELETE ON kalam.targets TO kalam;
GRANT ALTER DELETE ON kalam.scores TO kalam;
GRANT ALTER DELETE ON kalam.flags TO kalam;
GRANT ALTER DELETE ON kalam.candidates TO kalam;
GRANT ALTER DELETE ON kalam.ranked TO kalam;

-- People and dashboards: read only, and no query takes the server along.
CREATE SETTINGS PROFILE IF NOT EXISTS kalam_reader SETTINGS readonly = 2, max_execution_time = 120, max_memory_usage = 8000000000;
CREATE USER IF NOT EXISTS kalam_reader IDENTIFIED WITH sha256_hash BY '@KALAM_READER_HASH@' SETTINGS PROFILE kalam_reader;
GRANT SELECT ON kalam.* TO kalam_reader;
