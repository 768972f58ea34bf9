package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"parley/internal/blob"
)

// onEach runs a test on each kind of store.
func onEach(t *testing.T, test func(t *testing.T, s blob.Store)) {
	t.Helper()
	t.Parallel()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		test(t, blob.NewFolder(t.TempDir()+"/not/yet/there"))
	})
	for _, prefix := range []string{"", "some/prefix"} {
		t.Run("s3, prefix "+prefix, func(t *testing.T) {
			t.Parallel()
			test(t, newS3(t, newBucket(t), prefix))
		})
	}
}

func put(t *testing.T, s blob.Store, key string, data []byte) {
	t.Helper()
	if err := s.Put(context.Background(), key, bytes.NewReader(data), int64(len(data)), "text/plain"); err != nil {
		t.Fatal(err)
	}
}

// read opens a blob and reads all of it.
func read(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	file, size, err := s.Open(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(data)) != size {
		t.Fatalf("%s has %d bytes and says %d", key, len(data), size)
	}
	return data
}

// gone checks that there is no such blob.
func gone(t *testing.T, s blob.Store, key string) {
	t.Helper()
	if file, _, err := s.Open(context.Background(), key); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			file.Close()
		}
		t.Errorf("opening %q gives %v", key, err)
	}
}

func TestWhatIsPutIsThere(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		big := make([]byte, 3<<20)
		rand.Read(big)
		for key, data := range map[string][]byte{
			"acme/1": []byte("one"), "acme/2": {}, "other/1": []byte("another one"), "top": []byte("no folder"),
			"a/b/c/d": []byte("deep"), "acme/a-b_c.D9": []byte("letters"), "acme/big": big,
		} {
			put(t, s, key, data)
			if got := read(t, s, key); !bytes.Equal(got, data) {
				t.Errorf("%s holds %d other bytes", key, len(got))
			}
		}
	})
}

func TestPutReplaces(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		put(t, s, "acme/1", []byte("a longer text"))
		put(t, s, "acme/1", []byte("short"))
		if got := read(t, s, "acme/1"); string(got) != "short" {
			t.Errorf("it holds %q", got)
		}
	})
}

func TestSeek(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		put(t, s, "acme/1", []byte("0123456789"))
		file, _, err := s.Open(context.Background(), "acme/1")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for _, c := range []struct {
			offset int64
			whence int
			want   string
		}{{4, io.SeekStart, "456"}, {-3, io.SeekEnd, "789"}, {0, io.SeekStart, "012"}, {2, io.SeekCurrent, "567"}} {
			if _, err := file.Seek(c.offset, c.whence); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 3)
			if _, err := io.ReadFull(file, got); err != nil || string(got) != c.want {
				t.Errorf("at %d: %q, %v; want %q", c.offset, got, err, c.want)
			}
		}
	})
}

func TestDelete(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		ctx := context.Background()
		if err := s.Delete(ctx, "acme/1"); err != nil {
			t.Errorf("deleting what never was: %v", err)
		}
		put(t, s, "acme/1", []byte("one"))
		put(t, s, "acme/2", []byte("two"))
		for range 2 {
			if err := s.Delete(ctx, "acme/1"); err != nil {
				t.Error(err)
			}
			gone(t, s, "acme/1")
		}
		if got := read(t, s, "acme/2"); string(got) != "two" {
			t.Errorf("the other one holds %q", got)
		}
	})
}

func TestUnknownKeys(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		gone(t, s, "acme/1")
		put(t, s, "acme/1", []byte("one"))
		gone(t, s, "acme/2")
		gone(t, s, "acme")
		gone(t, s, "other/1")
	})
}

func TestBadKeys(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		ctx := context.Background()
		for _, key := range []string{"", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a//b", "a/", "a/./b", ".hidden", "a/.unfinished",
			"a b", "a\x00b", `a\b`, "ä", "a%2fb", "a\nb", "?", strings.Repeat("a", 513)} {
			if err := s.Put(ctx, key, strings.NewReader("x"), 1, ""); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Put %q: %v", key, err)
			}
			if _, _, err := s.Open(ctx, key); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open %q: %v", key, err)
			}
			if err := s.Delete(ctx, key); err == nil {
				t.Errorf("Delete %q is taken", key)
			}
		}
	})
}

// What cannot be put whole is not put at all, and leaves what was there.
func TestFailedPut(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		put(t, s, "acme/old", []byte("old"))
		left, cancel := context.WithCancel(context.Background())
		cancel()
		for _, c := range []struct {
			name string
			ctx  context.Context
			from io.Reader
		}{
			{"too short", context.Background(), strings.NewReader("12")},
			{"too long", context.Background(), strings.NewReader("1234")},
			{"breaks off", context.Background(), io.MultiReader(strings.NewReader("12"), broken{})},
			{"the caller left", left, strings.NewReader("123")},
		} {
			for _, key := range []string{"acme/new", "acme/old"} {
				if err := s.Put(c.ctx, key, c.from, 3, ""); err == nil {
					t.Errorf("%s: %s was put", c.name, key)
				}
			}
			gone(t, s, "acme/new")
			if got := read(t, s, "acme/old"); string(got) != "old" {
				t.Errorf("%s: the old one holds %q", c.name, got)
			}
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestManyAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, s blob.Store) {
		var group sync.WaitGroup
		for i := range 16 {
			group.Go(func() {
				key := fmt.Sprintf("ws%d/%d", i%4, i)
				data := []byte(strings.Repeat(key, 1000))
				if err := s.Put(context.Background(), key, bytes.NewReader(data), int64(len(data)), ""); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for i := range 16 {
			key := fmt.Sprintf("ws%d/%d", i%4, i)
			if got := read(t, s, key); string(got) != strings.Repeat(key, 1000) {
				t.Errorf("%s holds %d other bytes", key, len(got))
			}
		}
	})
}
