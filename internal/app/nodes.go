package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/blob"
	"parley/internal/node"
	"parley/internal/store"
)

// HasNodes reports whether several servers may serve the database.
func (a *App) HasNodes() bool { return a.db.Dialect().Shared() }

// Join has the app be one of the nodes that serve its database, until Close. It is
// refused where files that come to it would not be found by others, or the other way
// round. The embedded database has one server, and no nodes.
func (a *App) Join(ctx context.Context) error {
	if !a.HasNodes() {
		return nil
	}
	n, err := a.describe()
	if err != nil {
		return err
	}
	if err := a.Nodes.Join(ctx, n); err != nil {
		return a.explain(err)
	}
	a.keeper = a.Nodes.Keep(n, a.options.Logger, func(err error) { a.refused <- a.explain(err) })
	return nil
}

// describe is the node that the app is.
func (a *App) describe() (*node.Node, error) {
	n := &node.Node{ID: strings.ToLower(rand.Text()[:12]), Host: a.options.Host, Version: a.options.Version}
	var err error
	if n.Schema, err = a.db.NewestSchema(store.Migrations()); err != nil {
		return nil, err
	}
	if n.Host == "" {
		if n.Host, err = os.Hostname(); err != nil {
			return nil, err
		}
	}
	if a.options.S3 != nil {
		n.Files.Place = "s3://" + strings.TrimSuffix(a.options.S3.Bucket+"/"+a.options.S3.Prefix, "/")
		return n, nil
	}
	folder := filesFolder(a.options)
	if n.Files.Place, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	n.Files.Shared = a.options.FilesShared
	n.Files.FolderID, err = blob.NewFolder(folder).ID()
	return n, err
}

// explain says what to do about a conflict.
func (a *App) explain(err error) error {
	c, ok := errors.AsType[*node.Conflict](err)
	if !ok {
		return err
	}
	own, other := c.Own.Files, c.Other.Files
	begin := fmt.Sprintf("the server %s on %s, seen %d s ago, serves this database and keeps files in %s", c.Other.ID, c.Other.Host, c.Other.Unseen, other.Place)
	end := "(once that server has ended, by a crash too, it is in nobody's way after 20 seconds)"
	switch {
	case own.FolderID == "" || other.FolderID == "":
		return fmt.Errorf("%s, this one would in %s: all servers on one database need the same place, so give all the same --files %s", begin, own.Place, end)
	case own.Shared:
		return fmt.Errorf("%s, which is not the folder %s of this one, though --files-shared says so: what is written in one does not appear in the other %s",
			begin, own.Place, end)
	default:
		return fmt.Errorf("%s, this one would in its own folder %s, and what comes to one would be missing on the other: keep files in a bucket, by "+
			"--files s3://bucket/prefix with --s3-endpoint, --s3-access-key and --s3-secret-key, or in a folder that all servers see, by --files with --files-shared %s",
			begin, own.Place, end)
	}
}

// leaveNodes takes the app from the nodes.
func (a *App) leaveNodes() {
	if a.keeper == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := a.keeper.Stop(ctx); err != nil {
		a.options.Logger.Warn("others will take this node for living for a while", "error", err)
	}
}

// countNodes is how many nodes there are of each version of the program.
func (a *App) countNodes() map[string]int {
	if a.keeper == nil {
		return map[string]int{a.options.Version: 1}
	}
	counts := map[string]int{}
	for _, n := range a.keeper.Living() {
		counts[n.Version]++
	}
	return counts
}
