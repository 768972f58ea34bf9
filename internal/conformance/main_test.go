package conformance_test

import (
	"testing"

	"parley/internal/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }
