package means

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// page is how many bytes the file behind a FailingDisk takes or refuses as one.
const page = 4096

// A FailingDisk is a file system on a disk that has less room than it says. Once the disk is full, the file system takes
// what is written, and fsync tells that it has not come to the disk.
type FailingDisk struct {
	Dir string // where it is mounted

	t              testing.TB
	device, behind string // the disk, and the folder of the file that it is in
}

// NewFailingDisk makes one of 40 MB that says it has 120. It lasts as long as the test. It takes root, who may mount, and a
// loop device.
func NewFailingDisk(t testing.TB) *FailingDisk {
	t.Helper()
	NeedRoot(t)
	d := &FailingDisk{t: t, Dir: t.TempDir(), behind: t.TempDir()}
	if err := syscall.Mount("tmpfs", d.behind, "tmpfs", 0, "size=40m"); err != nil {
		Missing(t, Disk, "root cannot mount here: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.behind, syscall.MNT_DETACH) })
	image := filepath.Join(d.behind, "image")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 120<<20); err != nil {
		t.Fatal(err)
	}
	// Without a journal, whose loss would end all writing. What the file system notes for itself must be where something was before: one that loses
	// that is damaged, whatever is written. So all of it is written by mkfs, there are few inodes and one group of blocks, and files lie in clusters
	// so large that where they lie is noted in their inodes.
	d.run("mkfs.ext4", "-q", "-b", strconv.Itoa(page), "-N", "64", "-C", "1M", "-O", "^has_journal,bigalloc", "-E", "nodiscard,lazy_itable_init=0", image)
	d.device = d.run("losetup", "--find", "--show", image)
	t.Cleanup(func() { d.run("losetup", "--detach", d.device) })
	// A loop device whose file takes the first pages of a request and not the others says that it took all (Linux 6.18).
	// That disk would lie to fsync. One that is asked for one page at a time takes it or refuses it.
	most := filepath.Join("/sys/block", filepath.Base(d.device), "queue/max_sectors_kb")
	if err := os.WriteFile(most, []byte(strconv.Itoa(page>>10)), 0); err != nil {
		Missing(t, Disk, "requests to a loop device cannot be bounded: "+err.Error())
	}
	d.mount()
	t.Cleanup(func() { _ = syscall.Unmount(d.Dir, 0) })
	return d
}

// run runs a program of the system.
func (d *FailingDisk) run(name string, args ...string) string {
	d.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name // which is not on everybody's PATH
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		Missing(d.t, Disk, fmt.Sprintf("%s: %v %s", name, err, out))
	}
	return strings.TrimSpace(string(out))
}

func (d *FailingDisk) mount() {
	d.t.Helper()
	if err := syscall.Mount(d.device, d.Dir, "ext4", 0, "errors=continue"); err != nil {
		Missing(d.t, Disk, "the disk cannot be mounted: "+err.Error())
	}
}

// Remount forgets what is not on the disk. Nobody may have a file of it open.
func (d *FailingDisk) Remount() {
	d.t.Helper()
	if err := syscall.Unmount(d.Dir, 0); err != nil {
		d.t.Fatal(err)
	}
	d.mount()
}

// Fill takes what room the disk has left but for so many pages.
func (d *FailingDisk) Fill(left int) {
	d.t.Helper()
	f, err := os.Create(filepath.Join(d.behind, "ballast"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	var size int64
	for block := make([]byte, page); err == nil; size += page {
		_, err = f.Write(block)
	}
	if err := f.Truncate(max(0, size-int64(left+1)*page)); err != nil { // the last was not written
		d.t.Fatal(err)
	}
}

// Empty gives the room back.
func (d *FailingDisk) Empty() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.behind, "ballast")); err != nil {
		d.t.Fatal(err)
	}
}
