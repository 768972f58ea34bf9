package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// A Keeper renews a node that has joined, and keeps count of the others.
type Keeper struct {
	nodes  *Nodes
	node   *Node
	logger *slog.Logger
	refuse func(error)

	mu     sync.Mutex
	living []*Node

	running sync.WaitGroup
	leave   context.CancelFunc
}

// Keep renews a node until Stop. refuse is called, once at most, when the node finds
// another in its place, having been away for too long: it must serve no more.
func (s *Nodes) Keep(n *Node, logger *slog.Logger, refuse func(error)) *Keeper {
	ctx, leave := context.WithCancel(context.Background())
	k := &Keeper{nodes: s, node: n, logger: logger, refuse: refuse, leave: leave, living: []*Node{n}}
	k.running.Go(func() { k.run(ctx) })
	return k
}

// Stop takes the node away, if ctx lets it. Else it lapses.
func (k *Keeper) Stop(ctx context.Context) error {
	k.leave()
	k.running.Wait()
	return k.nodes.Leave(ctx, k.node)
}

// Living are the nodes that were seen lately, as it was known a few seconds ago.
func (k *Keeper) Living() []*Node {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.living
}

func (k *Keeper) run(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	failing := false
	for {
		err := k.renew(ctx)
		if _, conflict := errors.AsType[*Conflict](err); conflict {
			k.refuse(err)
			return
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			k.logger.Warn("this node cannot say that it is there", "error", err)
		}
		failing = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (k *Keeper) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	if err := k.nodes.Renew(ctx, k.node); err != nil {
		return err
	}
	all, err := k.nodes.List(ctx)
	if err != nil {
		return err
	}
	var living []*Node
	for _, n := range all {
		if n.Living() {
			living = append(living, n)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.living = living
	return nil
}
