-- What was there before; rows that are there twice merge.
INSERT INTO trace_rows SELECT * FROM traces;
INSERT INTO observation_rows SELECT * FROM observations;
INSERT INTO score_rows SELECT * FROM scores;
