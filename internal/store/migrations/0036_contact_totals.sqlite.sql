-- +goose Up

-- SQLite has these totals since 0033.
SELECT 1;
