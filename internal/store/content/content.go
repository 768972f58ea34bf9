// Package content keeps what a workspace publishes in SQL: one type per noun,
// which a transaction of the store holds.
// It must not decide anything, nor begin a transaction.
package content
