package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestExpressions compiles the regular expressions that the program makes ready when it wants them: one that is none would be found late.
func TestExpressions(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	constants := map[string]ast.Expr{} // by folder and name
	type use struct {
		folder string
		text   ast.Expr
	}
	var uses []use
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			folder := filepath.Dir(path)
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec:
					for i, name := range n.Names {
						if i < len(n.Values) {
							constants[folder+" "+name.Name] = n.Values[i]
						}
					}
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Regexp" && len(n.Args) == 1 {
						if of, ok := f.X.(*ast.Ident); ok && of.Name == "lazy" {
							uses = append(uses, use{folder, n.Args[0]})
						}
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
	if len(uses) < 35 {
		t.Errorf("%d regular expressions were found", len(uses))
	}
	for _, u := range uses {
		var text func(ast.Expr) string
		text = func(e ast.Expr) string {
			switch e := e.(type) {
			case *ast.BasicLit:
				s, err := strconv.Unquote(e.Value)
				if err == nil {
					return s
				}
			case *ast.BinaryExpr:
				return text(e.X) + text(e.Y)
			case *ast.Ident:
				if value, ok := constants[u.folder+" "+e.Name]; ok {
					return text(value)
				}
			}
			t.Errorf("%s: it is not known what the regular expression is", files.Position(e.Pos()))
			return ""
		}
		if _, err := regexp.Compile(text(u.text)); err != nil {
			t.Errorf("%s: %v", files.Position(u.text.Pos()), err)
		}
	}
}
