package ecs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"opsh/cmd/opsctl/internal/awserr"
	"opsh/test/ecsmoto"
	"opsh/test/fault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestFind asks moto: 123 tasks of one cluster in pages of 50, others beside it.
func TestFind(t *testing.T) {
	moto := fault.StartMoto(t)
	cloud := ecsmoto.New(t, moto.URL)
	cloud.Page = 50
	web := cloud.Task(t, "main", "web", 120, "app", "proxy")
	ops := cloud.Task(t, "main", "ops", 3, "ops")
	other := cloud.Task(t, "other", "ops", 1, "ops")
	client := New(ecsmoto.Config(cloud.URL), time.Now)
	ctx := context.Background()
	for name, test := range map[string]struct {
		want Wanted
		n    int
	}{
		"all":                {Wanted{}, 120*2 + 3 + 1},
		"a cluster":          {Wanted{Cluster: "main"}, 120*2 + 3},
		"a container":        {Wanted{Cluster: "main", Container: "app"}, 120},
		"a service":          {Wanted{Cluster: "main", Service: "ops"}, 3},
		"a service anywhere": {Wanted{Service: "ops"}, 4},
		"a task":             {Wanted{Cluster: "main", Task: web[7]}, 2},
		"a task anywhere":    {Wanted{Task: other[0]}, 1},
		"the task's start":   {Wanted{Cluster: "main", Task: ops[0][:20]}, 1},
		"no such service":    {Wanted{Cluster: "main", Service: "none"}, 0},
		"no such task":       {Wanted{Cluster: "main", Task: strings.Repeat("0", 32)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := client.Find(ctx, test.want)
			must(t, err)
			if len(all) != test.n {
				t.Fatalf("%d containers, want %d", len(all), test.n)
			}
			seen := map[string]bool{}
			for _, c := range all {
				if !test.want.fits(c) || c.Problem != "" || c.Region != ecsmoto.Region || c.Account != ecsmoto.Account || seen[c.Target()+c.Container] {
					t.Errorf("%+v", c)
				}
				seen[c.Target()+c.Container] = true
			}
		})
	}
	t.Run("a whole id needs no list", func(t *testing.T) {
		before := cloud.Requests("ListTasks")
		if _, err := client.Find(ctx, Wanted{Cluster: "main", Task: web[0]}); err != nil || cloud.Requests("ListTasks") != before {
			t.Errorf("%v, %d lists", err, cloud.Requests("ListTasks")-before)
		}
	})
	t.Run("throttled", func(t *testing.T) {
		cloud.Fail("ListTasks", "ThrottlingException", "Rate exceeded", 2)
		before := cloud.Requests("ListTasks")
		if all, err := client.Find(ctx, Wanted{Cluster: "other"}); err != nil || len(all) != 1 || cloud.Requests("ListTasks") != before+3 {
			t.Errorf("%v, %v, %d requests", all, err, cloud.Requests("ListTasks")-before)
		}
	})
	t.Run("no such cluster", func(t *testing.T) {
		_, err := client.Find(ctx, Wanted{Cluster: "none"})
		if err == nil {
			t.Fatal("no error")
		}
		if why, _ := awserr.Explain(err, awserr.About{Cluster: "none", Region: ecsmoto.Region}); why != "there is no cluster none in ap-northeast-1" {
			t.Error(why)
		}
	})
	t.Run("services", func(t *testing.T) {
		var want []string
		for i := range 25 { // three requests: a description takes ten
			name := fmt.Sprintf("s%02d", i)
			cloud.Service(t, "main", name, "main-web")
			want = append(want, name)
		}
		all, err := client.Services(ctx, "main", Wanted{})
		must(t, err)
		var got []string
		for _, s := range all {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if one, err := client.Services(ctx, "main", Wanted{Service: "s03"}); err != nil || len(one) != 1 || one[0].Desired != 1 {
			t.Errorf("%+v, %v", one, err)
		}
	})
}
