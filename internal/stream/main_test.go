package stream_test

import (
	"testing"

	"parley/internal/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type object map[string]any
