package requestlog

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
)

// Rest moves what is kept of bodies out of memory, into a file in the folder, or, where that is empty, in the system's for what is temporary: for a server that nobody
// has asked for a while. The file has no name, so that nobody else finds it, and it is gone with the process. If it cannot be written, all stays where it is.
//
// Each rest after new calls writes a file of its own. The one before ends when no body is in it any more, those included that somebody reads who was given
// their calls earlier: that is what the garbage collector knows, which closes it.
func (l *Log) Rest(folder string) error {
	all := l.contents()
	if !slices.ContainsFunc(all, (*content).inMemory) {
		return nil
	}
	file, err := nameless(folder)
	if err != nil {
		return fmt.Errorf("requestlog: %w", err)
	}
	lengths, err := write(file, all)
	if err != nil {
		return fmt.Errorf("requestlog: %w", errors.Join(err, file.Close()))
	}
	at := int64(0)
	for i, c := range all {
		c.move(file, at, lengths[i])
		at += int64(lengths[i])
	}
	return nil
}

// contents are those of all bodies that were sent.
func (l *Log) contents() (all []*content) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at := l.all.Front(); at != nil; at = at.Next() {
		e := at.Value.(*Entry)
		for _, b := range []Body{e.Request, e.Response} {
			if b.content != nil {
				all = append(all, b.content)
			}
		}
	}
	return all
}

// nameless makes a file that only this process can read. Where a file that is open cannot lose its name there is none.
func nameless(folder string) (*os.File, error) {
	file, err := os.CreateTemp(folder, "requests-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return file, nil
}

// write writes them one after another, and returns how long each is.
func write(file *os.File, all []*content) (lengths []int, err error) {
	to := bufio.NewWriterSize(file, Kept)
	for _, c := range all {
		bytes, err := c.read()
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(bytes); err != nil {
			return nil, err
		}
		lengths = append(lengths, len(bytes))
	}
	return lengths, to.Flush()
}
