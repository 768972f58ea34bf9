package doctor

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/app"
	"parley/internal/datafolder"
	"parley/internal/db"
	"parley/internal/store/audit"
)

// enough is how much free space a disk should have, in bytes.
const enough = 1 << 30

// dataFolder looks at the folder of the embedded database and of files.
func (e *examination) dataFolder() error {
	s := e.Settings
	if s.Database != "" && (s.Files != "" || s.S3.Bucket != "") {
		e.ok("not used: database and files are elsewhere")
		return nil
	}
	if !e.folder(s.Data, "--data") {
		return nil
	}
	if s.Database == "" {
		used, err := datafolder.InUse(s.Data)
		if err != nil {
			return err
		}
		e.ok("%s, and %s", s.Data, map[bool]string{true: "a server works on it", false: "no server works on it"}[used])
	} else {
		e.ok("%s", s.Data)
	}
	return nil
}

// folder looks at a folder, and reports whether it is there and can be used.
func (e *examination) folder(dir, flag string) bool {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.problem(dir+" is not there", "start a server, which makes it, or name another with "+flag)
		return false
	case err != nil:
		e.problem(err.Error(), "let the user who runs Parley enter the folders above it")
		return false
	case !info.IsDir():
		e.problem(dir+" is no folder", "name another with "+flag)
		return false
	}
	if err := mayWrite(dir); err != nil {
		e.problem(fmt.Sprintf("%s cannot be written to: %v", dir, err), "give it to the user who runs Parley")
		return false
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		e.warning(fmt.Sprintf("others on this machine may enter %s: its mode is %v", dir, info.Mode().Perm()), "chmod 700 "+dir)
	}
	if free, known := freeBytes(dir); known && free < enough {
		e.warning(fmt.Sprintf("the disk of %s has %d MB left", dir, free>>20), "make room: without it nothing can be written")
	}
	return true
}

// place looks at where files are kept.
func (e *examination) place() error {
	s := e.Settings
	files, err := app.OpenFiles(e.App)
	if err != nil {
		return err
	}
	name := "the bucket " + s.S3.Bucket + " at " + s.S3.Endpoint
	if s.S3.Bucket == "" {
		dir := s.Files
		if dir == "" {
			dir = filepath.Join(s.Data, app.FilesFolder)
		}
		name = "the folder " + dir
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			name += ", which the first file makes,"
		} else if !e.folder(dir, "--files") {
			return nil
		}
	}
	probe := "doctor/probe-" + strings.ToLower(rand.Text())
	file, _, err := files.Open(e.ctx, probe)
	if err == nil {
		file.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		e.problem(fmt.Sprintf("%s cannot be read: %v", name, err), "look at the settings files and s3_…, and at what the key may do")
		return nil
	}
	e.files = files
	if !e.Write {
		e.ok("%s can be read; --write tries whether it can be written to", name)
		return nil
	}
	const text = "parley doctor"
	err = files.Put(e.ctx, probe, strings.NewReader(text), int64(len(text)), "text/plain")
	if err == nil {
		err = e.readBack(probe, text)
		err = errors.Join(err, files.Delete(e.ctx, probe))
	}
	if err != nil {
		e.problem(fmt.Sprintf("a file that was written to %s did not come back: %v", name, err), "look at what the key, or the user who runs Parley, may do there")
		return nil
	}
	e.ok("a file was written to %s, read and deleted", name)
	return nil
}

func (e *examination) readBack(key, want string) error {
	file, _, err := e.files.Open(e.ctx, key)
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if err == nil && string(got) != want {
		err = errors.New("it has other bytes")
	}
	return err
}

// sample is how many files of each kind are looked for if not all are.
const sample = 100

// blobs looks whether the files are there that rows name.
func (e *examination) blobs() error {
	if e.files == nil {
		e.warning("not looked at, since the place of files cannot be read", "")
		return nil
	}
	most := sample
	if e.Full {
		most = 0
	}
	var keys []string // all, so that the transaction does not last as long as it takes to look for them
	err := e.view(func(tx *db.Tx) error {
		keys = keys[:0]
		return audit.SampleFiles(tx, most, func(key string) error {
			keys = append(keys, key)
			return nil
		})
	})
	if err != nil {
		return err
	}
	missing, example := 0, ""
	for _, key := range keys {
		file, _, err := e.files.Open(e.ctx, key)
		switch {
		case err == nil:
			file.Close()
		case errors.Is(err, fs.ErrNotExist):
			missing, example = missing+1, key
		default:
			return err
		}
	}
	switch {
	case missing > 0:
		e.problem(fmt.Sprintf("%d of %d files that rows name are missing, for example %s", missing, len(keys), example),
			"see that the setting files names the place they are in, or bring them back from a backup: until then they are answered with 404")
	case e.Full:
		e.ok("all %d that rows name are there", len(keys))
	default:
		e.ok("%d that rows name were looked for and are there; --full looks for all", len(keys))
	}
	return nil
}
