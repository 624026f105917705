package attack

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// announces says that it was loaded. It starts nothing: that would load it, too.
const announces = "#include <stdio.h>\n__attribute__((constructor)) static void run(void) { printf(\"shell-%d\\n\", 6*7); fflush(stdout); }\n"

// TestLDPreload: the container's environment loads code into every program; none of it reaches a tool.
func TestLDPreload(t *testing.T) {
	lib := filepath.Join(library(t, "preload", announces), "preload.so")
	for _, name := range []string{"LD_PRELOAD", "LD_AUDIT"} {
		cmd := exec.Command("/usr/bin/true")
		cmd.Env = []string{name + "=" + lib}
		out, _ := cmd.CombinedOutput() //nolint:errcheck // its status doesn't matter
		if name == "LD_PRELOAD" && !strings.Contains(string(out), shellRan) {
			t.Errorf("%s doesn't work where nothing contains it: %s", name, out)
		}
		o := contained(t, how{exec: anything, env: []string{name + "=" + lib, "LD_LIBRARY_PATH=" + filepath.Dir(lib)}}, `puts ENV.keys.grep(/^LD_/).inspect; system("true")`)
		has(t, o.log, `\[\]`)
		_, session, _ := strings.Cut(o.log, "opsh: begin ") // before that, script and cat have loaded it, which write the log for the agent
		hasNot(t, session, shellRan)
	}
}

// TestLDPreloadInThePolicy: nor can a policy hand it through.
func TestLDPreloadInThePolicy(t *testing.T) {
	for _, name := range []string{"LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "RUBYOPT"} {
		policy(t, how{exec: none + fmt.Sprintf("\npass = [%q]", name)})
		out, err := exec.Command(world.place.Opsh, "-t").CombinedOutput()
		if err == nil || !strings.Contains(string(out), name) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
