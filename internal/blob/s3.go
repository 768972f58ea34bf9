package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Options say where an S3-compatible store is and how to get in.
type S3Options struct {
	Bucket, Prefix       string // the bucket must be there; the prefix, of every key, may be empty
	Endpoint             string // http or https URL without a path
	Region               string
	AccessKey, SecretKey string
}

// An S3 keeps blobs in a bucket of a store that speaks S3's protocol.
type S3 struct {
	client         *minio.Client
	bucket, prefix string
}

// maxTries is how often a request is sent that fails for the store's reasons.
// Somebody is waiting meanwhile.
const maxTries = 3

// NewS3 makes the way to a bucket. It does not go there yet.
func NewS3(o S3Options) (*S3, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("blob: the S3 endpoint: %w", err)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure:     u.Scheme == "https",
		Region:     o.Region,
		MaxRetries: maxTries,
	})
	if err != nil {
		return nil, fmt.Errorf("blob: the S3 endpoint: %w", err)
	}
	return &S3{client, o.Bucket, o.Prefix}, nil
}

// Put holds the whole blob in memory, so that it can be sent again.
func (s *S3) Put(ctx context.Context, key string, from io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(from, size+1))
	if err == nil && int64(len(data)) != size {
		err = errSize(size)
	}
	if err == nil {
		_, err = s.client.PutObject(ctx, s.bucket, path.Join(s.prefix, key), bytes.NewReader(data), size,
			minio.PutObjectOptions{ContentType: contentType})
	}
	if err != nil {
		return fmt.Errorf("blob: put %s: %w", key, err)
	}
	return nil
}

func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if err := CheckKey(key); err != nil {
		return nil, 0, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, path.Join(s.prefix, key), minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("blob: open %s: %w", key, err)
	}
	info, err := object.Stat()
	if err != nil {
		object.Close()
		if is(err, minio.NoSuchKey) {
			return nil, 0, unknown(key)
		}
		return nil, 0, fmt.Errorf("blob: open %s: %w", key, err)
	}
	return object, info.Size, nil
}

func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.bucket, path.Join(s.prefix, key), minio.RemoveObjectOptions{})
	if err != nil && !is(err, minio.NoSuchKey) {
		return fmt.Errorf("blob: delete %s: %w", key, err)
	}
	return nil
}

// is reports that the store's answer has the code, or, as some stores say
// nothing more, the status of "not found" for an object.
func is(err error, code string) bool {
	answer := minio.ToErrorResponse(err)
	return answer.Code == code || answer.Code == "" && answer.StatusCode == http.StatusNotFound
}
