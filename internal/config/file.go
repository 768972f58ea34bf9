package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"
)

// loadFile reads the settings file that the flag or the environment names, or
// the usual one. It must be there if it was named.
func loadFile(flags *pflag.FlagSet, env func(string) (string, bool)) (source, error) {
	path, named := "", false
	if f := flags.Lookup("config"); f != nil && f.Changed {
		path, named = f.Value.String(), true
	} else if path, _ = env("PARLEY_CONFIG"); path != "" {
		named = true
	} else {
		path = DefaultFile
	}
	values := map[string]string{}
	from := source{"file " + path + ": ", func(name string) string { return name }, func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return from, nil
	}
	if err != nil {
		return from, fmt.Errorf("the settings file cannot be read: %w", err)
	}
	return from, readFile(path, raw, values)
}

// readFile takes the members of a YAML mapping as texts.
func readFile(path string, raw []byte, into map[string]string) error {
	complain := func(line int, format string, args ...any) error {
		return fmt.Errorf("file %s, line %d: %s", path, line, fmt.Sprintf(format, args...))
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
			return complain(e.GetToken().Position.Line, "%s", e.GetMessage())
		}
		return fmt.Errorf("file %s is not YAML", path)
	}
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue // nothing but comments
		}
		mapping, ok := doc.Body.(ast.MapNode)
		if !ok {
			return complain(doc.Body.GetToken().Position.Line, "settings are written as \"name: value\", one a line")
		}
		for members := mapping.MapRange(); members.Next(); {
			token := members.Key().GetToken()
			name, line := token.Value, token.Position.Line
			if !known(name) {
				return complain(line, "there is no setting %q; parley config print lists them", name)
			}
			switch v := members.Value().(type) {
			case *ast.StringNode:
				into[name] = v.Value
			case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
				into[name] = v.GetToken().Value
			case *ast.NullNode: // as if it were not there
			default:
				return complain(line, "%s takes a single value", name)
			}
		}
	}
	return nil
}

func known(name string) bool {
	return slices.ContainsFunc(settings, func(s *setting) bool {
		return s.name == name || s.mask != nil && s.name+fileSuffix == name
	})
}
