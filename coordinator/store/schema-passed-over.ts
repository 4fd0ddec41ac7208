/** The part of a step that keeps, by kind, why devices and sensors were passed over. */
export const PASSED_OVER_STEP = `
  -- Why who was passed over, how often and when. What 'scope' names is there, or was: nothing else refers to these rows.
  CREATE TABLE passed_over (
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    -- Null while it lasts.
    until_ms INTEGER,
    sum TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (scope, kind)
  ) STRICT, WITHOUT ROWID;
`
