-- +goose Up

-- SQLite has one writer: nobody gives a contact a tag while another changes its role (0036).
SELECT 1;
