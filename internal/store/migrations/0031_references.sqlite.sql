-- +goose Up

-- SQLite puts off references without being told of which: see the other half. Both databases have the same versions, so that a backup of one fills the
-- other.
SELECT 1;
