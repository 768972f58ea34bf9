//go:build linux || darwin

package doctor

import "syscall"

// freeBytes tells how much may still be written to the disk of a folder.
func freeBytes(dir string) (free int64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}

// mayWrite asks whether this process may write to a folder.
func mayWrite(dir string) error {
	const write = 2
	return syscall.Access(dir, write)
}
