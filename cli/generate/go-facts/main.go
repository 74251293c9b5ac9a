// Command go-facts prints what the published Go types of the Kubernetes API say about themselves and no npm package
// does: the order of the fields, the name of each field's Go type (decoding errors print it), whether an empty value is
// written, and the protobuf number. It starts from the kinds in served-kinds.json and follows every reference.
//
//	go run . ../served-kinds.json > ../go-facts.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type resource struct{ Kind, Group, Version string }

var types = map[string][]string{}

// Types that read and write themselves: their fields are no fields of the JSON.
var opaque = regexp.MustCompile(`\.(Time|MicroTime|Duration|Quantity|IntOrString|RawExtension|FieldsV1|JSON|JSONSchemaPropsOr\w+)$`)

var path = regexp.MustCompile(`^k8s\.io/(api|apimachinery/pkg/apis|apiextensions-apiserver/pkg/apis|kube-aggregator/pkg/apis)/`)

func main() {
	must(apiextensions.AddToScheme(scheme.Scheme))
	must(aggregator.AddToScheme(scheme.Scheme))
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var served map[string][]resource
	must(json.Unmarshal(text, &served))
	for groupVersion, resources := range served {
		home, err := schema.ParseGroupVersion(groupVersion)
		must(err)
		for _, r := range resources {
			gv := home
			if r.Group != "" || r.Version != "" {
				gv = schema.GroupVersion{Group: r.Group, Version: r.Version}
			}
			if object, err := scheme.Scheme.New(gv.WithKind(r.Kind)); err == nil {
				walk(reflect.TypeOf(object))
			} else {
				fmt.Fprintln(os.Stderr, "no type for", gv, r.Kind)
			}
		}
	}
	for _, extra := range []any{metav1.Status{}, metav1.ListMeta{}, metav1.DeleteOptions{}, metav1.CreateOptions{}, metav1.UpdateOptions{}, metav1.PatchOptions{}} {
		walk(reflect.TypeOf(extra))
	}
	print()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// core.v1.PodSpec, meta.v1.ObjectMeta
func name(t reflect.Type) string {
	return strings.ReplaceAll(path.ReplaceAllString(t.PkgPath(), ""), "/", ".") + "." + t.Name()
}

func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

func walk(t reflect.Type) {
	t = element(t)
	if t.Kind() != reflect.Struct || opaque.MatchString(name(t)) || types[name(t)] != nil {
		return
	}
	types[name(t)] = []string{}
	types[name(t)] = fields(t, nil)
}

func fields(t reflect.Type, embedded []string) []string {
	list := []string{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		switch {
		case tag[0] == "-" || f.Tag.Get("json") == "" && !f.Anonymous:
		case f.Anonymous && tag[0] == "":
			list = append(list, fields(element(f.Type), append(embedded, f.Name))...)
		default:
			list = append(list, describe(f, tag, embedded))
			walk(f.Type)
		}
	}
	return list
}

// "ports []v1.ContainerPort struct core.v1.ContainerPort 6 omitempty patch=merge key=containerPort"; `in=` names the
// embedded structs that the field is in, which decoding errors print too.
func describe(f reflect.StructField, tag []string, embedded []string) string {
	t := f.Type
	words := []string{tag[0]}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		words[0] += "*"
	}
	inner := element(t)
	words = append(words, strings.ReplaceAll(t.String(), " ", ""), inner.Kind().String())
	if inner.Kind() == reflect.Struct {
		words = append(words, name(inner))
	}
	if parts := strings.Split(f.Tag.Get("protobuf"), ","); len(parts) > 1 {
		words = append(words, parts[1])
	}
	words = append(words, tag[1:]...)
	if strategy := f.Tag.Get("patchStrategy"); strategy != "" {
		words = append(words, "patch="+strategy)
	}
	if key := f.Tag.Get("patchMergeKey"); key != "" {
		words = append(words, "key="+key)
	}
	if len(embedded) > 0 && embedded[0] != "TypeMeta" {
		words = append(words, "in="+strings.Join(embedded, "."))
	}
	return strings.Join(words, " ")
}

func print() {
	names := []string{}
	for n := range types {
		names = append(names, n)
	}
	sort.Strings(names)
	fmt.Println("{")
	for i, n := range names {
		text, err := json.MarshalIndent(types[n], "  ", "    ")
		must(err)
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Printf("  %q: %s%s\n", n, text, comma)
	}
	fmt.Println("}")
}
