package policy

import (
	"strings"
	"testing"
)

const (
	alice = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPj9W7JCeb8ADfyqRRDsResRF0Sn1scBt52RhfAPJyJI alice"
	bob   = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGeUhxMihWq4iLlkwmNFOZX+JdMJV9ZO45hFwIflINnw bob"
)

var brokenApproval = []broken{
	one("approval true", inTool("approval = "+mark+"true"), "it must be a table"),
	{"approval empty", inTool("approval = " + mark + mark + "{}"), []string{"keys is missing", "signatures is missing"}},
	one("approval without a number", inTool("approval = "+mark+"{ keys = [\""+alice+"\"] }"), "signatures is missing"),
	one("approval without keys", inTool("approval = "+mark+"{ signatures = 1 }"), "keys is missing"),
	one("approval by no key", inTool("approval = { keys = "+mark+"[], signatures = 1 }"), "the list is empty"),
	one("approval by nobody", inTool("approval = { keys = [\""+alice+"\"], signatures = "+mark+"0 }"), "nobody would have to approve"),
	one("approval by more than there are", inTool("approval = { keys = [\""+alice+"\"], signatures = "+mark+"2 }"), "there are no more than 1"),
	one("approval by a number in quotes", inTool("approval = { keys = [\""+alice+"\"], signatures = "+mark+"\"1\" }"), "it must be a whole number"),
	one("approval by one key twice", inTool("approval = { keys = [\""+alice+"\", "+mark+"\""+strings.Replace(alice, "alice", "bob", 1)+"\"], signatures = 2 }"), "cannot use this key twice"),
	one("approval by a fingerprint", inTool("approval = { keys = ["+mark+"\"SHA256:abc\"], signatures = 1 }"), "it must be the line of an ssh-ed25519 public key"),
	one("approval by rsa", inTool("approval = { keys = ["+mark+"\"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ== x\"], signatures = 1 }"), "it must be the line"),
	one("approval by a short key", inTool("approval = { keys = ["+mark+"\""+alice[:60]+"\"], signatures = 1 }"), "it must be the line"),
	one("approval by two keys in a text", inTool("approval = { keys = ["+mark+"\""+alice+"\\n"+bob+"\"], signatures = 1 }"), "U+000A"),
	one("approval misspelt", inTool("approval = { keys = [\""+alice+"\"], "+mark+"signature = 1 }"), "approval has no such key"),
}

func TestApproval(t *testing.T) {
	for _, c := range []struct {
		text       string
		keys, need int
		comments   string
		says       string
	}{
		{"approval = { keys = [\"" + alice + "\"], signatures = 1 }", 1, 1, "alice", "a signature by alice"},
		{"approval = { keys = [\"" + alice + "\", \"" + bob + "\"], signatures = 1 }", 2, 1, "alice bob", "a signature by alice or bob"},
		{"approval = { keys = [\"" + strings.TrimSuffix(alice, " alice") + "\", \"" + bob + "\"], signatures = 2 }", 2, 2, " bob", "2 signatures by SHA256:Cd6KAT5RZgnS4bf2XnpL7z+yIPFTaq/arkkUWm7x3o4 or bob"},
	} {
		p := mustLoad(t, inTool(c.text))
		a := p.Tools[0].Approval
		if a == nil || len(a.Keys) != c.keys || a.Signatures != c.need {
			t.Fatalf("%s: %+v", c.text, a)
		}
		if got := a.String(); got != c.says {
			t.Errorf("%s: %s", c.text, got)
		}
		var comments []string
		for _, k := range a.Keys {
			comments = append(comments, k.Comment)
			if len(k.Blob) != 4+11+4+32 || !strings.Contains(k.Blob, "ssh-ed25519") {
				t.Errorf("%s: the key is %q", c.text, k.Blob)
			}
		}
		if got := strings.Join(comments, " "); got != c.comments {
			t.Errorf("%s: comments %q", c.text, got)
		}
	}
	if p := mustLoad(t, inTool("")); p.Tools[0].Approval != nil {
		t.Error("an approval that the policy doesn't have")
	}
}
