package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretNames are names of what is compared in a time that does not tell how much of it is right.
var secretNames = regexp.MustCompile(`(?i)(secret|password|passwd|signature|nonce|otp|hash|token|mac)$`)

// openly are comparisons of such names that tell nobody anything, by file, as they are written.
var openly = map[string]string{
	"app/serve.go DevToken == UsualDevToken":                   "settings, with a token that everybody knows",
	"service/identity/sign_in.go PasswordHash != PasswordHash": "two rows, neither of which comes from who asks",
	"../cmd/parley/dev.go token == TrimSpace":                  "what a developer typed, with a file of theirs",
	"richtext/richtext.go Next != ErrorToken":                  "a token of HTML",
}

// TestSecretsAreComparedInConstantTime looks for == and != between values whose names are those of
// secrets, or of hashes of them: they are looked up by a hash, or compared by crypto/subtle or
// crypto/hmac. Comparisons with a constant, as of whether there is one, are fine.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	files, found := token.NewFileSet(), map[string]bool{}
	looked, compared := 0, 0
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "twiliotest") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			looked++
			ast.Inspect(file, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is && (named(call.Fun) == "ConstantTimeCompare" || named(call.Fun) == "Equal" && pkg(call.Fun) == "hmac") {
					compared++
				}
				b, is := n.(*ast.BinaryExpr)
				if !is || b.Op != token.EQL && b.Op != token.NEQ || constant(b.X) || constant(b.Y) {
					return true
				}
				if secretNames.MatchString(named(b.X)) || secretNames.MatchString(named(b.Y)) {
					at := path + " " + named(b.X) + " " + b.Op.String() + " " + named(b.Y)
					found[at] = true
					if openly[at] == "" {
						t.Errorf("%s compares a secret: %s", files.Position(b.Pos()), at)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for at := range openly {
		if !found[at] {
			t.Errorf("nothing is %s", at)
		}
	}
	if looked < 300 || compared < 7 {
		t.Errorf("%d files were looked at, with %d comparisons in constant time", looked, compared)
	}
}

// named is the last name of an expression: hash of t.hash, and of string(t.hash).
func named(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if len(e.Args) == 1 && named(e.Fun) == "string" {
			return named(e.Args[0])
		}
		return named(e.Fun)
	case *ast.ParenExpr:
		return named(e.X)
	case *ast.StarExpr:
		return named(e.X)
	case *ast.IndexExpr:
		return named(e.X)
	}
	return ""
}

func pkg(e ast.Expr) string {
	if s, is := e.(*ast.SelectorExpr); is {
		return named(s.X)
	}
	return ""
}

// constant reports whether a value is written down: a literal, nil, true, false.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}
