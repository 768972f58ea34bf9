-- +goose Up

-- PostgreSQL has no table of values (0033).
SELECT 1;
