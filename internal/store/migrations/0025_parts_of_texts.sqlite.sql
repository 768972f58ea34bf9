-- +goose Up

-- SQLite looks for a part of a text in every text.
SELECT 1;
