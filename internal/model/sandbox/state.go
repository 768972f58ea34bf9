// Package sandbox holds what a developer can set for a workspace that is used to test
// with.
// It must not import anything but the standard library.
package sandbox

// A State is what was set for a workspace. The zero value is a workspace as it came.
type State struct{}
