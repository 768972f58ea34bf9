-- +goose Up

-- SQLite's index of parts has all signs (0034).
SELECT 1;
