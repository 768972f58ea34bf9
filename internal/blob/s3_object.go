package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
)

// An object is a blob of a bucket that is read. It asks the store again only when it is
// read elsewhere than where the last answer is.
type object struct {
	ctx  context.Context // that of Open, as a Reader's methods take none
	s3   *S3
	key  string
	size int64
	etag string // which bytes they are; may be empty

	offset int64         // where the next Read begins
	body   io.ReadCloser // the rest of an answer, or nil
	at     int64         // where the body is
	closed bool
}

var (
	errReplaced = errors.New("it was replaced meanwhile")
	errLength   = errors.New("the store does not say how long it is")
	errRange    = errors.New("the store gives another part of it than was asked for")
)

// open asks for all of an object.
func (s *S3) open(ctx context.Context, key string) (*object, error) {
	answer, err := s.send(ctx, http.MethodGet, key, http.Header{}, nil)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK || answer.ContentLength < 0 {
		answer.Body.Close()
		return nil, errLength
	}
	return &object{ctx: ctx, s3: s, key: key, size: answer.ContentLength, etag: answer.Header.Get("ETag"), body: answer.Body}, nil
}

func (o *object) Read(p []byte) (int, error) {
	if o.closed {
		return 0, fs.ErrClosed
	}
	if o.offset >= o.size {
		return 0, io.EOF
	}
	if o.body != nil && o.at != o.offset {
		o.drop()
	}
	if o.body == nil {
		if err := o.ask(); err != nil {
			return 0, o.failed(err)
		}
	}
	n, err := o.body.Read(p) // no more than the answer's length, which is checked
	o.offset += int64(n)
	o.at = o.offset
	if err == io.EOF && o.offset == o.size {
		err = nil // the next Read says it
	}
	if err == nil {
		return n, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	o.body.Close()
	o.body = nil
	return n, o.failed(err)
}

func (o *object) failed(err error) error {
	if isMissing(err) {
		return unknown(o.key)
	}
	return fmt.Errorf("blob: read %s: %w", o.key, err)
}

// ask asks for the object from the offset on.
func (o *object) ask() error {
	header := http.Header{}
	if o.offset > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(o.offset, 10)+"-")
	}
	if o.etag != "" && !strings.HasPrefix(o.etag, "W/") { // a weak one never matches
		header.Set("If-Match", o.etag)
	}
	answer, err := o.s3.send(o.ctx, http.MethodGet, o.key, header, nil)
	if err == nil {
		if err = o.check(answer); err != nil {
			answer.Body.Close()
		}
	}
	if r, ok := errors.AsType[*refusal](err); ok && (r.status == http.StatusPreconditionFailed || r.status == http.StatusRequestedRangeNotSatisfiable) {
		return errReplaced
	}
	if err != nil {
		return err
	}
	o.body, o.at = answer.Body, o.offset
	return nil
}

// check looks whether an answer is the rest of the same object.
func (o *object) check(answer *http.Response) error {
	if o.offset == 0 {
		if answer.StatusCode != http.StatusOK {
			return errRange
		}
		if answer.ContentLength != o.size {
			return errReplaced
		}
	} else {
		at := fmt.Sprintf("bytes %d-", o.offset)
		rest, ok := strings.CutPrefix(answer.Header.Get("Content-Range"), at)
		if answer.StatusCode != http.StatusPartialContent || !ok {
			return errRange
		}
		if rest != fmt.Sprintf("%d/%d", o.size-1, o.size) {
			return errReplaced
		}
	}
	if answer.Header.Get("ETag") != o.etag {
		return errReplaced
	}
	return nil
}

// drop is done with the body. Its connection is kept if little more would come.
func (o *object) drop() {
	if o.size-o.at <= maxDrain {
		discard(o.body)
	} else {
		o.body.Close()
	}
	o.body = nil
}

// Seek asks nothing of the store.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	default:
		return 0, fmt.Errorf("blob: seek %s: %w", o.key, fs.ErrInvalid)
	}
	if offset < 0 {
		return 0, fmt.Errorf("blob: seek %s: %w", o.key, fs.ErrInvalid)
	}
	o.offset = offset
	return offset, nil
}

// Close may be called more than once.
func (o *object) Close() error {
	o.closed = true
	if o.body != nil {
		o.drop()
	}
	return nil
}
