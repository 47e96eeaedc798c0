-- Of what was there before; a merged row of a trace tells its latest words, which are those that lists are filtered by. An entry that is there twice merges.
INSERT INTO trace_entries
  SELECT workspace_id, timestamp, id, if(name.1 != 0, name.2, root.3), user_id.2, session_id.2, environment.2, release.2, version.2,
    arraySort(tags) FROM trace_rows FINAL;
INSERT INTO observation_entries
  SELECT workspace_id, start_time, trace_id, id, parent_id, type, name, level, model, environment, version, prompt_name, app_root,
    received_at FROM observation_rows;
INSERT INTO score_entries SELECT workspace_id, timestamp, id, name, source, data_type, environment, received_at FROM score_rows;
