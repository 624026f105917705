package doctor

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestUnknown: a fact that couldn't be read is never a reason for "ok": of each fact, and of each answer, something is then not checked, with
// the reason, and no more is ok than before.
func TestUnknown(t *testing.T) {
	const why = "it may not be read"
	dark := map[string]func(*Facts){}
	for i := range reflect.TypeFor[Facts]().NumField() {
		field := reflect.TypeFor[Facts]().Field(i)
		if _, ok := reflect.Zero(field.Type).Interface().(fact); !ok || field.Name == "Instance" || field.Name == "LogMode" { // Fargate has none; the default is ECS's
			continue
		}
		dark[field.Name] = func(f *Facts) {
			at := reflect.ValueOf(f).Elem().Field(i)
			at.FieldByName("Known").SetBool(false)
			at.FieldByName("Why").SetString(why)
		}
	}
	for key := range healthy().Answers {
		if key != mayStartAll && key != mayRegister && key != mayCreate && key != mayUpdate && key != mayRun { // asked about otherwise below
			dark[key] = func(f *Facts) { f.Answers[key] = Unknown[Decision](why, "") }
		}
	}
	dark["Cluster, endpoints"] = func(f *Facts) { f.Cluster, f.Network = Unknown[Cluster](why, ""), Known(endpoints("ssmmessages")) }
	dark["by cluster"] = func(f *Facts) { f.Answers[mayStartAll] = Unknown[Decision](why, "") }
	dark["run"] = func(f *Facts) { f.decide(yes, mayPass); f.Answers[mayRun] = Unknown[Decision](why, "") }
	dark["update"] = func(f *Facts) { f.decide(yes, mayPass, mayRegister); f.Answers[mayUpdate] = Unknown[Decision](why, "") }
	dark["create"] = func(f *Facts) { f.decide(yes, mayPass, mayRegister); f.Answers[mayCreate] = Unknown[Decision](why, "") }
	dark["register"] = func(f *Facts) { f.decide(yes, mayPass, mayUpdate); f.Answers[mayRegister] = Unknown[Decision](why, "") }
	dark[mayPass] = func(f *Facts) { f.decide(yes, mayRun); f.Answers[mayPass] = Unknown[Decision](why, "") }
	if len(dark) < 28 {
		t.Fatalf("only %d", len(dark))
	}
	was := map[string]bool{}
	for _, one := range Judge(*healthy()) {
		was[one.ID] = true
	}
	for name, set := range dark {
		f := healthy()
		set(f)
		all := Judge(*f)
		said := false
		for id := range was {
			if !slices.ContainsFunc(all, func(one Finding) bool { return one.ID == id }) {
				t.Errorf("%s isn't known, and %s vanishes", name, id)
			}
		}
		for _, one := range all {
			said = said || one.Level == NotChecked && strings.Contains(one.Text, why)
			if one.Level == OK && !was[one.ID] {
				t.Errorf("%s: %+v", name, one)
			}
		}
		if !said {
			t.Errorf("%s isn't known, and nothing says so: %v", name, all)
		}
	}
	for _, one := range Judge(Facts{}) { // nobody looked at anything
		if one.Level != NotChecked {
			t.Errorf("%+v", one)
		}
	}
	f := healthy()
	f.Task, f.NoTask = Unknown[Task]("there is none", ""), "there is none"
	if all := Judge(*f); Count(all)[Error] != 1 || all[1].ID != "task.running" {
		t.Errorf("%+v", all)
	}
}
