-- Their rows are in the tables of 0003.
DROP TABLE IF EXISTS traces;
DROP TABLE IF EXISTS observations;
DROP TABLE IF EXISTS scores;
