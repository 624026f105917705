package attack

import "testing"

// TestPython: a language with everything.
func TestPython(t *testing.T) {
	for name, program := range map[string]string{
		"system":      `import os; os.system("` + payload + `")`,
		"subprocess":  `import subprocess; subprocess.call(["/bin/sh", "-c", "` + payload + `"])`,
		"pty":         `import pty; pty.spawn(["/bin/sh", "-c", "` + payload + `"])`,
		"execve":      `import os; os.execve("/bin/sh", ["sh", "-c", "` + payload + `"], {})`,
		"posix_spawn": `import os; os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "` + payload + `"], {}), 0)`,
		"ctypes": `import ctypes; c = ctypes.CDLL(None); a = (ctypes.c_char_p * 4)(b"sh", b"-c", b"` + payload + `", None); ` +
			`c.execve(b"/bin/sh", a, None)`,
	} {
		t.Run(name, func(t *testing.T) {
			trick{path: "/usr/bin/python3", args: []string{"-c", program}, list: true}.try(t)
		})
	}
}
