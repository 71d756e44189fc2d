// Command manifest-check builds a kustomization as `kubectl kustomize` does, decodes every object into Kubernetes' own
// types, refusing unknown fields, and prints all of them as YAML. Objects of other APIs (KEDA, Prometheus' operator) pass unseen.
package main

import (
	"fmt"
	"os"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// kinds are the types that manifests here may have; a new one is added when it is needed.
var kinds = map[string]func() any{
	"v1 Namespace":                  func() any { return &core.Namespace{} },
	"v1 ConfigMap":                  func() any { return &core.ConfigMap{} },
	"v1 Service":                    func() any { return &core.Service{} },
	"v1 PersistentVolumeClaim":      func() any { return &core.PersistentVolumeClaim{} },
	"apps/v1 Deployment":            func() any { return &apps.Deployment{} },
	"batch/v1 Job":                  func() any { return &batch.Job{} },
	"policy/v1 PodDisruptionBudget": func() any { return &policy.PodDisruptionBudget{} },
}

// others have no types here.
var others = map[string]bool{"keda.sh/v1alpha1 ScaledObject": true, "monitoring.coreos.com/v1 PodMonitor": true}

func main() {
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(folder string) error {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	for _, object := range objects.Resources() {
		name := object.GetApiVersion() + " " + object.GetKind()
		if others[name] {
			continue
		}
		empty, known := kinds[name]
		if !known {
			return fmt.Errorf("%s %s: manifest-check has no type for it", name, object.GetName())
		}
		text, err := object.AsYAML()
		if err != nil {
			return err
		}
		if err := yaml.UnmarshalStrict(text, empty()); err != nil {
			return fmt.Errorf("%s %s: %w", name, object.GetName(), err)
		}
	}
	text, err := objects.AsYaml()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}
