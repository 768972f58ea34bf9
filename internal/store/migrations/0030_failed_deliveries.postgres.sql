-- +goose Up

-- The index of 0021 serves what is asked: a list is nothing to make here, and servers of before ask by it.
SELECT 1;
