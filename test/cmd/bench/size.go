package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// stripped builds opsh's programs into a directory, without symbols and debugging data.
func stripped(dir string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", dir+"/", "opsh/cmd/opsh", "opsh/cmd/opsh-exec", "opsh/cmd/opsh-watch", "opsh/cmd/opsctl")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build opsh: %w\n%s", err, out)
	}
	return nil
}

// packaged is the size of what the package of a command puts on the disk, in KiB, without what it depends on.
func packaged(command string) (float64, error) {
	path, err := exec.LookPath(command)
	if err != nil {
		return 0, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return 0, err
	}
	owner, err := exec.Command("dpkg-query", "-S", path).Output()
	if err != nil {
		return 0, fmt.Errorf("no package has %s: %w", path, err)
	}
	name, _, _ := strings.Cut(string(owner), ":")
	size, err := exec.Command("dpkg-query", "-W", "-f", "${Installed-Size}", name).Output()
	if err != nil {
		return 0, err
	}
	var kib float64
	_, err = fmt.Sscan(string(size), &kib)
	return kib, err
}
