// Package identity keeps who may come in, in SQL: one type per noun, which a
// transaction of the store holds.
// It must not decide anything, nor begin a transaction.
package identity
