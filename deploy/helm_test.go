package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/pflag"

	"parley/internal/config"
)

const chart = "helm/parley"

type object = map[string]any

// render renders the chart as Helm does, as far as its templates go: they keep to
// the functions that are here.
func render(t *testing.T, values object) []object {
	t.Helper()
	set := template.New("chart").Option("missingkey=error")
	set.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var b strings.Builder
			err := set.ExecuteTemplate(&b, name, data)
			return b.String(), err
		},
		"toYaml": func(v any) (string, error) {
			text, err := yaml.Marshal(v)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"toJson": func(v any) (string, error) {
			text, err := json.Marshal(v)
			return string(text), err
		},
		"nindent": func(n int, text string) string {
			pad := "\n" + strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(text, "\n", pad)
		},
		"default": func(usual, v any) any {
			if v == nil || v == "" {
				return usual
			}
			return v
		},
		"quote":      func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
		"kindIs":     func(kind string, v any) bool { return fmt.Sprintf("%T", v) == kind },
		"upper":      strings.ToUpper,
		"trunc":      func(n int, s string) string { return s[:min(n, len(s))] },
		"trimSuffix": func(end, s string) string { return strings.TrimSuffix(s, end) },
		"div":        func(a, b int) int { return a / b },
		"int":        func(v any) int { return int(v.(float64)) },
	})
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, path := range paths {
		template.Must(set.New(filepath.Base(path)).Parse(read(t, path)))
	}
	about := parse[object](t, read(t, chart, "Chart.yaml"))
	data := object{"Values": values, "Release": object{"Name": "try", "Namespace": "space", "Service": "Helm"},
		"Chart": object{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]}}
	var all []object
	for _, path := range paths {
		var b strings.Builder
		if err := set.ExecuteTemplate(&b, filepath.Base(path), data); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(path) == ".yaml" && strings.TrimSpace(b.String()) != "" {
			all = append(all, parse[object](t, b.String()))
		}
	}
	return all
}

// asJSON is a value as JSON has it: Helm, too, makes every number a float.
func asJSON(t *testing.T, v any) (out object) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// merge lays values over others.
func merge(under, over object) object {
	out := maps.Clone(under)
	for k, v := range over {
		if inner, ok := v.(object); ok {
			if below, ok := out[k].(object); ok {
				v = merge(below, inner)
			}
		}
		out[k] = v
	}
	return out
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(read(t, chart, "values.schema.json")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("values.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("values.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func usualValues(t *testing.T) object {
	t.Helper()
	return asJSON(t, parse[object](t, read(t, chart, "values.yaml")))
}

var several = object{
	"settings": object{"files": "s3://parley", "rate_limit": 1e6, "webhook_check": true},
	"secret":   object{"name": "parley", "keys": []any{"database", "s3_access_key", "s3_secret_key", "token"}},
}

func TestChart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values object
		kinds  []string
	}{
		{"several", several, []string{"Deployment", "PodDisruptionBudget", "Service"}},
		{"everything", merge(several, object{
			"ingress": object{"enabled": true, "className": "haproxy", "tlsSecret": "tls", "annotations": object{"a": "b"}},
			"service": object{"annotations": object{"a": "b"}}, "serviceMonitor": object{"enabled": true, "labels": object{"a": "b"}},
			"networkPolicy": object{"enabled": true, "from": []any{object{"podSelector": object{}}}}, "strategy": "Recreate",
			"image":          object{"tag": "v1.2.3", "pullSecrets": []any{object{"name": "registry"}}},
			"podAnnotations": object{"a": "b"}, "podLabels": object{"a": "b"}, "nodeSelector": object{"a": "b"}, "priorityClassName": "high",
			"tolerations": []any{object{"operator": "Exists"}}, "affinity": object{"nodeAffinity": object{}}}),
			[]string{"Deployment", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceMonitor"}},
		{"single", object{"mode": "single", "persistence": object{"storageClass": "fast"}, "networkPolicy": object{"enabled": true}},
			[]string{"NetworkPolicy", "Service", "StatefulSet"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			values := merge(usualValues(t), c.values)
			if err := schema(t).Validate(values); err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, o := range render(t, values) {
				kinds = append(kinds, o["kind"].(string))
				text, err := json.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				var w workload
				if err := json.Unmarshal(text, &w); err != nil {
					t.Fatal(err)
				}
				if len(w.Spec.Template.Spec.Containers) > 0 {
					checkPod(t, values, w)
				}
			}
			slices.Sort(kinds)
			if !slices.Equal(kinds, c.kinds) {
				t.Errorf("it makes %q, want %q", kinds, c.kinds)
			}
		})
	}
}

// A workload is of a Deployment or a StatefulSet what depends on the program.
type workload struct {
	Spec struct {
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				TerminationGracePeriodSeconds int
				SecurityContext               struct {
					RunAsNonRoot bool
					RunAsUser    int
				}
				Containers []struct {
					Args  []string
					Env   []struct{ Name, Value string }
					Ports []struct {
						Name          string
						ContainerPort int
					}
					StartupProbe, LivenessProbe, ReadinessProbe probe
					SecurityContext                             struct{ ReadOnlyRootFilesystem, AllowPrivilegeEscalation bool }
					VolumeMounts                                []struct{ Name, MountPath string }
				}
				Volumes []struct {
					Name   string
					Secret struct{ Items []struct{ Key, Path string } }
				}
			}
		}
		Selector             struct{ MatchLabels map[string]string }
		VolumeClaimTemplates []struct{ Metadata struct{ Name string } }
	}
}

type probe struct {
	HTTPGet                         struct{ Path, Port string }
	PeriodSeconds, FailureThreshold int
}

func checkPod(t *testing.T, values object, w workload) {
	t.Helper()
	pod := w.Spec.Template.Spec
	c := pod.Containers[0]
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
	}
	settings, files := load(t, env)
	if limit := values["settings"].(object)["rate_limit"]; limit != nil && settings.RateLimit != int(limit.(float64)) {
		t.Errorf("the limit of %v has become %d", limit, settings.RateLimit)
	}
	if len(c.Args) != 1 || c.Args[0] != "serve" {
		t.Errorf("it runs %q", c.Args)
	}
	if settings.Addr != fmt.Sprint(":", c.Ports[0].ContainerPort) {
		t.Errorf("the server listens on %s, and the port is %d", settings.Addr, c.Ports[0].ContainerPort)
	}
	for name, p := range map[string]probe{"/livez": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
		if p.HTTPGet.Path != name || p.HTTPGet.Port != c.Ports[0].Name {
			t.Errorf("a probe asks %+v for %s", p, name)
		}
	}
	if heard := c.ReadinessProbe.PeriodSeconds * c.ReadinessProbe.FailureThreshold; settings.DrainDelay.Seconds() < float64(heard) {
		t.Errorf("a node leaves after %s, and that is heard after %d seconds", settings.DrainDelay, heard)
	}
	if wait := c.StartupProbe.PeriodSeconds * c.StartupProbe.FailureThreshold; wait != int(values["startSeconds"].(float64)) {
		t.Errorf("a start may take %d seconds", wait)
	}
	if grace := float64(pod.TerminationGracePeriodSeconds); grace < (settings.DrainDelay + stopTime).Seconds() {
		t.Errorf("it is killed after %v seconds", grace)
	}
	if !pod.SecurityContext.RunAsNonRoot || !c.SecurityContext.ReadOnlyRootFilesystem || c.SecurityContext.AllowPrivilegeEscalation {
		t.Error("it may do more than it needs")
	}
	mounts := map[string]string{}
	for _, m := range c.VolumeMounts {
		mounts[m.Name] = m.MountPath
	}
	if mounts["data"] != settings.Data {
		t.Errorf("the server writes to %s, and the volume is at %s", settings.Data, mounts["data"])
	}
	var volumes, secrets []string
	for _, v := range pod.Volumes {
		volumes = append(volumes, v.Name)
		for _, item := range v.Secret.Items {
			secrets = append(secrets, item.Key)
			if want := mounts[v.Name] + "/" + item.Path; files[item.Key] != want {
				t.Errorf("%s is at %s, and read from %s", item.Key, want, files[item.Key])
			}
		}
	}
	for _, v := range w.Spec.VolumeClaimTemplates {
		volumes = append(volumes, v.Metadata.Name)
	}
	if len(secrets) != len(files) || len(volumes) != len(mounts) {
		t.Errorf("secrets %q for %v, volumes %q for %v", secrets, files, volumes, mounts)
	}
	for k, v := range w.Spec.Selector.MatchLabels {
		if w.Spec.Template.Metadata.Labels[k] != v {
			t.Errorf("the selector asks for %s=%s, which the pod has not", k, v)
		}
	}
}

func TestChartRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values object
	}{
		{"several without their secrets", nil},
		{"several without a bucket", merge(several, object{"settings": object{"files": "/data/files"}})},
		{"several without the database's secret", merge(several, object{"secret": object{"keys": []any{"s3_access_key", "s3_secret_key"}}})},
		{"a setting that is none", merge(several, object{"settings": object{"log_fromat": "json"}})},
		{"a secret among the settings", merge(several, object{"settings": object{"token": "x"}})},
		{"the port as a setting", merge(several, object{"settings": object{"addr": ":1"}})},
		{"a value that is none", merge(several, object{"node": 3})},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := schema(t).Validate(merge(usualValues(t), c.values)); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}

// TestChartKnowsTheSettings holds that the chart takes every setting, in the one
// place or the other.
func TestChartKnowsTheSettings(t *testing.T) {
	t.Parallel()
	var s struct {
		Properties struct {
			Settings struct{ Properties object }
			Secret   struct {
				Properties struct {
					Keys struct{ Items struct{ Enum []string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, chart, "values.schema.json")), &s); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("deploy", pflag.ContinueOnError)
	config.AddFlags(flags, config.Names()...)
	var plain, secret []string
	for _, name := range config.Names() {
		switch {
		case name == "addr", name == "data": // the chart's own
		case flags.Lookup(config.FlagName(name)+"-file") != nil:
			secret = append(secret, name)
		default:
			plain = append(plain, name)
		}
	}
	slices.Sort(plain)
	if got := slices.Sorted(maps.Keys(s.Properties.Settings.Properties)); !slices.Equal(got, plain) {
		t.Errorf("values.schema.json has the settings\n%q, want\n%q", got, plain)
	}
	if got := s.Properties.Secret.Properties.Keys.Items.Enum; !slices.Equal(got, secret) {
		t.Errorf("values.schema.json has the secrets %q, want %q", got, secret)
	}
}

// TestChartUsesItsValues holds that the templates use every value there is; rendering
// them shows that there is every value they use.
func TestChartUsesItsValues(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		all.WriteString(read(t, path))
	}
	for name, value := range usualValues(t) {
		if !regexp.MustCompile(`\.Values\.` + name + `\b`).MatchString(all.String()) {
			t.Errorf("nothing uses %s", name)
		}
		inner, ok := value.(object)
		if !ok || strings.Contains(all.String(), "toYaml .Values."+name) || name == "settings" {
			continue
		}
		for member := range inner {
			if !regexp.MustCompile(`\.` + member + `\b`).MatchString(all.String()) {
				t.Errorf("nothing uses %s.%s", name, member)
			}
		}
	}
}
