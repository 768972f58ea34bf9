-- +goose Up

-- PostgreSQL has indexes of the members of a JSON column (0024), and counts contacts by an index of their roles (0032).
SELECT 1;
