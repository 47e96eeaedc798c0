-- Entries have them. Views go before the tables that they write.
DROP VIEW IF EXISTS trace_times_of;
DROP VIEW IF EXISTS observation_times_of;
DROP VIEW IF EXISTS score_times_of;
DROP TABLE IF EXISTS trace_times;
DROP TABLE IF EXISTS observation_times;
DROP TABLE IF EXISTS score_times;
