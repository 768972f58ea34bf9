-- +goose Up

-- PostgreSQL has indexes of the parts of names and addresses (0025).
SELECT 1;
